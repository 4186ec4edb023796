import { CsvError, parse } from 'csv-parse/sync';

/** Rows of cells, trimmed; rows without any text are left out. */
export type Table =
  | { readonly ok: true; readonly rows: readonly (readonly string[])[] }
  | { readonly ok: false; readonly message: string; readonly hint: string };

/** What spreadsheets put between cells, the likeliest first. */
const SEPARATORS = [',', ';', '\t', '|'] as const;

/** Reads CSV as spreadsheets write it: whichever separator, quoted line breaks, ragged rows, a quote inside a cell. */
export function readTable(text: string): Table {
  try {
    const rows: string[][] = parse(text, {
      bom: true,
      delimiter: separatorOf(text),
      relax_column_count: true,
      relax_quotes: true,
      skip_records_with_empty_values: true,
      trim: true,
    });
    return { ok: true, rows };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return { ok: false, ...wordsFor(error) };
  }
}

/** The separator that the first lines agree on: the one that is most often there, outside quotation marks. */
function separatorOf(text: string): string {
  const head = text.slice(0, 4096).replace(/"(?:[^"]|"")*"/g, '');
  const counts = SEPARATORS.map((separator) => ({ separator, count: head.split(separator).length - 1 }));
  // Prose holds commas: a line's worth of another separator in the first line weighs more.
  const [first = ''] = head.trimStart().split(/\r?\n|\r/);
  const inFirst = (separator: string) => first.split(separator).length - 1;
  counts.sort((a, b) => inFirst(b.separator) - inFirst(a.separator) || b.count - a.count);
  return counts[0]?.separator ?? ',';
}

function wordsFor(error: CsvError): { message: string; hint: string } {
  const line = typeof error.lines === 'number' ? ` (line ${error.lines})` : '';
  return error.code === 'CSV_QUOTE_NOT_CLOSED'
    ? {
        message: `a quotation mark is opened and never closed${line}`,
        hint: 'inside a quoted cell a quotation mark is written twice: ""',
      }
    : { message: `this is not CSV${line}: ${error.message}`, hint: 'save the sheet as CSV (UTF-8)' };
}
