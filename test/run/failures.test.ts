import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatRecord, readRecord } from '../../src/run/records/record-file.js';
import { joinRenders, type Render } from '../../src/run/records/render.js';
import { attempts, done, lifeOf, SENT, type Steps, stagesOf, stateAt, UNSAFE, WHY } from './lives.js';

const FAILED: Steps = [SENT, UNSAFE];

function stateAfter(...lives: readonly Steps[]) {
  const render = lifeOf('cliff', lives);
  return render && stateAt(render);
}

describe('a failure', () => {
  it('counts failures over the life of the directory', () => {
    expect(stateAfter(FAILED, FAILED)).toMatchObject({ state: 'failed', attempts: 2, failures: 2 });
    expect(stateAfter(FAILED, done(0.5))).toMatchObject({ state: 'done', attempts: 2, failures: 1 });
    expect(stateAfter(done(0.5), FAILED)).toMatchObject({ state: 'done', attempts: 2, failures: 1 });
  });

  it.each<[string, Steps, number]>([
    ['is refused', [{ type: 'refused', ...WHY, status: 429 }], 2],
    ['never leaves', [{ type: 'refused', ...WHY, status: null }], 1],
    ['is cancelled', [SENT, { type: 'cancelling' }, { type: 'cancelled' }], 2],
  ])(
    'falls back to the failure when a later attempt %s, so the shot is not sent again by itself',
    (_what, end, count) => {
      expect(stateAfter(FAILED, end)).toMatchObject({
        state: 'failed',
        attempts: count,
        failures: 1,
        requestId: 'cliff-0',
        error: { message: 'Unsafe.' },
      });
    },
  );

  it('leaves a failure behind when a person resubmits the next attempt', () => {
    expect(stateAfter(FAILED, [{ type: 'released' }])).toMatchObject({ state: 'planned', failures: 1 });
  });

  it('does not count a submission that was given up as a failure', () => {
    const expected = { state: 'failed', failures: 1, error: { code: 'given-up' } };
    expect(stateAfter(FAILED, [{ type: 'given-up' }])).toMatchObject(expected);
  });
});

describe('how often a shot has failed', () => {
  const failures = (render: Render | null) => (render ? stateAt(render).failures : 0);

  it('is the same after the record was written and read', () => {
    fc.assert(
      fc.property(attempts, (lives) => {
        const render = lifeOf('cliff', lives);
        fc.pre(render !== null);
        const read = readRecord(formatRecord(render as Render));
        expect(read.ok && failures(read.render)).toBe(failures(render));
      }),
    );
  });

  it('is not forgotten when an older record is merged into a newer one', () => {
    fc.assert(
      fc.property(attempts, fc.nat(20), (lives, cut) => {
        const stages = stagesOf('cliff', lives).filter((stage) => stage !== null);
        const whole = stages.at(-1);
        const older = stages[cut % Math.max(1, stages.length)];
        fc.pre(whole !== undefined && older !== undefined);
        // A POST that never left is in the older one only.
        fc.pre((older as Render).attempts.length <= (whole as Render).attempts.length);
        expect(failures(joinRenders(older as Render, whole as Render))).toBe(failures(whole as Render));
      }),
    );
  });
});
