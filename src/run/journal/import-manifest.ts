import {
  fetchedClips,
  type Manifest,
  type ManifestEntry,
  type SubmissionState,
} from '../../manifest/manifest.js';
import { pick, RECORDED, type RecordedSubmission } from '../../plan/submission.js';
import { type Fold, foldInto, follow, GIVEN_UP, type KeyState } from './fold.js';
import type { AttemptRecord } from './record.js';

/** Status of an imported refusal: the manifest does not have it, and nothing depends on it. */
const SOME_REFUSAL = 400;

/**
 * Records whose fold gives an entry of a manifest: a sent submission stays sent, with the same key and request id. A
 * string says what is wrong with the entry. `now` (UTC) replaces a time that the entry does not have.
 */
export function entryRecords(entry: ManifestEntry, now: string): readonly AttemptRecord[] | string {
  const { key, state, request_id, times } = entry;
  const attempt = Math.max(entry.attempts, 1);
  const at = times.submitted ?? now;
  const base = { key, attempt };
  const why = { code: entry.error?.code ?? null, message: entry.error?.message ?? `It was ${state} before.` };
  const submission = submissionOf(entry);
  const sent: AttemptRecord[] = [{ type: 'submitting', at, ...base, submission, ...failedBefore(entry) }];
  if (state === 'planned') return [...sent, { type: 'refused', at, ...base, status: null, ...why }];
  if (state === 'refused') return [...sent, { type: 'refused', at, ...base, status: SOME_REFUSAL, ...why }];
  if (request_id !== null) sent.push({ type: 'submitted', at, ...base, request_id });
  if (request_id !== null && entry.cancelling) sent.push({ type: 'cancelling', at, ...base });
  const lost: AttemptRecord = { type: 'lost', at, ...base, status: null, ...why };
  if (state === 'unknown') return [...sent, lost];
  if (isGivenUp(entry)) return [...sent, lost, { type: 'resolved', at, ...base, as: 'given-up' }];
  if (request_id === null) return `${entry.id} is ${state}, but has no request id`;
  if (state === 'submitted') return sent;
  if (state === 'failed') return [...sent, { type: 'failed', at, ...base, ...why, cost: entry.cost.actual }];
  if (state === 'cancelled') return [...sent, { type: 'cancelled', at, ...base }];
  return [...sent, ...clipRecords(entry, { ...base, at, now })];
}

function isGivenUp({ state, request_id, error }: ManifestEntry): boolean {
  return state === 'failed' && (request_id === null || error?.code === GIVEN_UP);
}

/** Number of the failures before the entry's own attempt; left out for none. */
function failedBefore(entry: ManifestEntry): { readonly failures?: number } {
  const own = entry.state === 'failed' && !isGivenUp(entry) ? 1 : 0;
  const failures = (entry.failures ?? 0) - own;
  return failures > 0 ? { failures } : {};
}

function clipRecords(
  entry: ManifestEntry,
  options: { readonly key: string; readonly attempt: number; readonly at: string; readonly now: string },
): readonly AttemptRecord[] {
  const { key, attempt, now } = options;
  const { outputs, cost, times } = entry;
  const base = { key, attempt };
  const urls = outputs.map(({ url }) => url);
  const completed = {
    type: 'completed',
    at: times.completed ?? now,
    ...base,
    outputs: urls,
    cost: cost.actual,
  } as const;
  const downloaded = fetchedClips(entry).map(({ check: _, ...clip }) => {
    const at = times.downloaded ?? now;
    return { type: 'downloaded', at, ...base, ...clip } as const;
  });
  const looked = outputs.flatMap(({ url, sha256, check }) => {
    const at = times.downloaded ?? now;
    const which = { sha256, ...(sha256 === null && { url }) };
    return check ? [{ type: 'looked', at, ...base, ...which, ...check } as const] : [];
  });
  return [completed, ...downloaded, ...looked];
}

function submissionOf(entry: ManifestEntry): RecordedSubmission {
  const cost = { usd: entry.cost.estimate, rate: null, date: null };
  return pick({ ...entry, cost }, RECORDED);
}

/**
 * Records that a journal lacks and manifests imply, in the order of the manifests' entries: a run with a lost or cut
 * journal must not send again what they name. `fold` is the journal's, or empty. A string says what is wrong with an
 * entry. `now` (UTC) replaces a time that an entry does not have.
 */
export function missingRecords(
  fold: Fold,
  { manifests, now }: { readonly manifests: readonly Manifest[]; readonly now: string },
): readonly AttemptRecord[] | string {
  const records: AttemptRecord[] = [];
  for (const entry of furthest(manifests).values()) {
    if (entry.state === 'planned' && !entry.cost.other_attempts && !entry.failures) continue;
    const own = catchUp(fold.get(entry.key), entry, now);
    if (typeof own === 'string') return own;
    records.push(...own, ...spentRecords(fold.get(entry.key), { entry, own, now }));
  }
  return records;
}

