import { EMS_PER_SIZE, type Size } from '../media/ass.js';
import { wrapText } from '../media/wrap-text.js';
import type { AnimaticShot } from './shot.js';

/** Positions and sizes of the captions of a shot, in pixels of the frame. */
export interface CaptionLayout {
  readonly frame: Size;
  readonly margin: Size;
  /** Size of all text except prompts. */
  readonly small: number;
  /** Prompt of each segment. */
  readonly prompts: readonly TextBlock[];
  /** Heights of the shades at the upper and at the lower edge. */
  readonly top: number;
  readonly bottom: number;
  /** Part of a shade in which it changes from clear to dark. */
  readonly ramp: number;
}

/** Lines of text, one under the other. */
export interface TextBlock {
  readonly lines: readonly string[];
  readonly size: number;
  /** Distance from one line to the next. */
  readonly leading: number;
}

/** Sizes of a prompt at 720p: the largest in which all of it fits is used. */
const PROMPT_SIZES = [34, 30, 26] as const;
/** Largest share of the height of the frame for a prompt. */
const TALLEST = 0.23;

/** Frame of a shot: it has the shape of the start image. */
export function frameOf(shot: AnimaticShot): Size {
  return frameFor(shot.start.kind === 'stored' ? shot.start : SLATE);
}

/** Lays out the captions of a shot. All segments have one size: another size would look like an emphasis. */
export function captionLayout(shot: AnimaticShot): CaptionLayout {
  const frame = frameOf(shot);
  const unit = Math.min(frame.width, frame.height) / 720;
  // Text is within the middle 90 percent, the title-safe area of SMPTE ST 2046-1.
  const margin = { width: Math.round(frame.width * 0.05), height: Math.round(frame.height * 0.05) };
  const small = Math.round(20 * unit);
  const prompts = setPrompts(shot, {
    unit,
    width: frame.width - 2 * margin.width,
    height: frame.height * TALLEST,
  });
  const tallest = Math.max(...prompts.map(({ lines, leading }) => lines.length * leading));
  return {
    frame,
    margin,
    small,
    prompts,
    top: even(margin.height + small * 4),
    ramp: small * 4,
    // Above the text: the line of the label, and the ramp of the shade.
    bottom: even(Math.min(frame.height, margin.height + tallest + small * 6)),
  };
}

function setPrompts(
  shot: AnimaticShot,
  { unit, width, height }: Size & { readonly unit: number },
): readonly TextBlock[] {
  const attempts = PROMPT_SIZES.map((points) => {
    const size = Math.round(points * unit);
    const leading = Math.round(size * 1.2);
    const box = { ems: width / (size * EMS_PER_SIZE), lines: Math.floor(height / leading) };
    const blocks = shot.segments.map(({ prompt }) => ({ ...wrapText(prompt, box), size, leading }));
    return { blocks, isWhole: blocks.every((block) => block.isWhole) };
  });
  return (attempts.find(({ isWhole }) => isWhole) ?? attempts.at(-1))?.blocks ?? [];
}

/** Even length: chroma has half the resolution, and overlays must begin and end on its pixels. */
function even(length: number): number {
  return Math.round(length / 2) * 2;
}

/** Position and size of a picture in a frame. */
export interface Placement extends Size {
  readonly x: number;
  readonly y: number;
}

/** Pixels of a frame: about as many for every shape, so that all shots take the same time to render. */
const AREA = 1280 * 720;
const LONGEST = 1280;
/** Widest aspect of a frame: a more extreme board gets bars, because captions need room. */
const WIDEST = 2.5;

/** Size of the card for a remote picture, whose shape is unknown. */
const SLATE: Size = { width: 1280, height: 720 };

/** Frame for a board of a shape: about 720p, no side longer than 1280, both sides even. */
export function frameFor(board: Size): Size {
  const aspect = Math.min(WIDEST, Math.max(1 / WIDEST, board.width / board.height));
  const width = Math.min(LONGEST, Math.sqrt(AREA * aspect), LONGEST * aspect);
  return { width: even(width), height: even(width / aspect) };
}

/** Placement of the whole picture in the middle of the frame, as large as possible, without bars of a few pixels. */
export function place(picture: Size, frame: Size): Placement {
  const scale = Math.min(frame.width / picture.width, frame.height / picture.height);
  const width = snap(picture.width * scale, frame.width);
  const height = snap(picture.height * scale, frame.height);
  return { width, height, x: (frame.width - width) / 2, y: (frame.height - height) / 2 };
}

/** Length of a side, stretched over a bar of less than a hundredth, which would look like a mistake. */
function snap(length: number, side: number): number {
  return length > side * 0.99 ? side : Math.max(2, even(length));
}
