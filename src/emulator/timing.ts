/** Frames per second of an animatic: the rate of film and of most models. */
export const FRAME_RATE = 24;

/** Number of frames in a video of a length in whole seconds. */
export function framesIn(seconds: number): number {
  return seconds * FRAME_RATE;
}

/** A stretch of time, seconds from the start of the video. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

/** Time of the dissolve from the start image to the end image: late, but over before the end, so that the end image is visible. */
export function dissolveIn(seconds: number): TimeSpan {
  return { from: seconds * 0.5, to: seconds * 0.85 };
}

/** Time of each segment, one after another from 0. */
export function segmentTimes(segments: readonly { readonly seconds: number }[]): readonly TimeSpan[] {
  let from = 0;
  return segments.map(({ seconds }) => {
    const span = { from, to: from + seconds };
    from = span.to;
    return span;
  });
}

/** Number of frames in which the captions fade, before the last frame. */
export const FADE_OUT = 6;

/**
 * End of the captions, seconds: one frame before the end. The last frame has no text, so that a shot that is chained to
 * it starts from the picture alone.
 */
export function captionsEnd(seconds: number): number {
  return (framesIn(seconds) - 1) / FRAME_RATE;
}

/** Opacity of the captions in a frame, counted from 0: 1 before the fade, 0 in the last frame. */
export function captionStrength(frame: number, seconds: number): number {
  return Math.min(1, Math.max(0, (framesIn(seconds) - 1 - frame) / FADE_OUT));
}

/** ASS tag that fades text out before `captionsEnd`. */
export const FADE_TAG = `\\fad(0,${Math.round((FADE_OUT / FRAME_RATE) * 1000)})`;
