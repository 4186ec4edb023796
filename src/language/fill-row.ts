import { inside, type Place, type PlacedFinding } from './document.js';
import { fillIn, mentionsRow, rowVariables, type Variables } from './fill-in.js';
import type { RawFields } from './layers.js';
import { fieldProblems } from './list-problems.js';
import type { Row } from './rows.js';

/** A shot's id and fields before, and after, a row is filled in. */
export interface Filled {
  readonly id: string;
  readonly fields: Record<string, unknown>;
  /** Fields that are written wrongly. */
  readonly invalid: ReadonlySet<string>;
}

export interface FillRowOptions {
  /** Null for a shot without a table, in which no reference to a row can be filled in. */
  readonly row: Row | null;
  /** The list's own variables, which a text that names a column may name too. */
  readonly variables: Variables;
  /** Counts the table's rows from 0. */
  readonly index: number;
  readonly origin: (field: string) => Place;
  readonly report: (finding: PlacedFinding) => void;
}

/** One row's shot: its references filled in, its texts turned into what their fields take, and checked. */
export async function fillRow(shot: Filled, options: FillRowOptions): Promise<Filled> {
  const { row, index, origin, report } = options;
  const variables = withRow(options.variables, row);
  const unfilled = new Set<string>();
  const fill = (field: string, value: unknown) =>
    fillIn(value, {
      variables,
      path: [field],
      // All others were filled in before.
      isLater: (text) => !mentionsRow(text),
      onUnknown: ([, ...path], finding) => {
        unfilled.add(field);
        // What one row lacks, all do.
        if (index === 0) report({ place: inside(origin(field), ...path), ...finding });
      },
    });
  const filled = Object.entries(shot.fields).map(([field, value]) => [field, fill(field, value)] as const);
  const fields = Object.fromEntries(filled.filter(([field]) => !unfilled.has(field)));
  const id = String(fill('id', shot.id)).trim();
  if (!row) return { id, fields, invalid: new Set([...shot.invalid, ...unfilled]) };
  const about = `row ${index + 1} of the table`;
  const said = Object.entries(fields).map(([field, value]) => [field, emptied(field, value)] as const);
  const { sound, invalid } = await checkFields(Object.fromEntries(said), { about, origin, report });
  // Without points: takes, parts and variants are told by those.
  if (!unfilled.has('id') && !shot.invalid.has('id') && !/^[A-Za-z0-9_-]{1,64}$/.test(id)) {
    unfilled.add('id');
    const message = `\`id\` must be letters, digits, - and _, at most 64 of them, is ${JSON.stringify(id.slice(0, 64))} (${about})`;
    report({ place: origin('id'), code: 'SL101', message });
  }
  return {
    // Where an id does not say how a row is named, its number does.
    id: mentionsRow(shot.id) ? id : `${id}.row${index + 1}`,
    fields: sound,
    invalid: new Set([...shot.invalid, ...invalid, ...unfilled]),
  };
}

/** Variables and a row's cells, which no variable can be called like. */
export function withRow(variables: Variables, row: Row | null): Variables {
  return row ? new Map([...variables, ...rowVariables(row)]) : variables;
}

async function checkFields(
  fields: RawFields,
  { about, origin, report }: { about: string } & Pick<FillRowOptions, 'origin' | 'report'>,
): Promise<{ sound: Record<string, unknown>; invalid: ReadonlySet<string> }> {
  const invalid = new Set<string>();
  for (const { path, about: target, message, hint } of await fieldProblems(fields)) {
    const [field, ...rest] = path;
    invalid.add(String(field));
    const place = inside(origin(String(field)), ...rest);
    report({ place, code: 'SL101', about: target, message: `${message} (${about})`, hint });
  }
  return {
    sound: Object.fromEntries(Object.entries(fields).filter(([field]) => !invalid.has(field))),
    invalid,
  };
}

/** An empty cell says nothing. */
function emptied(field: string, value: unknown): unknown {
  return typeof value === 'string' && value.trim() === '' && field !== 'negative_prompt' ? null : value;
}
