import { readFileSync, realpathSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { parse as parseCsv } from 'csv-parse/sync';
import { isInside } from '../base/files.js';
import type { Finding } from './diagnostic.js';
import { outsideTree, pathProblem } from './files.js';
import type { Variable } from './fill-in.js';

/** One row of a table: values by column. */
export type Row = ReadonlyMap<string, Variable>;

/** Largest table read, bytes. */
const LARGEST = 32 * 1024 * 1024;

/**
 * Reads the table that `each` names: a CSV file whose first line names the columns, or a JSON file that is a list of
 * maps. A finding says why it cannot.
 */
export function readRows(
  reference: string,
  { folder, tree }: { folder: string; tree: string },
): readonly Row[] | Finding {
  const text = readTableText(reference, { folder, tree });
  if (typeof text !== 'string') return text;
  const rows = extname(reference).toLowerCase() === '.json' ? jsonRows(text) : csvRows(text);
  if (typeof rows === 'string') return { code: 'SL221', message: `${reference}: ${rows}` };
  if (rows.length === 0) return { code: 'SL221', message: `${reference} has no rows` };
  return rows;
}

function readTableText(
  reference: string,
  { folder, tree }: { folder: string; tree: string },
): string | Finding {
  const code = 'SL221';
  const wrong = pathProblem(reference);
  if (wrong) return wrong;
  if (!isInside(join(folder, reference), tree)) return outsideTree(reference);
  if (!/\.(csv|tsv|json)$/i.test(reference)) {
    return {
      code,
      message: `${reference} is not a table`,
      hint: 'it is a .csv, .tsv or .json file beside the list',
    };
  }
  try {
    const path = realpathSync.native(join(folder, reference));
    if (!isInside(path, tree)) return outsideTree(reference);
    const stats = statSync(path);
    if (!stats.isFile()) return { code, message: `${reference} is not a file` };
    if (stats.size > LARGEST) return { code, message: `${reference} is larger than 32 MiB` };
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    const { code: reason, message } = error as NodeJS.ErrnoException;
    if (reason === 'ENOENT' || reason === 'ENOTDIR')
      return { code, message: `there is no file ${reference}` };
    if (error instanceof TypeError)
      return { code, message: `${reference} is not UTF-8 text`, hint: 'save it as UTF-8' };
    return { code, message: `${reference} cannot be read: ${message}` };
  }
}

/** Rows of a CSV table; a string is the reason why it cannot be read. */
function csvRows(text: string): readonly Row[] | string {
  try {
    const records: string[][] = parseCsv(text, {
      bom: true,
      delimiter: delimiterOf(text),
      trim: true,
      // Spreadsheets write empty rows, and empty cells at the end of a row.
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      relax_column_count: true,
    });
    const [columns = [], ...rows] = records;
    const named = columns.filter((column) => column !== '');
    const twice = named.find((column, index) => named.indexOf(column) !== index);
    if (twice !== undefined) return `the column \`${twice}\` appears twice`;
    const long = rows.findIndex((cells) => cells.slice(columns.length).some((cell) => cell !== ''));
    if (long >= 0)
      return `row ${long + 1} has more cells than there are columns; quote a cell with a comma in it`;
    return rows.map(
      (cells) => new Map(named.map((column) => [column, cells[columns.indexOf(column)] ?? ''])),
    );
  } catch (error) {
    return (error as Error).message;
  }
}

/** The character that separates most cells of the header: a comma, a semicolon (where decimals have commas) or a tab. */
function delimiterOf(text: string): string {
  const header = text.slice(0, text.search(/\r?\n|$/));
  const count = (character: string) => header.split(character).length;
  return [',', ';', '\t'].reduce((best, other) => (count(other) > count(best) ? other : best));
}

function jsonRows(text: string): readonly Row[] | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return (error as Error).message;
  }
  if (!Array.isArray(value)) return 'it is not a list of maps';
  const wrong = value.findIndex((item) => typeof item !== 'object' || item === null || Array.isArray(item));
  if (wrong >= 0) return `row ${wrong + 1} is not a map`;
  const columns = columnsOf(value);
  return value.map((item: Record<string, unknown>) => {
    const cell = (column: string) => (Object.hasOwn(item, column) ? ((item[column] ?? '') as Variable) : '');
    return new Map(columns.map((column) => [column, cell(column)]));
  });
}

/** Names of all columns; without those that hold lists or maps, because a text cannot hold those. */
function columnsOf(rows: readonly object[]): readonly string[] {
  const columns = new Set<string>();
  const nested = new Set<string>();
  for (const row of rows) {
    for (const [column, cell] of Object.entries(row)) {
      columns.add(column);
      if (typeof cell === 'object' && cell !== null) nested.add(column);
    }
  }
  return [...columns].filter((column) => !nested.has(column));
}
