import type { Model } from '../models/model.js';
import type { Cost } from './submission.js';

/** What that many seconds of video cost at the model's rate, or one video does; null where nobody has published it. */
export function costOf(
  { price }: Pick<Model, 'price'>,
  { seconds, audio }: { seconds: number; audio: boolean },
): Cost {
  if (price.per_video !== undefined) return { usd: price.per_video, rate: null, date: price.date };
  const rate = audio ? price.audio : price.silent;
  return { usd: rate === null ? null : roundUsd(rate * seconds), rate, date: price.date };
}

/** What the sound of that many seconds adds, USD; null where unknown. */
export function audioCost({ price }: Pick<Model, 'price'>, seconds: number): number | null {
  if (price.audio === null || price.silent === null) return null;
  return roundUsd((price.audio - price.silent) * seconds);
}

/** The sum of amounts in USD. */
export function addUsd(amounts: Iterable<number>): number {
  let total = 0;
  for (const amount of amounts) total += amount;
  return roundUsd(total);
}

/** Rounds away what binary fractions leave, to a hundredth of a cent: rates have three decimals. */
function roundUsd(usd: number): number {
  return Math.round(usd * 10_000) / 10_000;
}
