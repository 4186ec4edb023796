import { EMS_PER_SIZE, type Size } from '../media/ass.js';
import { wrapText } from '../media/wrap-text.js';
import { frameFor, SLATE } from './frame.js';
import type { AnimaticShot } from './shot.js';

/** Where the captions of a shot go and how large they are, in pixels of the frame. */
export interface CaptionLayout {
  readonly frame: Size;
  readonly margin: Size;
  /** Size of all that is not a prompt. */
  readonly small: number;
  /** Each segment's prompt. */
  readonly prompts: readonly TextBlock[];
  /** Height of what must be darkened, from the frame's upper edge and from its lower. */
  readonly top: number;
  readonly bottom: number;
  /** Of that, how much the shade needs to begin in. */
  readonly ramp: number;
}

/** Lines of text, one under the other. */
export interface TextBlock {
  readonly lines: readonly string[];
  readonly size: number;
  /** From one line to the next. */
  readonly leading: number;
}

/** Sizes a prompt may be set in at 720p: the largest in which it can be read whole. */
const PROMPT_SIZES = [34, 30, 26] as const;
/** Share of the frame's height that a prompt may take. */
const TALLEST = 0.23;

/** The frame a shot is rendered in: its start image's shape. */
export function frameOf(shot: AnimaticShot): Size {
  return frameFor(shot.start.kind === 'stored' ? shot.start : SLATE);
}

/** Lays out a shot's captions. All segments are set in one size: a change of size would look like a change of weight. */
export function captionLayout(shot: AnimaticShot): CaptionLayout {
  const frame = frameOf(shot);
  const unit = Math.min(frame.width, frame.height) / 720;
  // Text stays within the middle 90 percent: the title-safe area of SMPTE ST 2046-1.
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
    // Above the text: the label's line, and as much again for the shade to begin in.
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

/** Chroma has half the resolution: what is laid over the picture begins and ends on whole pixels of it. */
function even(length: number): number {
  return Math.round(length / 2) * 2;
}
