import { cut, INDENT, pad, textWidth, widest, wrap } from './fit.js';
import { createPaint } from './paint.js';
import { visible } from './visible.js';

/** A column of a table. */
export interface Column {
  readonly title: string;
  /** Right for numbers; left unless given. */
  readonly align?: 'left' | 'right';
  /** Least width, columns, to which cells may be cut with an ellipsis if the table is too wide; uncut unless given. */
  readonly shrinkTo?: number;
}

/** Content of a table, and the screen to fit. */
export interface TableOptions {
  readonly columns: readonly Column[];
  /** Cells in the order of the columns. */
  readonly rows: readonly (readonly string[])[];
  /** Last row, of totals, in bold. */
  readonly footer?: readonly string[];
  /** Terminal columns to fit in; `Infinity` to cut nothing. */
  readonly width: number;
  readonly color: boolean;
}

const GAP = '  ';

/**
 * An aligned table that fits the width. Wide columns are cut where they allow it; if that is not enough, each row
 * becomes a block of `title  value` lines. Ends with a newline; empty without rows.
 */
export function formatTable(options: TableOptions): string {
  const { columns, rows, footer, width } = options;
  if (rows.length === 0) return '';
  const safe = rows.map((row) => row.map(visible));
  const total = footer?.map(visible);
  const widths = shrink(columns, naturalWidths(columns, [...safe, ...(total ? [total] : [])]), width);
  const lines =
    widths === null ? blocks(options, safe, total) : aligned(options, { rows: safe, total, widths });
  return `${lines.join('\n')}\n`;
}

function naturalWidths(columns: readonly Column[], rows: readonly (readonly string[])[]): number[] {
  const widths = columns.map(({ title }) => textWidth(title));
  for (const row of rows) {
    for (const [at, text] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, textWidth(text));
  }
  return widths;
}

/** Widths that fit: the widest column that may shrink loses one column at a time. Null if no widths fit. */
function shrink(columns: readonly Column[], natural: readonly number[], width: number): number[] | null {
  const widths = [...natural];
  const least = columns.map(({ shrinkTo }, index) => Math.min(shrinkTo ?? Infinity, natural[index] ?? 0));
  let excess = widths.reduce((sum, each) => sum + each, GAP.length * (widths.length - 1)) - width;
  while (excess > 0) {
    const candidates = [...widths.keys()].filter((at) => (widths[at] ?? 0) > (least[at] ?? 0));
    const next = candidates.sort((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0))[0];
    if (next === undefined) return null;
    widths[next] = (widths[next] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}

interface Layout {
  readonly rows: readonly (readonly string[])[];
  readonly total: readonly string[] | undefined;
  readonly widths: readonly number[];
}

function aligned({ columns, color }: TableOptions, { rows, total, widths }: Layout): string[] {
  const paint = createPaint(color);
  const line = (cells: readonly string[]) =>
    columns
      .map(({ align }, index) => cell(cells[index] ?? '', widths[index] ?? 0, align))
      .join(GAP)
      .trimEnd();
  const titles = paint.dim(line(columns.map(({ title }) => title)));
  return [titles, ...rows.map(line), ...(total ? [paint.bold(line(total))] : [])];
}

function cell(text: string, width: number, align: Column['align']): string {
  return pad(cut(text, width), width, align);
}

/** One block per row, with its first cell as heading; long values are wrapped, not cut. */
function blocks(
  { columns, width, color }: TableOptions,
  rows: readonly (readonly string[])[],
  total: readonly string[] | undefined,
): string[] {
  const paint = createPaint(color);
  const titles = columns.slice(1).map(({ title }) => title);
  const titleWidth = widest(titles);
  const under = ' '.repeat(INDENT.length + titleWidth + GAP.length);
  const block = ([heading = '', ...values]: readonly string[]) => [
    paint.bold(heading),
    ...titles.flatMap((title, index) => {
      const value = values[index] ?? '';
      if (value === '') return [];
      return [`${INDENT}${paint.dim(pad(title, titleWidth))}${GAP}${wrap(value, width, under)}`];
    }),
  ];
  return [...rows, ...(total ? [total] : [])].flatMap(block);
}
