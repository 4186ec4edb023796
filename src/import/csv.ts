import { basename, dirname, extname, isAbsolute, join } from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import { Exit } from '../base/exit.js';
import { nearestWord, normalText } from '../base/text.js';
import {
  type ColumnField,
  type ColumnMap,
  type Columns,
  columnFields,
  findColumns,
  indexOfHeader,
} from './columns.js';
import { type CameraField, fewOf, type ImportedShot, type ImportResult } from './imported.js';
import { readText } from './read-text.js';

/** Rows that may hold the headers: a production's name and date often come above them. Our choice. */
const HEADER_ROWS = 10;

const CAMERA: readonly CameraField[] = ['size', 'angle', 'move', 'lens'];

/** Reads a table with one shot per row; paths of images start from the table's folder. */
export async function readCsv(file: string, { map }: { map: ColumnMap }): Promise<ImportResult> {
  const name = basename(file);
  const read = await readText(file);
  if (!read.ok) return read;
  const table = parseTable(read.text);
  if (!table.ok) {
    return { ok: false, exit: Exit.invalid, message: `${name}: ${table.message}`, hint: table.hint };
  }
  const found = findHeaders(table.rows, map);
  if ('message' in found)
    return { ok: false, exit: Exit.invalid, message: `${name} ${found.message}`, hint: found.hint };
  const { columns, row } = found;
  const shots = toShots(table.rows.slice(row + 1), { columns, folder: dirname(file) });
  if (shots.length === 0) {
    return { ok: false, exit: Exit.invalid, message: `${name} has headers and no shot below them` };
  }
  const unused = `Columns not used: ${fewOf(columns.unused)}; \`--map ${quotedForShell(`notes=${columns.unused[0]}`)}\` would.`;
  return {
    ok: true,
    imported: {
      title: basename(file, extname(file)),
      origin: name,
      aspect: null,
      shots,
      notices: columns.unused.length > 0 ? [unused] : [],
    },
  };
}

/** Finds the row of headers: the one with the most known columns. */
function findHeaders(
  rows: readonly (readonly string[])[],
  map: ColumnMap,
): { columns: Columns; row: number } | { message: string; hint: string } {
  const candidates = rows
    .slice(0, HEADER_ROWS)
    .map((cells, row) => ({ row, columns: findColumns(cells, map) }));
  const best = candidates.reduce(
    (a, b) => (b.columns.indexes.size > a.columns.indexes.size ? b : a),
    candidates[0] ?? NO_HEADERS,
  );
  const headers = rows[best.row] ?? [];
  const absent = [...map.values()].find((header) => indexOfHeader(headers, header) < 0);
  if (absent !== undefined) {
    const meant = nearestWord(absent, headers);
    const hint = meant === undefined ? `its columns are ${headers.join(', ')}` : `did you mean ${meant}?`;
    return { message: `has no column ${absent}`, hint };
  }
  if (best.columns.indexes.has('prompt') || best.columns.indexes.has('start_image')) return best;
  const shown = headers.filter((header) => header !== '').slice(0, 8);
  return {
    message: `has no column that says what happens or names an image; its first row is ${shown.join(', ')}`,
    hint: `say which is which, such as --map ${quotedForShell(`prompt=${shown[0] ?? 'Action'}`)}; the fields are ${columnFields.join(', ')}`,
  };
}

const NO_HEADERS = { row: 0, columns: findColumns([], new Map()) };

/** A header as a shell takes it: in double quotes if it has spaces. */
function quotedForShell(header: string): string {
  return /\s/.test(header) ? `"${header}"` : header;
}

function toShots(
  rows: readonly (readonly string[])[],
  { columns, folder }: { columns: Columns; folder: string },
): ImportedShot[] {
  const cellOf = (row: readonly string[], field: ColumnField): string =>
    row[columns.indexes.get(field) ?? -1]?.trim() ?? '';
  const labels = rows.map((row) => cellOf(row, 'id'));
  const scenes = rows.map((row) => cellOf(row, 'scene'));
  // If every scene counts its shots from 1, only the scene and the number together are unique.
  const repeated = new Set(labels).size < labels.length && scenes.some((scene) => scene !== '');
  return rows.map((row, index) => {
    const cell = (field: ColumnField): string => cellOf(row, field);
    const label = labels[index] || String(index + 1);
    return {
      name: repeated ? `${scenes[index]}-${label}` : label,
      ...(cell('scene') !== '' && { scene: cell('scene') }),
      ...(cell('start_image') !== '' && { startImage: imageFrom(cell('start_image'), folder) }),
      ...(cell('end_image') !== '' && { endImage: imageFrom(cell('end_image'), folder) }),
      ...lengthOf(cell('duration'), columns.unit),
      ...(cell('prompt') !== '' && { action: cell('prompt') }),
      ...(cell('dialogue') !== '' && { dialogue: cell('dialogue') }),
      ...cameraOf(cell),
      ...(cell('model') !== '' && { model: cell('model') }),
      ...(cell('notes') !== '' && { notes: cell('notes') }),
    };
  });
}

