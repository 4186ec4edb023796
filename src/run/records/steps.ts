import { withoutSecretsOfLinks } from '../../base/text.js';
import type { Check, SubmissionState } from '../../manifest/manifest.js';
import type { MediaFacts } from '../../media/facts.js';
import type { NativeInput } from '../../models/native-input.js';
import type { RecordedSubmission } from '../../plan/plan.js';
import { type Attempt, currentIndex, GIVEN_UP, type Render } from './render.js';

/** Something that happens to the submission of one content key. */
export type Step =
  /** The POST is about to leave. */
  | {
      readonly type: 'submitting';
      /** UTC, ISO 8601 with milliseconds. */
      readonly sent: string;
      readonly submission: RecordedSubmission;
      readonly input: NativeInput;
      readonly estimate: Attempt['estimate'];
      /** True if it is rendered again although its clip is here. */
      readonly again?: boolean;
    }
  /**
   * The service did not accept it: a 4xx (429 too). With a null `status`, it was no attempt: the connection was never made, or the
   * account was refused, whatever was sent.
   */
  | ({ readonly type: 'refused'; readonly status: number | null } & Reason)
  | { readonly type: 'submitted'; readonly request_id: string }
  /** The service has rendered it; `outputs` are the URLs of the videos, and `cost` is in USD. */
  | {
      readonly type: 'completed';
      readonly outputs: readonly string[];
      readonly cost: number | null;
      readonly finished: string | null;
    }
  /** The clip is on disk, synced, and is a video; `index` is its place among the outputs. */
  | {
      readonly type: 'downloaded';
      readonly index: number;
      readonly file: string;
      readonly bytes: number;
      readonly sha256: string;
      readonly media: MediaFacts;
    }
  /** A clip was inspected; with a null `sha256`, a download that was no video. */
  | ({ readonly type: 'inspected'; readonly index: number; readonly sha256: string | null } & Check)
  /** The service says it failed, or cancelled it without our asking. */
  | ({ readonly type: 'failed'; readonly cost: number | null } & Reason)
  /** A run left it, or its clip, with the service, for this reason. */
  | ({ readonly type: 'left' } & Reason)
  /** We are about to ask the service to cancel it. If the answer is lost, a later `cancelled` is still by us. */
  | { readonly type: 'cancelling' }
  /** The service confirms that it cancelled it, because we asked. */
  | { readonly type: 'cancelled' }
  /** The answer, or the result, is not known. */
  | ({ readonly type: 'lost' } & Reason)
  /** A person has found its request at the service, perhaps after giving it up. */
  | { readonly type: 'accepted'; readonly request_id: string }
  /** A person says that the service never took it. */
  | { readonly type: 'released' }
  /** A person does not wait for it any longer. */
  | { readonly type: 'given-up' }
  /** The clip of this later request is used from here on, because that of the earlier one cannot be had any more. */
  | { readonly type: 'chosen'; readonly request_id: string }
  /** A person accepts that its clip is missing here. */
  | { readonly type: 'accepted-missing' }
  /** A person wants it rendered again, although there is a clip or a failure. */
  | { readonly type: 'rerender' };

interface Reason {
  readonly code: string | null;
  readonly message: string;
}

const ANY_SENT: readonly SubmissionState[] = [
  'refused',
  'submitted',
  'completed',
  'done',
  'failed',
  'cancelled',
  'unknown',
];

/** States that a step may follow. Any other order would lose or repeat a paid submission. */
const FOLLOWS: Readonly<Record<Step['type'], readonly SubmissionState[]>> = {
  submitting: ['planned', 'refused', 'cancelled', 'failed'],
  refused: ['unknown'],
  submitted: ['unknown'],
  completed: ['submitted', 'completed'],
  downloaded: ANY_SENT,
  inspected: ['completed', 'done'],
  failed: ['submitted'],
  left: ['submitted', 'completed'],
  cancelling: ['submitted'],
  cancelled: ['submitted'],
  lost: ['unknown', 'submitted'],
  // A person may have given it up too soon.
  accepted: ['unknown', 'failed'],
  released: ['unknown'],
  'given-up': ['unknown', 'submitted'],
  chosen: ['done'],
  'accepted-missing': ['completed', 'done'],
  rerender: ['completed', 'done', 'failed'],
};

/** Error of a submission without an answer: after a crash, or while it is being sent. */
const NO_ANSWER = 'The run ended before the service had answered, so it may or may not have been accepted.';

/**
 * The render after one more step; null if nothing is left to record, because the only POST never left. Throws for a step
 * that would lose or repeat a paid submission, which is a bug of ours.
 */
export function withStep(
  before: Render | null,
  step: Step,
  { service, key }: Pick<Render, 'service' | 'key'>,
): Render | null {
  const at = before ? currentIndex(before.attempts) : 0;
  const current = before?.attempts[at];
  const state = !current || current.state === 'released' ? 'planned' : current.state;
  const mayFollow = FOLLOWS[step.type].includes(state);
  if (step.type === 'submitting') {
    const hasClip = state === 'done' || state === 'completed';
    if (!mayFollow && !(hasClip && step.again)) throw unfit(key, step, state);
    return begin(before, step, { service, key, again: hasClip });
  }
  if (!before || !current || !mayFollow) throw unfit(key, step, state);
  if (step.type === 'refused' && step.status === null) {
    const attempts = before.attempts.filter((attempt) => attempt !== current);
    return attempts.length === 0 ? null : { ...before, attempts };
  }
  const changed = changedBy(step, { attempts: before.attempts, current });
  const attempts = before.attempts.map((attempt) =>
    changed.includes(attempt) ? { ...attempt, ...changeOf(attempt, step) } : attempt,
  );
  const { rerender: _, accepted_missing: __, ...render } = before;
  return { ...render, ...wishesAfter(before, step), attempts };
}

