import type { ErrorObject } from 'ajv';
import { explain } from '../../base/schema-problem.js';
import validate from '../../generated/validate-journal.js';
import type { Check } from '../../manifest/manifest.js';
import type { MediaFacts } from '../../media/facts.js';
import type { RecordedSubmission } from '../../plan/submission.js';

/** One line of `journal.ndjson`. The first is `open`; all others belong to one attempt at one content key. */
export type JournalRecord = OpenRecord | AttemptRecord;

export interface OpenRecord {
  readonly v: 1;
  readonly type: 'open';
  /** The API's origin, or `local`. */
  readonly service: string;
}

export type AttemptRecord =
  | SubmittingRecord
  | RefusedRecord
  | SubmittedRecord
  | CompletedRecord
  | DownloadedRecord
  | LookedRecord
  | FailedRecord
  | CancellingRecord
  | CancelledRecord
  | LostRecord
  | ResolvedRecord
  | SpentRecord;

interface Attempt {
  /** UTC, ISO 8601 with milliseconds. */
  readonly at: string;
  readonly key: string;
  /** Counts this key's POSTs from 1. */
  readonly attempt: number;
}

/** On disk before the POST leaves. Holds all that the manifest needs, should the shot leave the list. */
export interface SubmittingRecord extends Attempt {
  readonly type: 'submitting';
  readonly submission: RecordedSubmission;
  /** A person wants it rendered again although its clip is here: the only way past a clip that is done. */
  readonly again?: true;
  /** How often it had failed before, where a manifest knows that and the journal has no records of it. */
  readonly failures?: number;
}

/** Nothing was accepted by this attempt: a 4xx (429 too), or the connection was never made. */
export interface RefusedRecord extends Attempt {
  readonly type: 'refused';
  readonly status: number | null;
  readonly code: string | null;
  readonly message: string;
}

export interface SubmittedRecord extends Attempt {
  readonly type: 'submitted';
  readonly request_id: string;
}

/** The service is done; `outputs` are where the videos are. */
export interface CompletedRecord extends Attempt {
  readonly type: 'completed';
  readonly outputs: readonly string[];
  /** USD as the service reported it. */
  readonly cost: number | null;
}

/** The clip is on disk, synced, and is a video. One record per output. */
export interface DownloadedRecord extends Attempt {
  readonly type: 'downloaded';
  readonly url: string;
  /** Relative to the run directory, with forward slashes. */
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly media: MediaFacts;
}

/** A clip was compared with what was asked for. Says something of the clip with these bytes alone, or of none that is here. */
export interface LookedRecord extends Attempt, Check {
  readonly type: 'looked';
  /** Null for what was no video, and was not kept. */
  readonly sha256: string | null;
  /** With null: where that was. */
  readonly url?: string;
}

/** The service says it failed, or cancelled it without our asking. */
export interface FailedRecord extends Attempt {
  readonly type: 'failed';
  readonly code: string | null;
  readonly message: string;
  /** USD as the service reported it; estimated, where it did not. */
  readonly cost?: number | null;
}

/** We are about to ask for it to be cancelled: should the answer be lost, it was still by us. */
export interface CancellingRecord extends Attempt {
  readonly type: 'cancelling';
}

/** By us, and confirmed. */
export interface CancelledRecord extends Attempt {
  readonly type: 'cancelled';
}

/** Whether it was accepted, or what became of it, is not known. */
export interface LostRecord extends Attempt {
  readonly type: 'lost';
  readonly status: number | null;
  readonly code: string | null;
  readonly message: string;
}

/** What a person decided about an unknown submission. */
export interface ResolvedRecord extends Attempt {
  readonly type: 'resolved';
  readonly as: 'accepted' | 'resubmit' | 'given-up';
  /** With `accepted`. */
  readonly request_id?: string;
}

/** What attempts cost that the journal has no records of: taken from a manifest, so that a budget still holds. */
export interface SpentRecord extends Attempt {
  readonly type: 'spent';
  /** USD: of all attempts but the one that the key's state tells of. */
  readonly usd: number;
  /** How many of them have no known cost. */
  readonly unknown: number;
}

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
