import stringWidth from 'string-width';
import type { Range } from '../language/diagnostic.js';
import { cut, INDENT } from './fit.js';
import type { Paint } from './paint.js';
import { visible } from './visible.js';

export interface CodeFrameOptions {
  /** The line of text the range begins on, without its line break. */
  readonly text: string;
  readonly range: Range;
  /** Terminal columns to fit in. */
  readonly width: number;
  readonly paint: Paint;
  /** Colours the carets. */
  readonly mark: (text: string) => string;
}

/** Less than this shows nothing useful, however narrow the terminal. */
const LEAST_WIDTH = 16;

/** Characters on either side: more than a frame shows, while measuring a line of a megabyte would take seconds. */
const MOST_MEASURED = 1000;

/**
 * The line a problem is on, with carets under it: two lines of text. A line too long for the width is cut around
 * the place; a range of several lines is marked to the end of its first.
 */
export function codeFrame({ text, range, width, paint, mark }: CodeFrameOptions): string[] {
  const gutter = `${range.line} | `;
  const room = Math.max(LEAST_WIDTH, width - gutter.length - INDENT.length);
  const start = Math.min(range.column - 1, text.length);
  const end =
    range.endLine > range.line ? text.length : Math.min(Math.max(range.endColumn - 1, start), text.length);
  const parts = cutAround(
    {
      before: show(text.slice(Math.max(0, start - MOST_MEASURED), start)),
      marked: show(text.slice(start, Math.min(end, start + MOST_MEASURED))),
      after: show(text.slice(end).slice(0, MOST_MEASURED)),
    },
    room,
  );
  const carets = '^'.repeat(Math.max(1, stringWidth(parts.marked)));
  const under = `${' '.repeat(gutter.length - 2)}| `;
  return [
    `${INDENT}${paint.dim(gutter)}${parts.before}${parts.marked}${parts.after}`,
    `${INDENT}${paint.dim(under)}${' '.repeat(stringWidth(parts.before))}${mark(carets)}`,
  ];
}

interface Parts {
  readonly before: string;
  readonly marked: string;
  readonly after: string;
}

function cutAround({ before, marked, after }: Parts, room: number): Parts {
  const [left, middle, right] = [stringWidth(before), stringWidth(marked), stringWidth(after)];
  if (left + middle + right <= room) return { before, marked, after };
  // A third of the room for what leads up to the place, or all that the rest of the line leaves.
  const lead = Math.min(left, Math.max(Math.floor(room / 3), room - middle - right));
  const rest = room - lead;
  return {
    before: cut(before, lead, 'start'),
    marked: cut(marked, rest),
    after: cut(after, rest - middle),
  };
}

/** Source text as a terminal can show it; a tab is two columns everywhere, so that carets stand right. */
function show(text: string): string {
  return visible(text.replaceAll('\t', '  '));
}
