import type { Size } from '../media/ass.js';

/** Where a picture goes in a frame. */
export interface Placement extends Size {
  readonly x: number;
  readonly y: number;
}

/** Pixels of a 1280×720 frame, which every other shape has about as many of, so that all take as long to render. */
const AREA = 1280 * 720;
const LONGEST = 1280;
/** A board more extreme than this gets bars: captions need room. */
const WIDEST = 2.5;

/** What a remote picture is drawn as, its own shape being unknown. */
export const SLATE: Size = { width: 1280, height: 720 };

/** The video's frame for a board of that shape: about 720p, no side longer than 1280, both sides even. */
export function frameFor(board: Size): Size {
  const aspect = Math.min(WIDEST, Math.max(1 / WIDEST, board.width / board.height));
  const width = Math.min(LONGEST, Math.sqrt(AREA * aspect), LONGEST * aspect);
  return { width: even(width), height: even(width / aspect) };
}

/** The whole picture, as large as the frame allows, in its middle. Rounding never leaves a hairline bar. */
export function place(picture: Size, frame: Size): Placement {
  const scale = Math.min(frame.width / picture.width, frame.height / picture.height);
  const width = snap(picture.width * scale, frame.width);
  const height = snap(picture.height * scale, frame.height);
  return { width, height, x: (frame.width - width) / 2, y: (frame.height - height) / 2 };
}

/** Bars below one hundredth of the side look like a mistake; the picture is stretched by that little instead. */
function snap(length: number, side: number): number {
  return length > side * 0.99 ? side : Math.max(2, even(length));
}

function even(length: number): number {
  return Math.round(length / 2) * 2;
}
