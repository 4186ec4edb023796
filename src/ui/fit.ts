import cliTruncate from 'cli-truncate';
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/** Indentation of a line that belongs to the line above it. */
export const INDENT = '  ';

/** Least room for wrapped text, columns: in less, nearly every word would be broken. */
const LEAST_ROOM = 12;

/** Side of a text that is cut off; the ellipsis is there. */
export type CutSide = 'start' | 'end';

/** Width of a text on a terminal, columns. */
export function textWidth(text: string): number {
  // Plain ASCII, the usual case, needs no measuring character by character.
  return /^[ -~]*$/.test(text) ? text.length : stringWidth(text);
}

/** Text cut to a width in terminal columns, with an ellipsis where it was cut. */
export function cut(text: string, width: number, position: CutSide = 'end'): string {
  if (width < 1) return '';
  if (textWidth(text) <= width) return text;
  const short = cliTruncate(text, width, { position });
  // cli-truncate keeps a wide character whole, which may be one column too many.
  return textWidth(short) > width ? cliTruncate(text, width - 1, { position }) : short;
}

/** Text wrapped between words; lines after the first are indented. */
export function wrap(text: string, width: number, indent = INDENT): string {
  if (!Number.isFinite(width)) return text;
  const room = Math.max(LEAST_ROOM, width - indent.length);
  return wrapAnsi(text, room, { hard: true, trim: false }).replace(/ *\n */g, `\n${indent}`);
}

/** Width of the widest text, terminal columns; 0 for none. */
export function widest(texts: readonly string[]): number {
  return texts.reduce((width, text) => Math.max(width, textWidth(text)), 0);
}

/** Text filled up with spaces to a width in terminal columns. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - textWidth(text)));
  return align === 'right' ? space + text : text + space;
}
