/** Pictures a second, exactly: `num / den`, such as 24000 / 1001. */
export interface FrameRate {
  readonly num: number;
  readonly den: number;
}

/** What video is made in: film, PAL and NTSC (whose rates are a thousandth slower than they are called). */
const COMMON: readonly FrameRate[] = [
  ...[24, 25, 30, 48, 50, 60].map((num) => ({ num, den: 1 })),
  ...[24_000, 30_000, 60_000].map((num) => ({ num, den: 1001 })),
];

/** 24 and 23.976 are a thousandth apart; files whose times are in milliseconds miss their rate by a fraction of that. */
const CLOSE = 0.0004;

/** The rate that is meant by a measured one: a common one where it is close, else a whole number of pictures. */
export function exactRate(measured: number): FrameRate {
  const near = COMMON.find((rate) => Math.abs(measured / perSecond(rate) - 1) < CLOSE);
  return near ?? { num: Math.max(1, Math.round(measured)), den: 1 };
}

export function perSecond({ num, den }: FrameRate): number {
  return num / den;
}

/** The picture that is nearest to a time in seconds. */
export function frameAt(seconds: number, { num, den }: FrameRate): number {
  return Math.round((seconds * num) / den);
}

/** Seconds at which a picture begins. */
export function secondsAt(frame: number, { num, den }: FrameRate): number {
  return (frame * den) / num;
}

export function sameRate(one: FrameRate, other: FrameRate): boolean {
  return one.num * other.den === other.num * one.den;
}

/** As ffmpeg reads it, `24000/1001`. */
export function rateText({ num, den }: FrameRate): string {
  return `${num}/${den}`;
}
