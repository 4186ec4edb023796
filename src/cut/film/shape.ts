import { type AvcConfig, writeAvcConfig } from '../../media/avc-config.js';
import { type ClipPictures, pictureCount } from '../../media/clip-pictures.js';
import { type FrameRate, rateText, sameRate } from '../../media/frame-rate.js';

/** Size of a film in pixels, and its frame rate. */
export interface FilmShape {
  readonly width: number;
  readonly height: number;
  readonly rate: FrameRate;
}

/**
 * Most frequent size and rate of the clips, the earliest in a tie; null without clips. Clips with an uneven rate count only
 * if there are no others. Pure.
 */
export function shapeOf(clips: readonly ClipPictures[]): FilmShape | null {
  const even = clips.filter(({ isEven }) => isEven);
  const shapes = byWeight(
    even.length > 0 ? even : clips,
    ({ width, height, rate }) => `${width}x${height} ${rateText(rate)}`,
    () => 1,
  );
  const [first] = shapes;
  // H.264 in 4:2:0 needs even sides.
  return first ? { width: evenly(first.width), height: evenly(first.height), rate: first.rate } : null;
}

/** Maximum of H.264 configurations that are compared. */
const MAX_CONFIGS = 4;

/**
 * H.264 configurations of the clips that have this shape, those with the most frames first. Clips can be copied into one
 * track only if they have the same configuration. Pure.
 */
export function commonConfigs(clips: readonly ClipPictures[], shape: FilmShape): readonly AvcConfig[] {
  const fitting = clips.flatMap((clip) =>
    clip.avc !== null && whyNotFitting(clip, shape) === null ? [{ ...clip, avc: clip.avc }] : [],
  );
  const kinds = byWeight(fitting, ({ avc }) => configText(avc), pictureCount);
  return kinds.slice(0, MAX_CONFIGS).map(({ avc }) => avc);
}

/** Reason why the frames of a clip cannot be copied; null if they can. Pure. */
export function whyNotCopied(
  clip: ClipPictures,
  { shape, config }: { readonly shape: FilmShape; readonly config: AvcConfig | null },
): string | null {
  const why = whyNotFitting(clip, shape);
  if (why !== null) return why;
  if (clip.codec !== 'avc') return `its pictures are ${codecName(clip.codec)}; the film is H.264`;
  if (clip.avc === null) return 'its H.264 is of a kind that few players support';
  if (config === null) return 'no clip can be copied';
  return configText(clip.avc) === configText(config) ? null : 'it was encoded differently from most clips';
}

function whyNotFitting(clip: ClipPictures, { width, height, rate }: FilmShape): string | null {
  if (clip.width !== width || clip.height !== height) {
    return `${clip.width}×${clip.height}, fitted into ${width}×${height}`;
  }
  if (!clip.isEven) return `its frames come unevenly, brought to ${formatRate(rate)} a second`;
  if (!sameRate(clip.rate, rate))
    return `${formatRate(clip.rate)} frames a second, brought to ${formatRate(rate)}`;
  return null;
}

/** True if a clip has the frame rate of the film. */
export function hasRate(clip: ClipPictures, { rate }: FilmShape): boolean {
  return clip.isEven && sameRate(clip.rate, rate);
}

/** Formats a frame rate: `24`, `23.976`. */
export function formatRate({ num, den }: FrameRate): string {
  return String(Number((num / den).toFixed(3)));
}

const CODECS: Readonly<Record<string, string>> = { hevc: 'HEVC', av1: 'AV1', vp9: 'VP9', vp8: 'VP8' };

function codecName(codec: string): string {
  return CODECS[codec] ?? codec;
}

/** A configuration as text, for comparisons. */
export function configText(config: AvcConfig): string {
  return Buffer.from(writeAvcConfig(config)).toString('hex');
}

/** One item of each kind, by the total weight of the kind; ties keep their order. */
function byWeight<T>(items: readonly T[], kindOf: (item: T) => string, weigh: (item: T) => number): T[] {
  const kinds = new Map<string, { item: T; weight: number }>();
  for (const item of items) {
    const kind = kinds.get(kindOf(item)) ?? { item, weight: 0 };
    kinds.set(kindOf(item), { ...kind, weight: kind.weight + weigh(item) });
  }
  return [...kinds.values()].toSorted((a, b) => b.weight - a.weight).map(({ item }) => item);
}

function evenly(length: number): number {
  return Math.max(2, length - (length % 2));
}