function lengthOf(text: string, unit: string): Pick<ImportedShot, 'seconds' | 'unreadLength'> {
  if (text === '') return {};
  const seconds = parseSeconds(text, unit);
  return seconds === null ? { unreadLength: text } : { seconds };
}

function cameraOf(cell: (field: CameraField) => string): Pick<ImportedShot, 'camera'> {
  const said = CAMERA.filter((field) => cell(field) !== '').map((field) => [field, cell(field)] as const);
  return said.length > 0 ? { camera: Object.fromEntries(said) } : {};
}

/** An absolute path, or the URL as it is. Tables from Windows separate folders by `\`. */
function imageFrom(reference: string, folder: string): string {
  if (/^[a-z]+:\/\//i.test(reference)) return reference;
  const path = reference.replaceAll('\\', '/');
  return isAbsolute(path) ? path : join(folder, path);
}

/** Rows of cells with normal texts, without empty rows; or a message that says why the text is not a table. */
type Table =
  | { readonly ok: true; readonly rows: readonly (readonly string[])[] }
  | { readonly ok: false; readonly message: string; readonly hint: string };

/** Characters that spreadsheets write between cells, the likeliest first. */
const SEPARATORS = [',', ';', '\t', '|'] as const;

/** Parses CSV as spreadsheets write it: any separator, quoted line breaks, rows of different lengths, quotes in cells. */
function parseTable(text: string): Table {
  try {
    const rows: string[][] = parse(text, {
      delimiter: separatorOf(text),
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      relax_quotes: true,
      skip_records_with_empty_values: true,
      trim: true,
    });
    return { ok: true, rows: rows.map((cells) => cells.map(normalText)) };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return { ok: false, ...explainCsv(error) };
  }
}

/** The most frequent separator of the first row, then of the first lines; characters inside quotes do not count. */
function separatorOf(text: string): string {
  const head = text.slice(0, 4096).replace(/"(?:[^"]|"")*"/g, '');
  const counts = SEPARATORS.map((separator) => ({ separator, count: head.split(separator).length - 1 }));
  // The first row decides, because the prose below it holds commas.
  const [first = ''] = head.trimStart().split(/\r?\n|\r/);
  const inFirst = (separator: string) => first.split(separator).length - 1;
  counts.sort((a, b) => inFirst(b.separator) - inFirst(a.separator) || b.count - a.count);
  return counts[0]?.separator ?? ',';
}

function explainCsv(error: CsvError): { message: string; hint: string } {
  const line = typeof error.lines === 'number' ? ` (line ${error.lines})` : '';
  return error.code === 'CSV_QUOTE_NOT_CLOSED'
    ? {
        message: `a quotation mark is opened and never closed${line}`,
        hint: 'inside a quoted cell a quotation mark is written twice: ""',
      }
    : { message: `this is not CSV${line}: ${error.message}`, hint: 'save the sheet as CSV (UTF-8)' };
}

/** Seconds per unit of a length. */
const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  s: 1,
  sec: 1,
  secs: 1,
  second: 1,
  seconds: 1,
  '"': 1,
  ms: 0.001,
  msec: 0.001,
  milliseconds: 0.001,
  m: 60,
  min: 60,
  mins: 60,
  minute: 60,
  minutes: 60,
};

/** Frames per second of a timecode's last part. A table does not say it; this is the rate of cinema. */
const FRAME_RATE = 24;

/**
 * Reads a length as people write it into a table, in seconds: `5`, `2,5`, `4.5 sec`, `800 ms`, `0:05`, `1:02:03`,
 * `00:00:05:12` with frames. Null for any other text, and for lengths of zero. `unit` is the unit of a bare number.
 */
export function parseSeconds(text: string, unit = ''): number | null {
  const trimmed = text.trim().toLowerCase();
  const seconds = /^\d{1,3}([:;]\d{1,2}(\.\d+)?){1,3}$/.test(trimmed)
    ? timecode(trimmed)
    : amount(trimmed, unit);
  return seconds !== null && Number.isFinite(seconds) && seconds > 0 ? seconds : null;
}

function timecode(text: string): number {
  const parts = text.split(/[:;]/).map(Number);
  const frames = parts.length === 4 ? (parts.pop() ?? 0) : 0;
  return parts.reduce((sum, part) => sum * 60 + part, 0) + frames / FRAME_RATE;
}

function amount(text: string, unit: string): number | null {
  // Half of the world writes a comma as the decimal sign.
  const match = /^(\d{1,7}(?:[.,]\d{1,6})?)\s*([a-z"]*)\.?$/.exec(text);
  if (!match) return null;
  const [, digits = '', written = ''] = match;
  const factor = UNITS[written === '' ? unit : written];
  return factor === undefined ? null : Number(digits.replace(',', '.')) * factor;
}
