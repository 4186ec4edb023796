import cliTruncate from 'cli-truncate';
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/** What stands before a line that belongs to the one above it. */
export const INDENT = '  ';

/** On a screen narrower than this, longer lines read better than a word broken everywhere. */
const LEAST_ROOM = 12;

/** Which side of a text gives way; the ellipsis stands there. */
export type CutSide = 'start' | 'end';

/** The columns of a text on a terminal. */
export function textWidth(text: string): number {
  // Most are plain, and in a table of ten thousand rows it shows when each of them is looked at sign by sign.
  return /^[ -~]*$/.test(text) ? text.length : stringWidth(text);
}

/** Text within a width in terminal columns, ending (or beginning) with an ellipsis where it had to be cut. */
export function cut(text: string, width: number, position: CutSide = 'end'): string {
  if (width < 1) return '';
  if (textWidth(text) <= width) return text;
  const short = cliTruncate(text, width, { position });
  // Where the cut falls within a wide character, cli-truncate keeps it whole, one column too many.
  return textWidth(short) > width ? cliTruncate(text, width - 1, { position }) : short;
}

/** Text broken between words, with what follows set in so that the next beginning is easy to find. */
export function wrap(text: string, width: number, indent = INDENT): string {
  if (!Number.isFinite(width)) return text;
  const room = Math.max(LEAST_ROOM, width - indent.length);
  return wrapAnsi(text, room, { hard: true, trim: false }).replace(/ *\n */g, `\n${indent}`);
}

/** The width of the widest text, in terminal columns; 0 for none. */
export function widest(texts: readonly string[]): number {
  return texts.reduce((width, text) => Math.max(width, textWidth(text)), 0);
}

/** Fills up with spaces to a width in terminal columns. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - textWidth(text)));
  return align === 'right' ? space + text : text + space;
}
