import fc from 'fast-check';
import { expect } from 'vitest';
import { type Fold, foldInto, type KeyState } from '../../src/run/journal/fold.js';
import { missingRecords } from '../../src/run/journal/import-manifest.js';
import { type AttemptRecord, problemOf } from '../../src/run/journal/record.js';
import { summarize } from '../../src/run/summary.js';
import { FACTS, hash, planOf, submission } from './world.js';

export const at = '2026-11-21T08:00:00.000Z';
export const WHY = { status: 502, code: 'lost', message: 'The answer was lost.' };
const URL = 'https://files.runcomfy.net/1.mp4';
const FILE = { url: URL, file: 'videos/cliff.0.mp4', bytes: 3, sha256: hash('a'), media: FACTS };

export type Steps = readonly { readonly type: AttemptRecord['type']; readonly [field: string]: unknown }[];
export const SENT = { type: 'submitted' } as const;
export const UNSAFE = { type: 'failed', code: 'x', message: 'Unsafe.' } as const;
export const done = (cost: number | null) => [
  SENT,
  { type: 'completed', outputs: [URL], cost } as const,
  { type: 'downloaded', ...FILE } as const,
];

/** How an attempt can stand, and what it counts for where 0.63 USD were estimated. */
export const ATTEMPTS: readonly (readonly [string, Steps, number])[] = [
  ['no answer', [], 0.63],
  ['a lost answer', [{ type: 'lost', ...WHY }], 0.63],
  ['refused', [{ type: 'refused', ...WHY, status: 422 }], 0],
  ['never left', [{ type: 'refused', ...WHY, status: null }], 0],
  ['submitted', [SENT], 0.63],
  ['forgotten by the service', [SENT, { type: 'lost', ...WHY }], 0.63],
  ['rendered at a reported cost', done(0.5).slice(0, 2), 0.5],
  ['rendered for nothing', done(0), 0],
  ['rendered for more than was estimated', done(0.9), 0.9],
  ['rendered, its cost not reported', done(null), 0.63],
  ['failed', [SENT, UNSAFE], 0.63],
  ['failed at a reported cost', [SENT, { ...UNSAFE, cost: 0.21 }], 0.21],
  ['failed free of charge', [SENT, { ...UNSAFE, cost: 0 }], 0],
  ['cancelled by us', [SENT, { type: 'cancelling' }, { type: 'cancelled' }], 0],
  ['given up', [{ type: 'resolved', as: 'given-up' }], 0.63],
  ['to be sent again, as a person says', [{ type: 'resolved', as: 'resubmit' }], 0.63],
];

/** A key's attempts, one after the other, as far as each may follow the one before. */
export function livesOf(id: string, attempts: readonly Steps[]): readonly AttemptRecord[] {
  const { key, same_as: _, ...rest } = submission(id);
  const fold = new Map<string, KeyState>();
  const records: AttemptRecord[] = [];
  for (const [index, steps] of attempts.entries()) {
    const attempt = (fold.get(key)?.attempts ?? 0) + 1;
    const again = fold.get(key)?.state === 'done' && { again: true };
    const first = { type: 'submitting', at, key, attempt, submission: rest, ...again };
    const own = [
      first,
      ...steps.map((step) => ({
        at,
        key,
        attempt,
        ...step,
        ...(step.type === 'submitted' && { request_id: `${id}-${index}` }),
      })),
    ] as AttemptRecord[];
    // An open request cannot be sent again.
    if (foldInto(fold, own) !== null) break;
    records.push(...own);
  }
  return records;
}

export function foldOf(records: readonly AttemptRecord[]) {
  const fold = new Map<string, KeyState>();
  expect(foldInto(fold, records)).toBeNull();
  return fold;
}

export function manifestOf(ids: readonly string[], fold: ReadonlyMap<string, KeyState>) {
  return summarize({
    plan: planOf(...ids),
    fold,
    service: 'local',
    directory: '/films',
    toolVersion: '0.1.0',
  });
}

/** Well-formed records of facts that a manifest has and a fold lacks. */
export function missingFrom(fold: Fold, manifest: ReturnType<typeof manifestOf>) {
  const missing = missingRecords(fold, { manifests: [manifest], now: at });
  if (typeof missing === 'string') throw new Error(missing);
  expect(missing.map(problemOf).filter((problem) => problem !== null)).toEqual([]);
  return missing;
}

/** A fold that has taken up what a manifest knows besides. */
export function caughtUp(fold: Map<string, KeyState>, manifest: ReturnType<typeof manifestOf>) {
  expect(foldInto(fold, missingFrom(fold, manifest))).toBeNull();
  return fold;
}

/** Up to four attempts at one key. */
export const attempts = fc.array(fc.constantFrom(...ATTEMPTS.map(([, steps]) => steps)), {
  minLength: 1,
  maxLength: 4,
});
