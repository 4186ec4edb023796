/** Frames a second of an animatic: film's, and the usual rate of the models it stands for. */
export const FRAME_RATE = 24;

/** Pictures in a video of so many whole seconds. */
export function framesIn(seconds: number): number {
  return seconds * FRAME_RATE;
}

/** A stretch of time, seconds from the start of the video. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** When the start image dissolves into the end image: late, and over before the end, so the end can be seen. */
export function dissolveIn(seconds: number): Stretch {
  return { from: seconds * 0.5, to: seconds * 0.85 };
}

/** When each segment is on, one after another from 0. */
export function stretches(segments: readonly { readonly seconds: number }[]): readonly Stretch[] {
  let from = 0;
  return segments.map(({ seconds }) => {
    const stretch = { from, to: from + seconds };
    from = stretch.to;
    return stretch;
  });
}
