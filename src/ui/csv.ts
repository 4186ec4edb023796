import { visible } from './visible.js';

/** By this mark spreadsheets tell that a file is UTF-8; on a terminal it has no place. */
export const MARK = '\ufeff';

/** A cell: text, a number, or nothing. */
export type Cell = string | number | null;

/**
 * Where a spreadsheet begins a formula: at the start of a cell, and, since some take a semicolon for the end of one
 * whatever the file is written with, after each of those. Both widths of the signs (OWASP, CSV injection).
 */
const FORMULA = /(^|;)(['"\s]*)(?=[=+\-@＝＋－＠])/g;

/**
 * A table as CSV (RFC 4180, CRLF), for people who open it in a spreadsheet. Text stays text: what would be a formula
 * gets an apostrophe before it, line breaks become spaces, and control characters are shown.
 */
export function formatCsv(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [header, ...rows].map((cells) => `${cells.map(cellText).join(',')}\r\n`).join('');
}

function cellText(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = visible(cell.replace(/\s+/g, ' ').trim()).replace(FORMULA, "$1$2'");
  return /[",;]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
