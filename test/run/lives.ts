import fc from 'fast-check';
import type { Submission } from '../../src/plan/plan.js';
import { clipName } from '../../src/run/clips/recorded-clips.js';
import { type KeyState, type KeyStates, type Render, stateOf } from '../../src/run/records/render.js';
import { type Step, withStep } from '../../src/run/records/steps.js';
import { submittingStep } from '../../src/run/requests/submit-shot.js';
import { summarize } from '../../src/run/summary.js';
import { FACTS, hash, planOf, recordOf, submission } from './world.js';

/** Time at which the first attempt of a life is sent. */
export const AT = Date.UTC(2026, 10, 21, 8, 0, 0);
export const WHY = { status: 502, code: 'lost', message: 'The answer was lost.' };
export const URL = 'https://files.runcomfy.net/1.mp4';

/** A step after the POST; request id and file are set by `livesOf`. */
export type Steps = readonly (
  | Exclude<Step, { readonly type: 'submitting' | 'submitted' | 'downloaded' }>
  | { readonly type: 'submitted' | 'downloaded' }
)[];
export const SENT = { type: 'submitted' } as const;
export const UNSAFE = { type: 'failed', code: 'x', message: 'Unsafe.', cost: null } as const;
export const rendered = (cost: number | null) =>
  [SENT, { type: 'completed', outputs: [URL], cost, finished: null }] as const;
export const done = (cost: number | null) => [...rendered(cost), { type: 'downloaded' }] as const;

/** How an attempt can end, and its cost where 0.63 USD were estimated. */
export const ATTEMPTS: readonly (readonly [string, Steps, number])[] = [
  ['no answer', [], 0.63],
  ['a lost answer', [{ type: 'lost', ...WHY }], 0.63],
  ['refused', [{ type: 'refused', ...WHY, status: 422 }], 0],
  ['never left', [{ type: 'refused', ...WHY, status: null }], 0],
  ['submitted', [SENT], 0.63],
  ['forgotten by the service', [SENT, { type: 'lost', ...WHY }], 0.63],
  ['rendered at a reported cost', rendered(0.5), 0.5],
  ['rendered for nothing', done(0), 0],
  ['rendered for more than was estimated', done(0.9), 0.9],
  ['rendered, its cost not reported', done(null), 0.63],
  ['rendered and not needed here', [...done(0.5), { type: 'accepted-missing' }], 0.5],
  ['failed', [SENT, UNSAFE], 0.63],
  ['failed at a reported cost', [SENT, { ...UNSAFE, cost: 0.21 }], 0.21],
  ['failed free of charge', [SENT, { ...UNSAFE, cost: 0 }], 0],
  ['cancelled by us', [SENT, { type: 'cancelling' }, { type: 'cancelled' }], 0],
  ['given up', [{ type: 'given-up' }], 0.63],
  ['given up while it was in progress', [SENT, { type: 'given-up' }], 0.63],
  ['found by a person', [{ type: 'accepted', request_id: 'req-9' }], 0.63],
  ['saved by hand', [{ type: 'downloaded' }], 0.63],
  ['to be sent again, as a person says', [{ type: 'released' }], 0.63],
];

/** State of a render that has the usual name. */
export function stateAt(render: Render): KeyState {
  return stateOf(render, recordOf(render.submission.id).replace(/\.json$/, ''));
}

/** A render after one more step. */
export function stepped(before: Render | null, step: Step, id = 'cliff'): Render {
  const after = withStep(before, step, { service: 'local', key: hash(id) });
  if (!after) throw new Error('no attempt is left');
  return after;
}

export interface LifeOptions {
  /** Render that the attempts follow. */
  readonly from?: Render | null;
  /** Number of the first attempt: it decides its time and its request id. */
  readonly number?: number;
  /** Name that makes the request ids unlike those of another branch. */
  readonly branch?: string;
  readonly submission?: Submission;
  /** Steps of the open attempt of `from`, before the first attempt. */
  readonly finish?: Steps;
}

/** The render after each step of some attempts, one after the other, as far as each may follow the one before. */
export function stagesOf(
  id: string,
  attempts: readonly Steps[],
  { from = null, number = 0, branch = id, submission: sent = submission(id), finish = [] }: LifeOptions = {},
): readonly (Render | null)[] {
  let render = from;
  const stages: (Render | null)[] = [];
  for (const step of from ? finish : []) {
    try {
      render = withStep(render, wholeStep(step, { render, request: 'open' }), {
        service: 'local',
        key: hash(id),
      });
    } catch {
      // The open attempt has gone another way.
      break;
    }
    stages.push(render);
  }
  for (const [offset, steps] of attempts.entries()) {
    const index = number + offset;
    const again = render !== null && stateAt(render).outputs.length > 0;
    const first = { ...submittingStep(sent, AT + index * 60_000), again };
    for (const step of [first, ...steps]) {
      try {
        render = withStep(render, wholeStep(step, { render, request: `${branch}-${index}` }), {
          service: 'local',
          key: hash(id),
        });
      } catch (error) {
        // An open request cannot be sent again, and a person settles only what is open.
        if (!/cannot follow/.test(String(error))) throw error;
        return stages;
      }
      stages.push(render);
    }
  }
  return stages;
}

function wholeStep(
  step: Step | Steps[number],
  { render, request }: { readonly render: Render | null; readonly request: string },
): Step {
  if (step.type === 'submitted' || step.type === 'accepted') return { type: step.type, request_id: request };
  if (step.type !== 'downloaded' || !render) return step as Step;
  const known = stateAt(render);
  // A POST has one clip, whoever fetches it.
  const sha256 = hash(known.sentAt);
  return { type: 'downloaded', index: 0, file: clipName(known, 0), bytes: 3, sha256, media: FACTS };
}

/** The render at the end of some attempts; null if no POST left. */
export function lifeOf(id: string, attempts: readonly Steps[], options: LifeOptions = {}): Render | null {
  return stagesOf(id, attempts, options).at(-1) ?? null;
}

export function keyStatesOf(...renders: readonly (Render | null)[]): KeyStates {
  return new Map(renders.flatMap((render) => (render ? [[render.key, stateAt(render)] as const] : [])));
}

export function manifestOf(ids: readonly string[], keyStates: KeyStates) {
  return summarize({
    plan: planOf(...ids),
    keyStates,
    service: 'local',
    directory: '/films/renders/film',
    toolVersion: '0.1.0',
  });
}

/** Up to four attempts at one key. */
export const attempts = fc.array(fc.constantFrom(...ATTEMPTS.map(([, steps]) => steps)), {
  minLength: 1,
  maxLength: 4,
});
