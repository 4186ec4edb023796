import type { Model } from '../models/model.js';

/** USD by the model's published rates; null where there are none. */
export function priceOf(
  { price }: Model,
  shot: { readonly seconds: number; readonly audio: boolean },
): number | null {
  if (price.per_video !== undefined) return price.per_video;
  const surcharged = price.silent === null ? null : price.silent * (1 + (price.audio_surcharge ?? 0));
  const rate = shot.audio ? (price.audio ?? surcharged) : price.silent;
  return rate === null ? null : Math.round(rate * shot.seconds * 1e6) / 1e6;
}
