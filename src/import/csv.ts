import { basename, dirname, extname, isAbsolute, join } from 'node:path';
import { Exit } from '../base/exit.js';
import { nearest } from '../base/text.js';
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
import { parseSeconds } from './seconds.js';
import { readTable } from './table.js';

/** A production's name and date often stand above the headers; further down a row of words is a shot. */
const HEADER_ROWS = 10;

const CAMERA: readonly CameraField[] = ['size', 'angle', 'move', 'lens'];

/** Reads a table with a shot in each row; images are named from the table's own folder. */
export async function readCsv(file: string, { map }: { map: ColumnMap }): Promise<ImportResult> {
  const name = basename(file);
  const read = await readText(file);
  if (!read.ok) return read;
  const table = readTable(read.text);
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
  const unused = `Columns not used: ${fewOf(columns.unused)}; \`--map ${quotable(`notes=${columns.unused[0]}`)}\` would.`;
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

/** The row of headers is the one in which most columns are recognised. */
function findHeaders(
  rows: readonly (readonly string[])[],
  map: ColumnMap,
): { columns: Columns; row: number } | { message: string; hint: string } {
  const candidates = rows
    .slice(0, HEADER_ROWS)
    .map((cells, row) => ({ row, columns: findColumns(cells, map) }));
  const best = candidates.reduce(
    (a, b) => (b.columns.at.size > a.columns.at.size ? b : a),
    candidates[0] ?? none,
  );
  const headers = rows[best.row] ?? [];
  const absent = [...map.values()].find((header) => indexOfHeader(headers, header) < 0);
  if (absent !== undefined) {
    const meant = nearest(absent, headers);
    const hint = meant === undefined ? `its columns are ${headers.join(', ')}` : `did you mean ${meant}?`;
    return { message: `has no column ${absent}`, hint };
  }
  if (best.columns.at.has('prompt') || best.columns.at.has('start_image')) return best;
  const shown = headers.filter((header) => header !== '').slice(0, 8);
  return {
    message: `has no column that says what happens or names an image; its first row is ${shown.join(', ')}`,
    hint: `say which is which, such as --map ${quotable(`prompt=${shown[0] ?? 'Action'}`)}; the fields are ${columnFields.join(', ')}`,
  };
}

const none = { row: 0, columns: findColumns([], new Map()) };

function quotable(header: string): string {
  return /\s/.test(header) ? `"${header}"` : header;
}

function toShots(
  rows: readonly (readonly string[])[],
  { columns, folder }: { columns: Columns; folder: string },
): ImportedShot[] {
  const cellOf = (row: readonly string[], field: ColumnField): string =>
    row[columns.at.get(field) ?? -1]?.trim() ?? '';
  const labels = rows.map((row) => cellOf(row, 'id'));
  const scenes = rows.map((row) => cellOf(row, 'scene'));
  // Where each scene counts its shots from 1, only both together name one.
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

/** An absolute path, or the URL as it is. Windows writes `\`, which is a separator in no name of a board. */
function imageFrom(reference: string, folder: string): string {
  if (/^[a-z]+:\/\//i.test(reference)) return reference;
  const path = reference.replaceAll('\\', '/');
  return isAbsolute(path) ? path : join(folder, path);
}
