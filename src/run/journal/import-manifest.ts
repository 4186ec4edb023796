import type { ManifestEntry } from '../../manifest/manifest.js';
import { pick, RECORDED, type RecordedSubmission } from '../../plan/submission.js';
import { GIVEN_UP } from './fold.js';
import type { AttemptRecord } from './record.js';

/** The manifest does not say with which status the service refused, and nothing depends on it. */
const SOME_REFUSAL = 400;

/**
 * The records that give an entry of a manifest when folded: what it names as sent stays sent, under the same key and
 * request id. A string says what is wrong with it. `now` (UTC) stands in where the entry has no time.
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

/** The failures that the entry's own records do not tell of. */
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
  const downloaded = outputs.flatMap(({ url, file, bytes, sha256, media }) => {
    if (file === null || bytes === null || sha256 === null || media === null) return [];
    const at = times.downloaded ?? now;
    return [{ type: 'downloaded', at, ...base, url, file, bytes, sha256, media } as const];
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
