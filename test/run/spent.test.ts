import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import validate from '../../src/generated/validate-manifest.js';
import type { Manifest } from '../../src/manifest/manifest.js';
import {
  addSpent,
  charged,
  joinRenders,
  type KeyStates,
  NOTHING,
  type Spent,
  spentInAll,
  spentOn,
} from '../../src/run/records/render.js';
import {
  ATTEMPTS,
  attempts,
  done,
  keyStatesOf,
  lifeOf,
  manifestOf,
  SENT,
  type Steps,
  stateAt,
  UNSAFE,
  WHY,
} from './lives.js';
import { submission } from './world.js';

const spentIn = (keyStates: KeyStates) =>
  [...keyStates.values()].map(spentOn).reduce<Spent>(addSpent, NOTHING);

describe('what a submission cost', () => {
  it.each(ATTEMPTS)('reads the cost of a submission from its record: %s', (_name, steps, usd) => {
    expect(spentIn(keyStatesOf(lifeOf('cliff', [steps])))).toEqual({ usd, unknown: 0 });
  });

  it('adds up the cost of all attempts of a submission, whichever clip it has in the end', () => {
    const failed: Steps = [SENT, UNSAFE];
    const cases: readonly (readonly [readonly Steps[], number])[] = [
      [[failed, failed, done(0.5)], 1.76],
      [[done(0.5), done(0.4)], 0.9],
      // It falls back to the first clip; the second was paid for all the same.
      [[done(0.5), failed], 1.13],
      [[done(0.5), failed, [SENT, { ...UNSAFE, cost: 0 }], done(0.4)], 1.53],
      [[[{ type: 'released' }], done(0.5)], 1.13],
      [[done(0.5), [{ type: 'released' }]], 1.13],
      [[[{ type: 'refused', ...WHY }], [{ type: 'refused', ...WHY }], done(0.5)], 0.5],
    ];
    for (const [lives, usd] of cases) {
      expect(spentIn(keyStatesOf(lifeOf('cliff', lives)))).toEqual({ usd, unknown: 0 });
    }
  });

  it('has no cost for a submission without a price until the service reports it', () => {
    const free = submission('cliff', { cost: { usd: null, rate: null, date: null } });
    const spent = (steps: Steps) => spentIn(keyStatesOf(lifeOf('cliff', [steps], { submission: free })));
    expect(spent([])).toEqual({ usd: 0, unknown: 1 });
    expect(spent(done(0.5))).toEqual({ usd: 0.5, unknown: 0 });
  });

  it('costs nothing here if another run directory paid for it', () => {
    const render = lifeOf('cliff', [done(0.5)]);
    if (!render) throw new Error('it has no attempt');
    const taken = {
      ...render,
      attempts: render.attempts.map((one) => ({ ...one, paid_elsewhere: true as const })),
    };
    expect(spentOn(stateAt(taken))).toEqual(NOTHING);
    // Paid here and named elsewhere is paid here.
    expect(spentOn(stateAt(joinRenders(taken, render)))).toEqual({ usd: 0.5, unknown: 0 });
  });
});

describe('what a run directory cost', () => {
  const lives = fc.array(attempts, { maxLength: 4 });
  const foldFrom = (all: readonly (readonly Steps[])[]) =>
    keyStatesOf(...all.map((one, index) => lifeOf(`shot${index}`, one)));

  it('is the same in one sum as submission by submission', () => {
    fc.assert(
      fc.property(lives, (all) => {
        const keyStates = foldFrom(all);
        expect(spentInAll(keyStates)).toEqual(spentIn(keyStates));
      }),
    );
  });

  it('is all in the manifest, with shots that have left the list', () => {
    fc.assert(
      fc.property(lives, fc.boolean(), (all, isListed) => {
        const keyStates = foldFrom(all);
        const manifest = manifestOf(isListed ? all.map((_, index) => `shot${index}`) : [], keyStates);
        expect(validate(manifest), JSON.stringify(validate.errors)).toBe(true);
        expect(spentByManifest(manifest)).toEqual(spentIn(keyStates));
      }),
    );
  });

  it('is what both branches paid, after a merge, with what they had in common counted once', () => {
    fc.assert(
      fc.property(attempts, attempts, attempts, (common, ours, theirs) => {
        const base = lifeOf('cliff', common);
        const from = { from: base, number: common.length };
        const left = lifeOf('cliff', ours, { ...from, branch: 'left' });
        const right = lifeOf('cliff', theirs, { ...from, branch: 'right', number: common.length + 10 });
        fc.pre(left !== null && right !== null);
        const joined = spentOn(stateAt(joinRenders(left as never, right as never)));
        const sum = addSpent(spentIn(keyStatesOf(left)), spentIn(keyStatesOf(right)));
        const shared = spentIn(keyStatesOf(base));
        // An open attempt of the base may have got its cost on both branches, at most twice the shared cost then.
        expect(joined.usd).toBeLessThanOrEqual(sum.usd + 1e-9);
        const isSettled =
          base === null || !['unknown', 'submitted', 'completed'].includes(stateAt(base).state);
        if (isSettled) expect(joined.usd).toBeCloseTo(sum.usd - shared.usd, 6);
        expect(joined.usd).toBeGreaterThanOrEqual(
          Math.max(spentIn(keyStatesOf(left)).usd, spentIn(keyStatesOf(right)).usd) - 1e-9,
        );
      }),
    );
  });
});

/** Cost of everything that a manifest names. */
function spentByManifest({ submissions, unlisted }: Manifest): Spent {
  return [...submissions, ...unlisted]
    .map(({ state, cost }) => {
      const isFree = state === 'planned' || state === 'refused' || state === 'cancelled';
      const own = isFree ? NOTHING : charged(cost.actual ?? cost.estimate);
      return addSpent(own, cost.other_attempts ?? NOTHING);
    })
    .reduce<Spent>(addSpent, NOTHING);
}

it('adds up amounts without the errors of binary fractions', () => {
  const tenths = Array.from({ length: 3 }, () => charged(0.1));
  expect(tenths.reduce<Spent>(addSpent, NOTHING)).toEqual({ usd: 0.3, unknown: 0 });
});