/** Attempts that a step changes: the current one, or another if two branches sent one each. */
function changedBy(
  step: Step,
  { attempts, current }: { readonly attempts: readonly Attempt[]; readonly current: Attempt },
): readonly Attempt[] {
  const mayFollow = ({ state }: Attempt) => state !== 'released' && FOLLOWS[step.type].includes(state);
  // A person who gives up waits for none of them.
  if (step.type === 'given-up') return attempts.filter(mayFollow);
  if (step.type !== 'accepted' && step.type !== 'chosen') return [current];
  const named = attempts.find((attempt) => attempt.request_id === step.request_id && mayFollow(attempt));
  return [named ?? current];
}

/** A person's wishes for a render after a step. */
function wishesAfter(
  { rerender, accepted_missing }: Render,
  { type }: Step,
): Pick<Render, 'rerender' | 'accepted_missing'> {
  return {
    ...((type === 'rerender' || (rerender && KEEPS_WISH.has(type))) && { rerender: true }),
    // A clip that is fetched again is needed.
    ...((type === 'accepted-missing' || (accepted_missing && type !== 'downloaded')) && {
      accepted_missing: true,
    }),
  };
}

/** Steps after which a person still wants it rendered again: nothing was rendered, or only the earlier clip was inspected. */
const KEEPS_WISH: ReadonlySet<Step['type']> = new Set([
  'inspected',
  'refused',
  'submitted',
  'lost',
  'left',
  'accepted',
  'released',
  'cancelling',
  'cancelled',
]);

function unfit(key: string, step: Step, state: SubmissionState): Error {
  return new Error(`${key}: \`${step.type}\` cannot follow where the submission is ${state}`);
}

function begin(
  before: Render | null,
  step: Step & { type: 'submitting' },
  { service, key, again }: Pick<Render, 'service' | 'key'> & { readonly again: boolean },
): Render {
  const { sent, submission, input, estimate } = step;
  const attempt: Attempt = {
    sent,
    state: 'unknown',
    ...(again && { again }),
    estimate,
    request_id: null,
    cost: null,
    finished: null,
    outputs: [],
    error: { code: null, message: NO_ANSWER },
    input,
  };
  if (!before) return { service, key, submission, attempts: [attempt] };
  const { accepted_missing: _, ...render } = before;
  return { ...render, attempts: [...before.attempts, attempt] };
}

/** The fields of an attempt that a step changes. */
function changeOf(
  current: Attempt,
  step: Exclude<Step, { type: 'submitting' }>,
): Partial<Attempt> & { readonly cancelling?: true | undefined } {
  switch (step.type) {
    case 'refused':
      return { state: 'refused', error: errorOf(step) };
    case 'submitted':
      return { state: 'submitted', request_id: step.request_id, error: null };
    case 'accepted':
      return {
        state: 'submitted',
        request_id: step.request_id,
        error: null,
        ...(step.request_id !== current.request_id && { cancelling: undefined }),
      };
    case 'completed': {
      const outputs = step.outputs.map((url, index) => ({ ...(current.outputs[index] ?? NOT_HERE), url }));
      return {
        state: isFetched(outputs) ? 'done' : 'completed',
        cost: step.cost ?? current.cost,
        finished: step.finished ?? current.finished,
        outputs,
        error: null,
      };
    }
    case 'downloaded':
      return downloaded(current, step);
    case 'inspected':
      return { outputs: current.outputs.map((output, index) => withCheck(output, { step, index })) };
    case 'failed':
      return { state: 'failed', cost: step.cost ?? current.cost, error: errorOf(step) };
    case 'left':
      return { error: errorOf(step) };
    case 'cancelling':
      return { cancelling: true };
    case 'cancelled':
      return { state: 'cancelled', error: null };
    case 'lost':
      return { state: 'unknown', error: errorOf(step) };
    case 'released':
      return { state: 'released' };
    case 'given-up':
      return { state: 'failed', error: { code: GIVEN_UP, message: 'Given up by a person.' } };
    case 'chosen':
      return { again: true };
    case 'accepted-missing':
    case 'rerender':
      return {};
  }
}

function errorOf({ code, message }: Reason): Attempt['error'] {
  return { code, message: withoutSecretsOfLinks(message) };
}

const NOT_HERE = { url: null, file: null, bytes: null, sha256: null, media: null };

/** A clip that a person puts in its place ends any state: what is paid for is here. */
function downloaded(current: Attempt, step: Step & { type: 'downloaded' }): Partial<Attempt> {
  const { type: _, index, ...clip } = step;
  const before = current.outputs.length > index ? current.outputs : [...current.outputs, NOT_HERE];
  const outputs = before.map((output, place) => {
    if (place !== index) return output;
    // The same bytes need no new inspection.
    const check = output.sha256 === clip.sha256 ? output.check : undefined;
    return { url: output.url, ...clip, ...(check && { check }) };
  });
  return { state: isFetched(outputs) ? 'done' : 'completed', outputs, error: null };
}

function isFetched(outputs: Attempt['outputs']): boolean {
  return outputs.length > 0 && outputs.every(({ file }) => file !== null);
}

/** Adds the result of an inspection, unless the clip has other bytes now. */
function withCheck(
  output: Attempt['outputs'][number],
  { step, index }: { readonly step: Step & { type: 'inspected' }; readonly index: number },
): Attempt['outputs'][number] {
  const { pictures, flags } = step;
  return index === step.index && output.sha256 === step.sha256
    ? { ...output, check: { pictures, flags } }
    : output;
}