/** The most advanced entry of each key: the manifests of several profiles may have the same key. */
function furthest(manifests: readonly Manifest[]): ReadonlyMap<string, ManifestEntry> {
  const entries = new Map<string, ManifestEntry>();
  for (const entry of manifests.flatMap(({ unlisted, submissions }) => [...unlisted, ...submissions])) {
    const other = entries.get(entry.key);
    if (!other || isFurther(entry, other)) entries.set(entry.key, entry);
  }
  return entries;
}

function isFurther(one: ManifestEntry, other: ManifestEntry): boolean {
  if (one.attempts !== other.attempts) return one.attempts > other.attempts;
  return progress(one) > progress(other);
}

/** States in the order of an attempt's life; `unknown` is here a request that the service has forgotten. */
const LIFE: readonly SubmissionState[] = [
  'planned',
  'refused',
  'submitted',
  'unknown',
  'cancelled',
  'failed',
  'completed',
  'done',
];

/** Position of an attempt in `LIFE`. An attempt that is unknown because it has no answer is near the beginning. */
function progress({ state, request_id }: ManifestEntry): number {
  return state === 'unknown' && request_id === null ? 0.5 : LIFE.indexOf(state);
}

function catchUp(
  known: KeyState | undefined,
  entry: ManifestEntry,
  now: string,
): readonly AttemptRecord[] | string {
  const own = () => entryRecords(entry, now);
  if (!known || (known.state === 'planned' && known.attempts === 0)) return own();
  // The journal is usually ahead of the manifest.
  if (entry.attempts < known.attempts || entry.state === 'refused') return [];
  if (entry.request_id !== null && entry.request_id === known.requestId) {
    const isBehind =
      known.state === 'submitted'
        ? entry.state === 'completed' || entry.state === 'done' || isCancelling(entry, known)
        : known.state === 'completed' && entry.state === 'done';
    if (!isBehind) return [];
    const tail = without(own(), ['submitting', 'submitted']);
    // If a later attempt rendered nothing, the entry still describes this one.
    return typeof tail === 'string' ? tail : tail.map((one) => ({ ...one, attempt: known.attempts }));
  }
  if (entry.attempts > known.attempts) return laterAttempt(known, entry, now);
  const isAnswered = known.state === 'unknown' && known.requestId === null && entry.request_id !== null;
  return isAnswered ? without(own(), ['submitting']) : [];
}

/** True if only the manifest says that we asked the service to cancel it. */
function isCancelling(entry: ManifestEntry, known: KeyState): boolean {
  return entry.state === 'submitted' && entry.cancelling === true && !known.cancelling;
}

/** Records of attempts that the journal lacks as a whole. The attempt that it has is closed first. */
function laterAttempt(known: KeyState, entry: ManifestEntry, now: string): readonly AttemptRecord[] | string {
  const base = { at: now, key: known.key, attempt: known.attempts };
  const message = 'A later attempt is known from the manifest.';
  const lost: AttemptRecord = { type: 'lost', ...base, status: null, code: null, message };
  const closing: AttemptRecord[] = [];
  if (known.state === 'submitted') closing.push(lost);
  if (known.state === 'submitted' || known.state === 'unknown') {
    closing.push({ type: 'resolved', ...base, as: 'given-up' });
  }
  let state: KeyState = known;
  for (const record of closing) {
    const after = follow(state, record);
    if (typeof after === 'string') return [];
    state = after;
  }
  // A rendered clip is not given up for a failed or cancelled attempt.
  const rendersNothing = entry.state === 'failed' || entry.state === 'cancelled';
  if (state.state === 'completed' || (state.state === 'done' && rendersNothing)) return [];
  const own = entryRecords(entry, now);
  if (typeof own === 'string') return own;
  const [first, ...rest] = own;
  if (first?.type !== 'submitting' || state.state !== 'done') return [...closing, ...own];
  return [...closing, { ...first, again: true }, ...rest];
}

/** A `spent` record for attempts that only the manifest knows of. */
function spentRecords(
  known: KeyState | undefined,
  { entry, own, now }: { entry: ManifestEntry; own: readonly AttemptRecord[]; now: string },
): readonly AttemptRecord[] {
  const { other_attempts: others } = entry.cost;
  if (!others || entry.attempts <= (known?.attempts ?? 0)) return [];
  const fold = new Map(known && [[entry.key, known]]);
  const after = foldInto(fold, own) ? undefined : fold.get(entry.key);
  if (!after || (after.others.usd === others.usd && after.others.unknown === others.unknown)) return [];
  const { usd, unknown } = others;
  return [{ type: 'spent', at: now, key: entry.key, attempt: after.attempts, usd, unknown }];
}

function without(
  records: readonly AttemptRecord[] | string,
  types: readonly AttemptRecord['type'][],
): readonly AttemptRecord[] | string {
  return typeof records === 'string' ? records : records.filter(({ type }) => !types.includes(type));
}
