import { describe, expect, it } from 'vitest';
import { type Bill, billsBehind, withBills } from '../../src/plan/learned-price.js';
import type { Submission } from '../../src/plan/plan.js';
import { planOf, submission } from '../run/world.js';

const STANDARD = 'kling/kling-3.0/standard/image-to-video';
const LISTED = { usd: 0.63, rate: 0.126, date: '2026-09-30' };
const UNKNOWN = { usd: null, rate: null, date: null };

/** A bill of some USD for five seconds with sound, on a day of October. */
function bill(usd: number, day = 1, over: Partial<Bill> = {}): Bill {
  const at = `2026-10-${String(day).padStart(2, '0')}T08:00:00.000Z`;
  return { model: STANDARD, audio: true, seconds: 5, usd, at, ...over };
}

/** Cost of a shot of five seconds with sound, by some bills. */
function costBy(bills: readonly Bill[], over: Partial<Submission> = {}) {
  return withBills(planOf(submission('a', { cost: LISTED, ...over })), bills).submissions[0]?.cost;
}

describe('the price that bills show', () => {
  it.each([
    ['no bill', [], LISTED],
    ['one bill', [bill(1)], { usd: 1, rate: 0.2, date: '2026-10-01', bills: 1 }],
    ['the length of each bill', [bill(2, 1, { seconds: 10 })], { usd: 1, rate: 0.2, bills: 1 }],
    ['the middle of three bills', [bill(1), bill(9, 2), bill(1.2, 3)], { usd: 1.2, bills: 3 }],
    ['the mean of the middle two of four', [1, 2, 3, 9].map((usd, day) => bill(usd, day + 1)), { usd: 2.5 }],
    [
      'the five newest of eight bills',
      [9, 9, 9, 1, 1, 1, 2, 2].map((usd, day) => bill(usd, day + 1)),
      { usd: 1, bills: 5, date: '2026-10-08' },
    ],
    ['no bill of another model', [bill(1, 1, { model: 'a/model' })], LISTED],
    ['no bill without sound', [bill(1, 1, { audio: false })], LISTED],
    ['no bill that is older than the price', [bill(1, 1, { at: '2026-09-29T23:59:59.000Z' })], LISTED],
    [
      'a bill of the day of the price',
      [bill(1, 1, { at: '2026-09-30T00:00:00.000Z' })],
      { usd: 1, bills: 1 },
    ],
    ['a rate with many places', [bill(1, 1, { seconds: 3 })], { usd: 1.6667, rate: 0.333333 }],
  ] as const)('counts %s', (_what, bills, cost) => {
    expect(costBy(bills)).toMatchObject(cost);
  });

  it('is used where no price is known', () => {
    expect(costBy([bill(1)], { cost: UNKNOWN })).toMatchObject({ usd: 1, rate: 0.2, bills: 1 });
  });

  it('is a price per video where the model has one', () => {
    const cost = { usd: 0.4, rate: null, date: '2026-09-30' };
    const bills = [bill(0.5), bill(0.5, 2, { seconds: 10 })];
    expect(costBy(bills, { cost })).toEqual({ usd: 0.5, rate: null, date: '2026-10-02', bills: 2 });
  });

  it('does not replace a live price', () => {
    const cost = { ...LISTED, live: true } as const;
    expect(costBy([bill(1)], { cost })).toEqual(cost);
  });

  it('changes the part of a default as much as the whole', () => {
    const [shot] = withBills(planOf(submission('a', { cost: LISTED })), [bill(1.26)]).submissions;
    expect(shot?.defaults).toEqual([{ field: 'audio', value: true, usd: 0.42 }]);
  });

  it('counts the bills behind several submissions once for each model and sound', () => {
    const bills = [bill(1), bill(1, 2), bill(1, 1, { audio: false })];
    const plan = planOf(submission('a'), submission('b'), submission('c', { audio: false }), 'd');
    expect(billsBehind(withBills(plan, bills).submissions)).toBe(3);
    expect(billsBehind(plan.submissions)).toBe(0);
  });
});
