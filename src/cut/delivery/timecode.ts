import type { FrameRate } from '../../media/frame-rate.js';

/** A timecode as editing programs count it. */
export interface Timecode {
  /** `01:00:00:00`, or `01:00:00;00` for drop-frame. */
  readonly text: string;
  /** Number of the frame, from 0. */
  readonly frame: number;
  readonly isDropFrame: boolean;
}

/** Frame numbers in a second of timecode: 24 for 23.976. */
export function timebase({ num, den }: FrameRate): number {
  return Math.round(num / den);
}

/**
 * Reads a timecode `HH:MM:SS:FF`; `;` before the frames means drop-frame (SMPTE ST 12-1). A string says what is wrong with
 * the timecode.
 */
export function readTimecode(text: string, rate: FrameRate): Timecode | string {
  const [, hours, minutes, seconds, sign, frames] =
    /^(\d\d):([0-5]\d):([0-5]\d)([:;])(\d\d)$/.exec(text) ?? [];
  if (frames === undefined || Number(hours) > 23) return `${text} is not a timecode such as 01:00:00:00`;
  const base = timebase(rate);
  if (Number(frames) >= base)
    return `${text} has a frame number that does not exist: a second has ${base} frames`;
  const minute = Number(hours) * 60 + Number(minutes);
  const counted = (minute * 60 + Number(seconds)) * base + Number(frames);
  if (sign === ':') return { text, frame: counted, isDropFrame: false };
  if (rate.den === 1 || base % 30 !== 0)
    return `${text} is drop-frame, which exists only at 29.97 and 59.94; the film has ${base}`;
  // Drop-frame skips two numbers a minute at 29.97 and four at 59.94, except every tenth minute.
  const dropped = base / 15;
  if (Number(minutes) % 10 !== 0 && seconds === '00' && Number(frames) < dropped) {
    return `${text} is one of the numbers that are dropped`;
  }
  return { text, frame: counted - dropped * (minute - Math.floor(minute / 10)), isDropFrame: true };
}
