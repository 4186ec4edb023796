import type { Output, SubmissionState } from '../../manifest/manifest.js';
import type { RecordedSubmission } from '../../plan/submission.js';
import type { AttemptRecord, LookedRecord, SubmittingRecord } from './record.js';

/** State of one content key, by the journal. */
export interface KeyState {
  readonly key: string;
  readonly state: SubmissionState;
  /** Number of POSTs. */
  readonly attempts: number;
  /** Number of failures that the service reported. */
  readonly failures: number;
  /** The submission of the last POST. */
  readonly submission: RecordedSubmission;
  /** Time just before the last POST left, UTC. */
  readonly sentAt: string;
  readonly requestId: string | null;
  readonly submittedAt: string | null;
  readonly completedAt: string | null;
  /** USD as the service reported it. */
  readonly cost: number | null;
  /** Cost of the attempt that this state describes: the estimate, until the service reports the cost. */
  readonly charge: Spent;
  /** Cost of all other attempts at this key. */
  readonly others: Spent;
  /** In the service's order; `downloadedAt` is null if the file was never here. */
  readonly outputs: readonly FoldedOutput[];
  readonly error: { readonly code: string | null; readonly message: string } | null;
  /**
   * State before it was sent again: with a clip, or failed. The key returns to it if nothing comes of the new attempt.
   * An earlier clip stays in its place.
   */
  readonly earlier: KeyState | null;
  /** True if we asked the service to cancel this request. */
  readonly cancelling: boolean;
  /** True if it was ever sent although its clip was here: then there may be several clips of this key. */
  readonly again: boolean;
}

export interface FoldedOutput extends Output {
  readonly downloadedAt: string | null;
}

/** Cost, or possible cost, of all attempts at a key. */
export function spentOn({ charge, others }: KeyState): Spent {
  return addSpent(charge, others);
}

/** Cost, or possible cost, of everything that was ever sent from a run directory. */
export function spentInAll(fold: Fold): Spent {
  let total = NOTHING;
  for (const known of fold.values()) total = addSpent(total, spentOn(known));
  return total;
}

/** The journal in one value: the state of each key, oldest first. */
export type Fold = ReadonlyMap<string, KeyState>;

/** Error of a submission without an answer: after a crash, or while it is being sent. */
const NO_ANSWER = 'The run ended before the service had answered, so it may or may not have been accepted.';

/** Code of the error of an unknown submission that a person has given up. It is not a failure that may be retried. */
export const GIVEN_UP = 'given-up';

/** States that a record may follow. Any other order would lose or repeat a paid submission. */
const FOLLOWS: Readonly<Record<AttemptRecord['type'], readonly SubmissionState[]>> = {
  submitting: ['planned', 'refused', 'cancelled', 'failed'],
  refused: ['unknown'],
  submitted: ['unknown'],
  completed: ['submitted', 'completed', 'done'],
  downloaded: ['completed', 'done'],
  looked: ['completed', 'done'],
  failed: ['submitted'],
  cancelling: ['submitted'],
  cancelled: ['submitted'],
  lost: ['unknown', 'submitted'],
  resolved: ['unknown'],
  spent: ['planned', 'refused', 'submitted', 'completed', 'done', 'failed', 'cancelled', 'unknown'],
};

/** The state of a key after one more record, or a sentence that says why the record is not allowed there. */
export function follow(before: KeyState | undefined, record: AttemptRecord): KeyState | string {
  const state = before?.state ?? 'planned';
  const isAgain = record.type === 'submitting' && record.again === true && state === 'done';
  if (!isAgain && !FOLLOWS[record.type].includes(state)) {
    return `\`${record.type}\` cannot follow where the submission is ${state}`;
  }
  if (record.type === 'submitting') return begin(before, record);
  if (!before) return `\`${record.type}\` has no \`submitting\` before it`;
  if (record.attempt !== before.attempts) {
    return `attempt ${record.attempt} is not the last one, ${before.attempts}`;
  }
  return next(before, record);
}

/** Adds records to a fold in place; returns the first problem with its index, or null. */
export function foldInto(
  fold: Map<string, KeyState>,
  records: Iterable<AttemptRecord>,
): { index: number; problem: string } | null {
  let index = 0;
  for (const record of records) {
    const after = follow(fold.get(record.key), record);
    if (typeof after === 'string') return { index, problem: after };
    fold.set(record.key, after);
    index += 1;
  }
  return null;
}

function begin(before: KeyState | undefined, record: SubmittingRecord): KeyState | string {
  const { key, attempt, submission, at } = record;
  if (attempt <= (before?.attempts ?? 0)) return `attempt ${attempt} was made before`;
  return {
    key,
    state: 'unknown',
    attempts: attempt,
    failures: Math.max(before?.failures ?? 0, record.failures ?? 0),
    submission,
    sentAt: at,
    requestId: null,
    submittedAt: null,
    completedAt: null,
    cost: null,
    charge: charged(submission.cost.usd),
    others: before ? spentOn(before) : NOTHING,
    outputs: [],
    error: { code: null, message: NO_ANSWER },
    cancelling: false,
    earlier: before?.state === 'done' || before?.state === 'failed' ? before : null,
    again: before?.again === true || record.again === true,
  };
}

