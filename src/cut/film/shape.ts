import { type AvcConfig, writeAvcConfig } from '../../media/avc-config.js';
import { type ClipPictures, pictureCount } from '../../media/clip-pictures.js';
import { type FrameRate, rateText, sameRate } from '../../media/frame-rate.js';

/** What all of a film is: its size in pixels, and its rate. */
export interface FilmShape {
  readonly width: number;
  readonly height: number;
  readonly rate: FrameRate;
}

/**
 * The size and rate that most clips have, the first of them where several are as many; null without clips. Clips whose
 * pictures come unevenly have no rate to speak of, and count only where there are no others. Pure.
 */
export function shapeOf(clips: readonly ClipPictures[]): FilmShape | null {
  const even = clips.filter(({ isEven }) => isEven);
  const shapes = mostOften(
    even.length > 0 ? even : clips,
    ({ width, height, rate }) => `${width}x${height} ${rateText(rate)}`,
    () => 1,
  );
  const [first] = shapes;
  // H.264 in 4:2:0 has no odd sides.
  return first ? { width: evenly(first.width), height: evenly(first.height), rate: first.rate } : null;
}

/** More kinds of encoding than these are not weighed against each other. */
const MOST_CONFIGS = 4;

/**
 * What clips may have in common for their pictures to stand in one track as they are: the parameter sets of those that
 * have this shape, those of most pictures first. Pure.
 */
export function commonConfigs(clips: readonly ClipPictures[], shape: FilmShape): readonly AvcConfig[] {
  const fitting = clips.flatMap((clip) =>
    clip.avc !== null && whyNotFitting(clip, shape) === null ? [{ ...clip, avc: clip.avc }] : [],
  );
  const kinds = mostOften(fitting, ({ avc }) => configText(avc), pictureCount);
  return kinds.slice(0, MOST_CONFIGS).map(({ avc }) => avc);
}

/** Why a clip's pictures cannot be taken as they are, in words; null where they can. Pure. */
export function whyNotCopied(
  clip: ClipPictures,
  { shape, config }: { readonly shape: FilmShape; readonly config: AvcConfig | null },
): string | null {
  const why = whyNotFitting(clip, shape);
  if (why !== null) return why;
  if (clip.codec !== 'avc') return `its pictures are ${codecName(clip.codec)}; the film is H.264`;
  if (clip.avc === null) return 'its H.264 is of a kind that few players take';
  if (config === null) return 'no clip can be copied';
  return configText(clip.avc) === configText(config) ? null : 'it was encoded in another way than most clips';
}

function whyNotFitting(clip: ClipPictures, { width, height, rate }: FilmShape): string | null {
  if (clip.width !== width || clip.height !== height) {
    return `${clip.width}×${clip.height}, fitted into ${width}×${height}`;
  }
  if (!clip.isEven) return `its frames come unevenly, brought to ${rateWords(rate)} a second`;
  if (!sameRate(clip.rate, rate))
    return `${rateWords(clip.rate)} frames a second, brought to ${rateWords(rate)}`;
  return null;
}

/** Whether a clip's pictures come at the film's rate, whatever their size. */
export function isInTime(clip: ClipPictures, { rate }: FilmShape): boolean {
  return clip.isEven && sameRate(clip.rate, rate);
}

/** As people write it: `24`, `23.976`. */
export function rateWords({ num, den }: FrameRate): string {
  return String(Number((num / den).toFixed(3)));
}

const CODECS: Readonly<Record<string, string>> = { hevc: 'HEVC', av1: 'AV1', vp9: 'VP9', vp8: 'VP8' };

function codecName(codec: string): string {
  return CODECS[codec] ?? codec;
}

export function configText(config: AvcConfig): string {
  return Buffer.from(writeAvcConfig(config)).toString('hex');
}

/** One of each kind, the heaviest kind first, and of those as heavy the earliest. */
function mostOften<T>(items: readonly T[], kindOf: (item: T) => string, weigh: (item: T) => number): T[] {
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
