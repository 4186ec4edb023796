import { FRAME_RATE, framesIn } from './timing.js';

/** Frames in which the captions fade before the last one. */
export const FADE_OUT = 6;

/**
 * When all captions are gone, seconds: a frame before the end. The last frame is clean, so that what goes on from it
 * starts from a picture and not from its lettering.
 */
export function captionsEnd(seconds: number): number {
  return (framesIn(seconds) - 1) / FRAME_RATE;
}

/** How much of the captions is there in a frame, counted from 0: all of it until the fade, none in the last. */
export function captionStrength(frame: number, seconds: number): number {
  return Math.min(1, Math.max(0, (framesIn(seconds) - 1 - frame) / FADE_OUT));
}

/** ASS tag that fades what lasts until `captionsEnd`. */
export const FADE_TAG = `\\fad(0,${Math.round((FADE_OUT / FRAME_RATE) * 1000)})`;