function next(before: KeyState, record: Exclude<AttemptRecord, SubmittingRecord>): KeyState | string {
  switch (record.type) {
    case 'refused':
      // The POST never left: the attempt does not count.
      if (record.status === null) return undo(before, { state: 'planned', charge: NOTHING, error: null });
      return undo(before, { state: 'refused', charge: NOTHING, error: errorOf(record) });
    case 'submitted':
      return { ...before, ...accepted(record.request_id, record.at) };
    case 'completed':
      return {
        ...before,
        state: 'completed',
        completedAt: before.completedAt ?? record.at,
        ...billed(before, record.cost),
        outputs: record.outputs.map((url) => ({ ...NOT_HERE, url })),
        error: null,
      };
    case 'downloaded':
      return downloaded(before, record);
    case 'looked':
      return looked(before, record);
    case 'failed':
      // A failure counts as paid, unless the service reports its cost: no price list says that failures are free.
      return fallBack(before, {
        state: 'failed',
        failures: before.failures + 1,
        ...billed(before, record.cost),
        error: errorOf(record),
      });
    case 'cancelling':
      return { ...before, cancelling: true };
    case 'cancelled':
      return undo(before, { state: 'cancelled', charge: NOTHING, error: null });
    case 'lost':
      return { ...before, state: 'unknown', error: errorOf(record) };
    case 'resolved':
      return resolved(before, record);
    case 'spent':
      return { ...before, others: { usd: record.usd, unknown: record.unknown } };
  }
}

function errorOf({ code, message }: NonNullable<KeyState['error']>): KeyState['error'] {
  return { code, message };
}

/** The cost that the service reported replaces the estimate, and stays if a later record has none. */
function billed(before: KeyState, reported: number | null | undefined): Pick<KeyState, 'cost' | 'charge'> {
  const cost = reported ?? before.cost;
  return { cost, charge: cost === null ? before.charge : charged(cost) };
}

/** Ends an attempt that renders nothing: the key returns to the state before it, if there was one. */
function undo(before: KeyState, end: Partial<KeyState>): KeyState {
  const { earlier, attempts, failures, again, charge } = { ...before, ...end };
  if (!earlier) return { ...before, ...end };
  return { ...earlier, attempts, failures, again, others: addSpent(earlier.others, charge) };
}

/** Ends a failed attempt: the key returns to its earlier clip, if there was one. */
function fallBack(before: KeyState, end: Partial<KeyState>): KeyState {
  return before.earlier?.state === 'done' ? undo(before, end) : { ...before, ...end, earlier: null };
}

const NOT_HERE = { file: null, bytes: null, sha256: null, media: null, downloadedAt: null };

function accepted(requestId: string, at: string) {
  return { state: 'submitted', requestId, submittedAt: at, cancelling: false, error: null } as const;
}

function downloaded(before: KeyState, record: AttemptRecord & { type: 'downloaded' }): KeyState | string {
  const { url, file, bytes, sha256, media, at } = record;
  if (!before.outputs.some((output) => output.url === url))
    return 'it names a URL that is not among the outputs';
  const outputs = before.outputs.map((output) =>
    output.url === url
      ? {
          url,
          file,
          bytes,
          sha256,
          media,
          downloadedAt: at,
          // The same bytes need no new inspection.
          ...(output.check && output.sha256 === sha256 && { check: output.check }),
        }
      : output,
  );
  const here = outputs.every((output) => output.file !== null);
  return { ...before, state: here ? 'done' : 'completed', outputs };
}

/** Adds the result of an inspection, unless the clip has other bytes now. */
function looked(before: KeyState, { sha256, url, pictures, flags }: LookedRecord): KeyState {
  const outputs = before.outputs.map((output) =>
    output.sha256 === sha256 && (sha256 !== null || output.url === url)
      ? { ...output, check: { pictures, flags } }
      : output,
  );
  return { ...before, outputs };
}

function resolved(before: KeyState, record: AttemptRecord & { type: 'resolved' }): KeyState | string {
  switch (record.as) {
    case 'accepted':
      if (record.request_id === undefined) return '`accepted` has no `request_id`';
      return {
        ...before,
        ...accepted(record.request_id, record.at),
        cancelling: before.cancelling && record.request_id === before.requestId,
      };
    case 'resubmit':
      return fallBack(before, { state: 'planned', requestId: null, error: null });
    case 'given-up':
      return fallBack(before, {
        state: 'failed',
        error: { code: GIVEN_UP, message: 'Given up by a person.' },
      });
  }
}

/** True if the service reported a failure and the retries allow another attempt. */
export function mayRetry(known: KeyState, retries: number): boolean {
  return hasFailed(known) && known.failures <= retries;
}

/** True if the service reported the failure; false if a person gave the submission up. */
export function hasFailed({ state, error }: KeyState): boolean {
  return state === 'failed' && error?.code !== GIVEN_UP;
}

/** Cost, or possible cost, of some POSTs. */
export interface Spent {
  /** USD: as the service reported it, else as estimated when it was sent. */
  readonly usd: number;
  /** Number of POSTs with neither; their cost is not in `usd`. */
  readonly unknown: number;
}

export const NOTHING: Spent = { usd: 0, unknown: 0 };

/** Cost of one POST; null if it is not known. */
export function charged(usd: number | null): Spent {
  return usd === null ? { usd: 0, unknown: 1 } : { usd, unknown: 0 };
}

export function addSpent(one: Spent, other: Spent): Spent {
  return { usd: toMillionths(one.usd + other.usd), unknown: one.unknown + other.unknown };
}

export function subtractSpent(from: Spent, what: Spent): Spent {
  return addSpent(from, { usd: -what.usd, unknown: -what.unknown });
}

/** Rounds away what binary fractions leave, to the precision in which services report costs. */
function toMillionths(usd: number): number {
  return Math.round(usd * 1e6) / 1e6;
}
