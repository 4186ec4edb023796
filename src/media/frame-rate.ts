/** Exact pictures per second: `num / den`, such as 24000 / 1001. */
export interface FrameRate {
  readonly num: number;
  readonly den: number;
}

/** Usual rates: film, PAL and NTSC, whose rates are a thousandth slower than their names. */
const COMMON: readonly FrameRate[] = [
  { num: 24, den: 1 },
  { num: 25, den: 1 },
  { num: 30, den: 1 },
  { num: 48, den: 1 },
  { num: 50, den: 1 },
  { num: 60, den: 1 },
  { num: 24_000, den: 1001 },
  { num: 30_000, den: 1001 },
  { num: 60_000, den: 1001 },
];

/** Largest relative error of a measured rate: 24 and 23.976 differ by a thousandth; times in milliseconds cause a fraction of that. */
const CLOSE = 0.0004;

/** Exact rate for a measured one: a usual rate that is close to it, else a whole number. */
export function exactRate(measured: number): FrameRate {
  const near = COMMON.find((rate) => Math.abs(measured / perSecond(rate) - 1) < CLOSE);
  return near ?? { num: Math.max(1, Math.round(measured)), den: 1 };
}

/** Rate as a number, pictures per second. */
export function perSecond({ num, den }: FrameRate): number {
  return num / den;
}

/** Index of the picture nearest to a time in seconds. */
export function frameAt(seconds: number, { num, den }: FrameRate): number {
  return Math.round((seconds * num) / den);
}

/** Time at which a picture begins, seconds. */
export function secondsAt(frame: number, { num, den }: FrameRate): number {
  return (frame * den) / num;
}

/** True if two rates are equal. */
export function sameRate(one: FrameRate, other: FrameRate): boolean {
  return one.num * other.den === other.num * one.den;
}

/** Rate as ffmpeg reads it, `24000/1001`. */
export function rateText({ num, den }: FrameRate): string {
  return `${num}/${den}`;
}
