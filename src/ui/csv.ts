import { visible } from './visible.js';

/** Byte order mark: spreadsheets recognise UTF-8 by it. Not for terminals. */
export const BYTE_ORDER_MARK = '\ufeff';

/** Content of a cell; null for an empty one. */
export type Cell = string | number | null;

/**
 * Places where a spreadsheet begins a formula: the start of a cell, and after a semicolon, because some spreadsheets
 * end a cell there whatever the separator of the file is. Characters of both widths (OWASP, CSV injection).
 */
const FORMULA = /(^|;)(['"\s]*)(?=[=+\-@＝＋－＠])/g;

/**
 * A table as CSV (RFC 4180, CRLF) that is safe to open in a spreadsheet: a text that would be a formula gets an
 * apostrophe before it, line breaks become spaces, and control characters become visible.
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
