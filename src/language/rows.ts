import { readFileSync, realpathSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { parse as parseCsv } from 'csv-parse/sync';
import { isMap, isScalar, isSeq } from 'yaml';
import { isInside } from '../base/files.js';
import { hiddenCharacters } from '../base/hidden-characters.js';
import { normalText } from '../base/text.js';
import { type Diagnostic, type Finding, Lines, toDiagnostic } from './diagnostic.js';
import { parseYaml } from './document.js';
import { type Variable, variableName } from './fill-in.js';
import { keyOf } from './read-value.js';
import { outsideTree, pathAsOnDisk, pathProblem } from './references.js';
import { textWarnings, type Writing } from './text-warnings.js';

/** One row of a table: values by column, with normal texts. */
export type Row = ReadonlyMap<string, Variable>;

/** A table, and warnings about the texts of its cells. */
export interface Table {
  readonly rows: readonly Row[];
  readonly warnings: readonly CellWarning[];
}

/** A warning about one cell. */
export interface CellWarning {
  readonly column: string;
  readonly diagnostic: Diagnostic;
}

/** A cell as it is written, with its place as offsets into the text of the table. */
interface WrittenCell {
  readonly column: string;
  readonly from: number;
  readonly to: number;
  readonly writing: Writing;
}

/** Largest table read, bytes. */
const LARGEST = 32 * 1024 * 1024;

/**
 * Reads the table that `each` names: a CSV file whose first line names the columns, or a JSON file that is a list of
 * maps. A finding says why it cannot. `shown` is the list's folder as the user named it.
 */
export function readTable(
  reference: string,
  { folder, tree, shown }: { folder: string; tree: string; shown: string },
): Table | Finding {
  const text = readTableText(reference, { folder, tree });
  if (typeof text !== 'string') return text;
  const isJson = extname(reference).toLowerCase() === '.json';
  const rows = isJson ? jsonRows(text) : csvRows(text);
  if (typeof rows === 'string') return { code: 'SL221', message: `${reference}: ${rows}` };
  if (rows.length === 0) return { code: 'SL221', message: `${reference} has no rows` };
  // Most tables need no warning, and their cells need no second look. In JSON, `\n` is a line break.
  const isClean = hiddenCharacters(text).length === 0 && (isJson || !text.includes('\\n'));
  const cells = isClean ? [] : isJson ? jsonCells(text) : csvCells(text);
  return { rows, warnings: cellWarnings(cells, { file: join(shown, reference), text }) };
}

function cellWarnings(
  cells: readonly WrittenCell[],
  { file, text }: { file: string; text: string },
): readonly CellWarning[] {
  const lines = new Lines(text);
  return cells.flatMap(({ column, from, to, writing }) =>
    textWarnings(text.slice(from, to), writing).map((warning): CellWarning => {
      const range = lines.range(from + warning.from, from + warning.to);
      const message = `column \`${column}\`: ${warning.message}`;
      return { column, diagnostic: toDiagnostic(range, file, { ...warning, message }) };
    }),
  );
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
    const path = realpathSync.native(join(folder, pathAsOnDisk(reference, folder)));
    if (!isInside(path, tree)) return outsideTree(reference);
    const stats = statSync(path);
    if (!stats.isFile()) return { code, message: `${reference} is not a file` };
    if (stats.size > LARGEST) return { code, message: `${reference} is larger than 32 MiB` };
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
    if (text.includes('\0'))
      return { code, message: `${reference} is not UTF-8 text`, hint: 'save it as UTF-8' };
    return text;
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
      delimiter: delimiterOf(text),
      // A file that was edited on two systems may have both.
      record_delimiter: ['\r\n', '\n', '\r'],
      trim: true,
      // Spreadsheets write empty rows, and empty cells at the end of a row.
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      relax_column_count: true,
    });
    const [header = [], ...rows] = records;
    const columns = header.map(variableName);
    const named = columns.filter((column) => column !== '');
    const twice = named.find((column, index) => named.indexOf(column) !== index);
    if (twice !== undefined) return `the column \`${twice}\` appears twice`;
    const long = rows.findIndex((cells) => cells.slice(columns.length).some((cell) => cell !== ''));
    if (long >= 0)
      return `row ${long + 1} has more cells than there are columns; quote a cell with a comma in it`;
    return rows.map(
      (cells) => new Map(named.map((column) => [column, normalText(cells[columns.indexOf(column)] ?? '')])),
    );
  } catch (error) {
    return (error as Error).message;
  }
}

/** The character that separates most cells of the header: a comma, a semicolon (where decimals have commas) or a tab. */
function delimiterOf(text: string): string {
  const header = text.slice(0, text.search(/[\r\n]|$/));
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
    const value = (written: Variable) => (typeof written === 'string' ? normalText(written) : written);
    return new Map(columns.map((column) => [variableName(column), value(cell(column))]));
  });
}

/** The cells of a table in CSV below its header, as they are written, quotes included. */
function csvCells(text: string): readonly WrittenCell[] {
  const delimiter = delimiterOf(text);
  const quoted = `"[^"]*(?:""[^"]*)*"`;
  const cell = new RegExp(`[^\\S\\r\\n${delimiter}]*(?:${quoted})?[^${delimiter}\\r\\n]*`, 'y');
  const rows: { from: number; to: number }[][] = [];
  for (let from = 0, row: (typeof rows)[number] = []; from < text.length; ) {
    cell.lastIndex = from;
    const to = from + (cell.exec(text)?.[0].length ?? 0);
    row.push({ from, to });
    from = to + 1;
    if (text[to] === delimiter) continue;
    if (text.slice(row[0]?.from, to).trim() !== '') rows.push(row);
    row = [];
  }
  const [header = [], ...others] = rows;
  const columns = header.map(({ from, to }) =>
    variableName(text.slice(from, to).trim().replace(/^"|"$/g, '')),
  );
  return others.flatMap((row) =>
    row.map((place, index) => ({ column: columns[index] ?? '', ...place, writing: 'cell' as const })),
  );
}

/** The texts of a table in JSON, as they are written; JSON is YAML, whose parser knows the places. */
function jsonCells(text: string): readonly WrittenCell[] {
  const { contents } = parseYaml(text);
  const pairs = isSeq(contents) ? contents.items.flatMap((row) => (isMap(row) ? row.items : [])) : [];
  return pairs.flatMap((pair) => {
    const { value } = pair;
    if (!isScalar(value) || typeof value.value !== 'string' || !value.range) return [];
    const [from, to] = value.range;
    return [{ column: variableName(keyOf(pair)), from, to, writing: 'double-quoted' as const }];
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
