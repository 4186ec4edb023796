import type { ErrorObject } from 'ajv';
import { explainSchemaErrors } from '../../base/schema-problem.js';
import validate from '../../generated/validate-journal.js';
import type { Check } from '../../manifest/manifest.js';
import type { MediaFacts } from '../../media/facts.js';
import type { RecordedSubmission } from '../../plan/submission.js';

/** One line of `journal.ndjson`. The first is `open`; each other line belongs to one attempt at one content key. */
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
  /** Number of the POST for this key, from 1. */
  readonly attempt: number;
}

/** Record that is on disk before the POST leaves. It has all that the manifest needs if the shot leaves the list. */
export interface SubmittingRecord extends Attempt {
  readonly type: 'submitting';
  readonly submission: RecordedSubmission;
  /** A person wants it rendered again although its clip is here. Only this may follow a clip that is done. */
  readonly again?: true;
  /** Number of earlier failures that a manifest names and the journal has no records of. */
  readonly failures?: number;
}

/** The service did not accept this attempt: a 4xx (429 too), or the connection was never made. */
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

/** The service has rendered it; `outputs` are the URLs of the videos. */
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

/** Result of inspecting a clip. It is about the clip with these bytes, or about a download that was no video. */
export interface LookedRecord extends Attempt, Check {
  readonly type: 'looked';
  /** Null for a download that was no video and was not kept. */
  readonly sha256: string | null;
  /** With a null `sha256`: the URL of that download. */
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

/** We are about to ask the service to cancel it. If the answer is lost, a later `cancelled` is still by us. */
export interface CancellingRecord extends Attempt {
  readonly type: 'cancelling';
}

/** The service confirms that it cancelled it, because we asked. */
export interface CancelledRecord extends Attempt {
  readonly type: 'cancelled';
}

/** The answer, or the result, of this attempt is not known. */
export interface LostRecord extends Attempt {
  readonly type: 'lost';
  readonly status: number | null;
  readonly code: string | null;
  readonly message: string;
}

/** Decision of a person about an unknown submission. */
export interface ResolvedRecord extends Attempt {
  readonly type: 'resolved';
  readonly as: 'accepted' | 'resubmit' | 'given-up';
  /** With `accepted`. */
  readonly request_id?: string;
}

/** Cost of attempts that the journal has no records of, from a manifest, so that a budget still holds. */
export interface SpentRecord extends Attempt {
  readonly type: 'spent';
  /** USD of all attempts except the one that the key's state describes. */
  readonly usd: number;
  /** Number of these attempts without a known cost. */
  readonly unknown: number;
}

/** The record in a line of the journal, or the reason why it cannot be used. */
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
 * Reads one line of a journal of unknown origin; its structure is in `schemas/journal.schema.json`. A record of a later
 * version is a problem too, because leaving it out could send a paid shot again.
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

/** Problem that the journal's schema finds in a value; null for a valid record. */
export function problemOf(value: unknown): string | null {
  const version = versionProblem(value);
  if (version !== null) return version;
  if (validate(value)) return null;
  const [first] = explainSchemaErrors((validate.errors ?? []) as ErrorObject[]);
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
