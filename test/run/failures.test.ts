import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  attempts,
  caughtUp,
  done,
  foldOf,
  livesOf,
  manifestOf,
  missingFrom,
  SENT,
  type Steps,
  UNSAFE,
  WHY,
} from './lives.js';

const FAILED: Steps = [SENT, UNSAFE];

function stateAfter(...lives: readonly Steps[]) {
  const [known] = foldOf(livesOf('cliff', lives)).values();
  return known;
}

describe('a failure', () => {
  it('counts failures over the life of the directory', () => {
    expect(stateAfter(FAILED, FAILED)).toMatchObject({ state: 'failed', attempts: 2, failures: 2 });
    expect(stateAfter(FAILED, done(0.5))).toMatchObject({ state: 'done', attempts: 2, failures: 1 });
    expect(stateAfter(done(0.5), FAILED)).toMatchObject({ state: 'done', attempts: 2, failures: 1 });
  });

  it('falls back to the failure when a later attempt comes to nothing, so the shot is not sent again by itself', () => {
    const ends: readonly Steps[] = [
      [{ type: 'refused', ...WHY, status: 429 }],
      [{ type: 'refused', ...WHY, status: null }],
      [SENT, { type: 'cancelling' }, { type: 'cancelled' }],
    ];
    for (const end of ends) {
      expect(stateAfter(FAILED, end)).toMatchObject({
        state: 'failed',
        attempts: 2,
        failures: 1,
        requestId: 'cliff-0',
        error: { message: 'Unsafe.' },
      });
    }
  });

  it('leaves a failure behind when a person resubmits the next attempt', () => {
    const resubmit: Steps = [{ type: 'resolved', as: 'resubmit' }];
    expect(stateAfter(FAILED, resubmit)).toMatchObject({ state: 'planned', failures: 1 });
  });

  it('does not count a submission that was given up as a failure', () => {
    const givenUp: Steps = [{ type: 'resolved', as: 'given-up' }];
    const expected = { state: 'failed', failures: 1, error: { code: 'given-up' } };
    expect(stateAfter(FAILED, givenUp)).toMatchObject(expected);
  });
});

describe('how often a shot has failed', () => {
  const failures = (fold: ReturnType<typeof foldOf>) => [...fold.values()].map((known) => known.failures);

  it('reads the number of failures from the manifest alone', () => {
    fc.assert(
      fc.property(attempts, (lives) => {
        const whole = foldOf(livesOf('cliff', lives));
        const missing = missingFrom(new Map(), manifestOf(['cliff'], whole));
        const [known] = whole.values();
        const isNew = known?.state === 'planned' && missing.length === 0;
        expect(failures(foldOf(missing))).toEqual(isNew ? [] : failures(whole));
      }),
    );
  });

  it('never forgets a failure when the journal has lost its end', () => {
    fc.assert(
      fc.property(attempts, fc.nat(12), (lives, cut) => {
        const records = livesOf('cliff', lives);
        const whole = foldOf(records);
        const torn = caughtUp(foldOf(records.slice(0, cut)), manifestOf(['cliff'], whole));
        const [known] = torn.values();
        // One that is taken to be with the service yet is asked about, and will say again that it failed.
        const coming = known?.state === 'submitted' || known?.state === 'unknown' ? 1 : 0;
        // Of one whose clip is here in the end, the failures before matter no more.
        const [wanted] = whole.values();
        fc.pre(wanted?.state !== 'done' && wanted?.state !== 'completed');
        const [before = 0] = failures(whole);
        expect((failures(torn)[0] ?? 0) + coming).toBeGreaterThanOrEqual(before);
      }),
    );
  });

  it('keeps the number of failures when the manifest is behind the journal', () => {
    fc.assert(
      fc.property(attempts, fc.nat(12), (lives, cut) => {
        const records = livesOf('cliff', lives);
        const whole = foldOf(records);
        const before = failures(whole);
        const behind = manifestOf(['cliff'], foldOf(records.slice(0, cut)));
        expect(failures(caughtUp(whole, behind))).toEqual(before);
      }),
    );
  });
});
