import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import validate from '../../src/generated/validate-manifest.js';
import { missingRecords } from '../../src/run/catch-up.js';
import { foldInto, type KeyState, spentOn } from '../../src/run/fold.js';
import { problemOf } from '../../src/run/read-record.js';
import type { AttemptRecord } from '../../src/run/record.js';
import { addSpent, charged, NOTHING, type Spent } from '../../src/run/spent.js';
import { summarize } from '../../src/run/summary.js';
import { FACTS, hash, planOf, submission } from './world.js';

const at = '2026-11-21T08:00:00.000Z';
const WHY = { status: 502, code: 'lost', message: 'The answer was lost.' };
const URL = 'https://files.runcomfy.net/1.mp4';
const FILE = { url: URL, file: 'videos/cliff.0.mp4', bytes: 3, sha256: hash('a'), media: FACTS };

type Steps = readonly { readonly type: AttemptRecord['type']; readonly [field: string]: unknown }[];
const SENT = { type: 'submitted' } as const;
const UNSAFE = { type: 'failed', code: 'x', message: 'Unsafe.' } as const;
const done = (cost: number | null) => [
  SENT,
  { type: 'completed', outputs: [URL], cost } as const,
  { type: 'downloaded', ...FILE } as const,
];

/** How an attempt can stand, and what it counts for where 0.63 USD were estimated. */
const ATTEMPTS: readonly (readonly [string, Steps, number])[] = [
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
function livesOf(id: string, attempts: readonly Steps[]): readonly AttemptRecord[] {
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
    // What is still open cannot be sent again.
    if (foldInto(fold, own) !== null) break;
    records.push(...own);
  }
  return records;
}

function foldOf(records: readonly AttemptRecord[]) {
  const fold = new Map<string, KeyState>();
  expect(foldInto(fold, records)).toBeNull();
  return fold;
}

function manifestOf(ids: readonly string[], fold: ReadonlyMap<string, KeyState>) {
  return summarize({
    ...{ plan: planOf(...ids), fold, service: 'local', directory: '/films', toolVersion: '0.1.0' },
  });
}

describe('what a submission cost', () => {
  it.each(ATTEMPTS)('is told by the journal: %s', (_name, steps, usd) => {
    const fold = foldOf(livesOf('cliff', [steps]));
    const [known] = fold.values();
    expect(known && spentOn(known)).toEqual({ usd, unknown: 0 });
  });

  it('is the sum of all its attempts, whatever is here in the end', () => {
    const failed: Steps = [SENT, UNSAFE];
    const cases: readonly (readonly [readonly Steps[], number])[] = [
      [[failed, failed, done(0.5)], 1.76],
      [[done(0.5), done(0.4)], 0.9],
      // It falls back to the first clip; the second was paid for all the same.
      [[done(0.5), failed], 1.13],
      [[done(0.5), failed, [SENT, { ...UNSAFE, cost: 0 }], done(0.4)], 1.53],
      [[[{ type: 'resolved', as: 'resubmit' }], done(0.5)], 1.13],
      [[done(0.5), [{ type: 'resolved', as: 'resubmit' }]], 1.13],
      [[[{ type: 'refused', ...WHY }], [{ type: 'refused', ...WHY }], done(0.5)], 0.5],
    ];
    for (const [attempts, usd] of cases) {
      const [known] = foldOf(livesOf('cliff', attempts)).values();
      expect(known && spentOn(known)).toEqual({ usd, unknown: 0 });
    }
  });

  it('is unknown where nobody has named a price, until the service does', () => {
    const cost = { usd: null, rate: null, date: null };
    const { key, same_as: _, ...rest } = submission('cliff', { cost });
    const begun = { type: 'submitting', at, key, attempt: 1, submission: rest } as AttemptRecord;
    const steps = done(0.5).map(
      (step) => ({ at, key, attempt: 1, request_id: 'req-1', ...step }) as AttemptRecord,
    );
    const spent = (records: readonly AttemptRecord[]) => [...foldOf(records).values()].map(spentOn);
    expect(spent([begun])).toEqual([{ usd: 0, unknown: 1 }]);
    expect(spent([begun, ...steps.slice(0, 2)])).toEqual([{ usd: 0.5, unknown: 0 }]);
  });
});

describe('what a run directory cost', () => {
  const attempts = fc.array(fc.constantFrom(...ATTEMPTS.map(([, steps]) => steps)), {
    minLength: 1,
    maxLength: 4,
  });
  const total = (fold: ReadonlyMap<string, KeyState>) =>
    [...fold.values()].map(spentOn).reduce<Spent>(addSpent, NOTHING);

  it('is known from the manifest alone, shots that have left the list included', () => {
    fc.assert(
      fc.property(fc.array(attempts, { maxLength: 4 }), fc.boolean(), (lives, isListed) => {
        const ids = lives.map((_, index) => `shot${index}`);
        const fold = foldOf(lives.flatMap((one, index) => livesOf(`shot${index}`, one)));
        const manifest = manifestOf(isListed ? ids : [], fold);
        if (ids.length > 0 && isListed) {
          expect(validate(manifest), JSON.stringify(validate.errors)).toBe(true);
        }
        const again = missingRecords(new Map(), { manifests: [manifest], now: at });
        if (typeof again === 'string') throw new Error(again);
        expect(again.map(problemOf).filter((problem) => problem !== null)).toEqual([]);
        expect(total(foldOf(again))).toEqual(total(fold));
      }),
    );
  });

  it('is not forgotten where the journal has lost its end, and the manifest has not', () => {
    fc.assert(
      fc.property(attempts, fc.nat(12), (lives, cut) => {
        const records = livesOf('cliff', lives);
        const whole = foldOf(records);
        const torn = foldOf(records.slice(0, cut));
        const missing = missingRecords(torn, { manifests: [manifestOf(['cliff'], whole)], now: at });
        if (typeof missing === 'string') throw new Error(missing);
        expect(foldInto(torn, missing)).toBeNull();
        expect(total(torn).usd).toBeGreaterThanOrEqual(total(whole).usd - 1e-9);
      }),
    );
  });

  it('stays the same where the manifest is behind the journal', () => {
    fc.assert(
      fc.property(attempts, fc.nat(12), (lives, cut) => {
        const records = livesOf('cliff', lives);
        const whole = foldOf(records);
        const before = total(whole);
        const behind = manifestOf(['cliff'], foldOf(records.slice(0, cut)));
        const missing = missingRecords(whole, { manifests: [behind], now: at });
        if (typeof missing === 'string') throw new Error(missing);
        expect(foldInto(whole, missing)).toBeNull();
        expect(total(whole)).toEqual(before);
      }),
    );
  });
});

it('adds up amounts without what binary fractions leave', () => {
  const tenths = Array.from({ length: 3 }, () => charged(0.1));
  expect(tenths.reduce<Spent>(addSpent, NOTHING)).toEqual({ usd: 0.3, unknown: 0 });
});
