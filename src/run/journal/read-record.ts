import type { ErrorObject } from 'ajv';
import { explain } from '../../base/schema-problem.js';
import validate from '../../generated/validate-journal.js';
import type { JournalRecord } from './record.js';

/** What a line of the journal says, or why it cannot be used. */
export type ReadRecord =
  | { readonly ok: true; readonly record: JournalRecord }
  | { readonly ok: false; readonly problem: string };

const TYPES: ReadonlySet<unknown> = new Set([
  'open',
  'submitting',
  'refused',
  'submitted',
  'completed',
  'downloaded',
  'looked',
  'failed',
  'cancelling',
  'cancelled',
  'lost',
  'resolved',
  'spent',
]);

/**
 * Reads one line of a journal, trusting nothing: the structure is `schemas/journal.schema.json`'s.
 * A record of a later version is refused too, because leaving it out could send a paid shot again.
 */
export function readRecord(line: string): ReadRecord {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { ok: false, problem: 'it is not JSON' };
  }
  const problem = problemOf(value);
  return problem === null ? { ok: true, record: value as JournalRecord } : { ok: false, problem };
}

/** What the journal's schema has against a value; null when a reader will understand it. */
export function problemOf(value: unknown): string | null {
  const version = versionProblem(value);
  if (version !== null) return version;
  if (validate(value)) return null;
  const [first] = explain((validate.errors ?? []) as ErrorObject[]);
  return first?.message ?? 'it is not a record of this journal';
}

function versionProblem(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return 'it is not a record';
  const { v, type } = value as { v?: unknown; type?: unknown };
  const newer = 'a newer version of Shotlist wrote it; use that version here';
  if (v !== undefined && v !== 1) return `its version is ${JSON.stringify(v)?.slice(0, 20)}: ${newer}`;
  if (typeof type === 'string' && !TYPES.has(type)) {
    return `its type is ${JSON.stringify(type.slice(0, 40))}: ${newer}`;
  }
  return null;
}
