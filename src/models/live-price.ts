import type { Price } from './model.js';

/** What the live catalog says of a model's price. */
export interface LivePrice {
  /** USD. */
  readonly basePriceUsd: number | null;
  /** `second` or `output`. */
  readonly priceUnit: string | null;
  /** Free text; the only place where it says what sound changes, so it is shown and never read. */
  readonly pricingNote: string | null;
}

/**
 * The live price in the form of a model's file; null where it is not said, or in a unit nobody knows. The base price
 * is taken for the silent rate; sound costs as much more, as a share, as it did in the `known` price, and is unknown
 * where that does not say either. `date` is the day it was asked, YYYY-MM-DD.
 */
export function readLivePrice(
  live: LivePrice,
  { known, date }: { known?: Price; date: string },
): Price | null {
  const base = live.basePriceUsd;
  if (base === null) return null;
  const seen = { date, source: "RunComfy's live catalog" };
  const surcharge = known?.audio_surcharge === undefined ? {} : { audio_surcharge: known.audio_surcharge };
  if (live.priceUnit === 'output')
    return { silent: null, audio: null, ...surcharge, per_video: base, ...seen };
  if (live.priceUnit !== 'second') return null;
  const share = audioShare(known);
  return { silent: base, audio: share === null ? null : rounded(base * share), ...surcharge, ...seen };
}

/** What a second with sound costs, as a multiple of a silent one; null where nothing says. */
function audioShare(known: Price | undefined): number | null {
  if (known?.silent && known.audio !== null) return known.audio / known.silent;
  return known?.audio_surcharge === undefined ? null : 1 + known.audio_surcharge;
}

/** Rates have three or four decimals; the rest is what binary fractions leave. */
function rounded(usd: number): number {
  return Math.round(usd * 1e5) / 1e5;
}
