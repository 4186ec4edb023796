import type { Manifest, ManifestEntry, SubmissionState } from '../../manifest/manifest.js';
import { type Fold, foldInto, follow, type KeyState } from './fold.js';
import { entryRecords } from './import-manifest.js';
import type { AttemptRecord } from './record.js';

/**
 * What manifests know and a journal does not, as the records it lacks, oldest manifest entries first: a journal that was
 * lost or cut must not send again what they name. The fold is that of the journal, or empty. A string says what is
 * wrong with an entry. `now` (UTC) stands in where an entry has no time.
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

/** Of each key the entry that was written last, by what had happened to it: several profiles share one store. */
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

/** The states in the order of an attempt's life; `unknown` is that of a request the service has forgotten. */
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

/** How far an attempt has come: one that is unknown for want of an answer has only begun. */
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
  // Usually the journal is ahead: the manifest follows it.
  if (entry.attempts < known.attempts || entry.state === 'refused') return [];
  if (entry.request_id !== null && entry.request_id === known.requestId) {
    const isBehind =
      known.state === 'submitted'
        ? entry.state === 'completed' || entry.state === 'done' || isCancelling(entry, known)
        : known.state === 'completed' && entry.state === 'done';
    if (!isBehind) return [];
    const tail = without(own(), ['submitting', 'submitted']);
    // Where a later attempt came to nothing, the entry still tells of this one.
    return typeof tail === 'string' ? tail : tail.map((one) => ({ ...one, attempt: known.attempts }));
  }
  if (entry.attempts > known.attempts) return laterAttempt(known, entry, now);
  const isAnswered = known.state === 'unknown' && known.requestId === null && entry.request_id !== null;
  return isAnswered ? without(own(), ['submitting']) : [];
}

/** Whether the manifest alone knows that we asked for it to be cancelled. */
function isCancelling(entry: ManifestEntry, known: KeyState): boolean {
  return entry.state === 'submitted' && entry.cancelling === true && !known.cancelling;
}

/** The journal lacks whole attempts: the one it knows of is closed first, so that the next may stand after it. */
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
  // A clip that is rendered already is not given up for less.
  const isLess = entry.state === 'failed' || entry.state === 'cancelled';
  if (state.state === 'completed' || (state.state === 'done' && isLess)) return [];
  const own = entryRecords(entry, now);
  if (typeof own === 'string') return own;
  const [first, ...rest] = own;
  if (first?.type !== 'submitting' || state.state !== 'done') return [...closing, ...own];
  return [...closing, { ...first, again: true }, ...rest];
}

/** What attempts cost of which the journal has no records, where the manifest knows of more than it does. */
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
