import type { ErrorObject } from 'ajv';
import validateFields from '../generated/validate-fields.js';
import { explain } from '../schema-problem.js';
import { inside, type Place, type PlacedFinding } from './document.js';
import { fillIn, ROW, type Variables } from './fill-in.js';
import type { RawFields } from './layers.js';
import type { Row } from './rows.js';

/** A shot's id and fields before, and after, a row is filled in. */
export interface Filled {
  readonly id: string;
  readonly fields: Record<string, unknown>;
  /** Fields that are written wrongly. */
  readonly unread: ReadonlySet<string>;
}

export interface FillRowOptions {
  /** Null for a shot without a table, in which no reference to a row can be filled in. */
  readonly row: Row | null;
  /** Counts the table's rows from 0. */
  readonly index: number;
  readonly origin: (field: string) => Place;
  readonly report: (finding: PlacedFinding) => void;
}

/** One row's shot: its references filled in, its texts turned into what their fields take, and checked. */
export function fillRow(shot: Filled, { row, index, origin, report }: FillRowOptions): Filled {
  const cells = [...(row ?? [])].map(([column, value]) => [`${ROW}${column}`, value] as const);
  const variables: Variables = new Map(cells);
  const fill = (field: string, value: unknown) =>
    fillIn(value, {
      variables,
      // All others were filled in, or told of, before.
      isLater: (name) => !name.startsWith(ROW),
      onUnknown: (path, finding) => {
        // What one row lacks, all do.
        if (index === 0) report({ place: inside(origin(field), ...path), ...finding });
      },
    });
  const fields = Object.entries(shot.fields).map(([field, value]) => [field, fill(field, value)] as const);
  if (!row) return { ...shot, id: String(fill('id', shot.id)), fields: Object.fromEntries(fields) };
  const typedFields = Object.fromEntries(fields.map(([field, value]) => [field, typed(field, value)]));
  const { sound, unread } = checkFields(typedFields, {
    about: `row ${index + 1} of the table`,
    origin,
    report,
  });
  const id = idOf(shot.id, { filled: String(fill('id', shot.id)).trim(), index });
  const isFit = /^[A-Za-z0-9_.-]{1,64}$/.test(id);
  if (!isFit) {
    const message = `the id ${JSON.stringify(id.slice(0, 64))} is no file name (row ${index + 1} of the table)`;
    report({
      place: origin('id'),
      code: 'SL101',
      message,
      hint: 'letters, digits, - and _, at most 64 of them',
    });
  }
  return { id, fields: sound, unread: new Set([...shot.unread, ...unread, ...(isFit ? [] : ['id'])]) };
}

/** A shot is named by its row where its id says how, else by the row's number. */
function idOf(written: string, { filled, index }: { filled: string; index: number }): string {
  return written.includes(`\${${ROW}`) ? filled : `${written}.row${index + 1}`;
}

function checkFields(
  fields: RawFields,
  { about, origin, report }: { about: string } & Pick<FillRowOptions, 'origin' | 'report'>,
): { sound: Record<string, unknown>; unread: ReadonlySet<string> } {
  const unread = new Set<string>();
  const problems = validateFields(fields) ? [] : explain(validateFields.errors as ErrorObject[]);
  for (const { path, about: target, message, hint } of problems) {
    const [field, ...rest] = path;
    unread.add(String(field));
    const place = inside(origin(String(field)), ...rest);
    report({ place, code: 'SL101', about: target, message: `${message} (${about})`, hint });
  }
  return {
    sound: Object.fromEntries(Object.entries(fields).filter(([field]) => !unread.has(field))),
    unread,
  };
}

const NUMBERS = ['duration', 'cfg_scale', 'takes', 'select'];
const BOOLEANS = ['audio', 'split'];

/** A table's cells are text; a field that takes a number, or true and false, gets one. */
function typed(field: string, value: unknown): unknown {
  if (field === 'segments' && Array.isArray(value)) {
    return value.map((segment: RawFields) =>
      segment.duration === undefined
        ? segment
        : { ...segment, duration: typed('duration', segment.duration) },
    );
  }
  if (typeof value !== 'string') return value;
  if (NUMBERS.includes(field) && /^\s*\d+(\.\d+)?\s*$/.test(value)) return Number(value);
  if (BOOLEANS.includes(field) && /^\s*(true|false)\s*$/i.test(value)) return /true/i.test(value);
  // An empty cell says nothing.
  return value.trim() === '' && field !== 'negative_prompt' ? null : value;
}
