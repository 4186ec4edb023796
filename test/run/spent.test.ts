import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import validate from '../../src/generated/validate-manifest.js';
import {
  addSpent,
  charged,
  type KeyState,
  NOTHING,
  type Spent,
  spentOn,
} from '../../src/run/journal/fold.js';
import type { AttemptRecord } from '../../src/run/journal/record.js';
import {
  ATTEMPTS,
  at,
  attempts,
  caughtUp,
  done,
  foldOf,
  livesOf,
  manifestOf,
  SENT,
  type Steps,
  UNSAFE,
  WHY,
} from './lives.js';
import { submission } from './world.js';

describe('what a submission cost', () => {
  it.each(ATTEMPTS)('reads the cost of a submission from the journal: %s', (_name, steps, usd) => {
    const fold = foldOf(livesOf('cliff', [steps]));
    const [known] = fold.values();
    expect(known && spentOn(known)).toEqual({ usd, unknown: 0 });
  });

  it('adds up the cost of all attempts of a submission, whichever clip it has in the end', () => {
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

  it('has no cost for a submission without a price until the service reports it', () => {
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
  const total = (fold: ReadonlyMap<string, KeyState>) =>
    [...fold.values()].map(spentOn).reduce<Spent>(addSpent, NOTHING);

  it('reads the cost of a run directory from the manifest alone, with shots that have left the list', () => {
    fc.assert(
      fc.property(fc.array(attempts, { maxLength: 4 }), fc.boolean(), (lives, isListed) => {
        const ids = lives.map((_, index) => `shot${index}`);
        const fold = foldOf(lives.flatMap((one, index) => livesOf(`shot${index}`, one)));
        const manifest = manifestOf(isListed ? ids : [], fold);
        if (ids.length > 0 && isListed) {
          expect(validate(manifest), JSON.stringify(validate.errors)).toBe(true);
        }
        expect(total(caughtUp(new Map(), manifest))).toEqual(total(fold));
      }),
    );
  });

  it('forgets no cost when the journal has lost its end and the manifest has not', () => {
    fc.assert(
      fc.property(attempts, fc.nat(12), (lives, cut) => {
        const records = livesOf('cliff', lives);
        const whole = foldOf(records);
        const torn = caughtUp(foldOf(records.slice(0, cut)), manifestOf(['cliff'], whole));
        expect(total(torn).usd).toBeGreaterThanOrEqual(total(whole).usd - 1e-9);
      }),
    );
  });

  it('keeps the cost of a run directory when the manifest is behind the journal', () => {
    fc.assert(
      fc.property(attempts, fc.nat(12), (lives, cut) => {
        const records = livesOf('cliff', lives);
        const whole = foldOf(records);
        const before = total(whole);
        const behind = manifestOf(['cliff'], foldOf(records.slice(0, cut)));
        expect(total(caughtUp(whole, behind))).toEqual(before);
      }),
    );
  });
});

it('adds up amounts without the errors of binary fractions', () => {
  const tenths = Array.from({ length: 3 }, () => charged(0.1));
  expect(tenths.reduce<Spent>(addSpent, NOTHING)).toEqual({ usd: 0.3, unknown: 0 });
});
