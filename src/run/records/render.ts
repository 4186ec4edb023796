import { isDeepStrictEqual } from 'node:util';
import type { Output, SubmissionState } from '../../manifest/manifest.js';
import type { NativeInput } from '../../models/native-input.js';
import type { Cost, RecordedSubmission } from '../../plan/submission.js';

/**
 * What was sent for one content key, and what came of each POST: the content of one record file. It has only facts that are
 * the same on every machine. Structure: `schemas/record.schema.json`.
 */
export interface Render {
  /** The API's origin, or `local`. */
  readonly service: string;
  readonly key: string;
  /** The submission as it was first sent. */
  readonly submission: RecordedSubmission;
  /** True if a person wants it rendered again: the next run sends it, although it has a clip. */
  readonly rerender?: true;
  /** True if a person said that nobody needs the clip here. */
  readonly waived?: true;
  /** In the order in which they were sent; at least one in a file. */
  readonly attempts: readonly Attempt[];
}

/** One POST, and what came of it. */
export interface Attempt {
  /** Time just before the POST left, UTC, ISO 8601 with milliseconds. */
  readonly sent: string;
  /**
   * `released`: a person said that the service never took it, so it may be sent again. The other states are those of a
   * submission.
   */
  readonly state: Exclude<SubmissionState, 'planned'> | 'released';
  /** True if a person wanted it although there was a clip. */
  readonly again?: true;
  /** True if another run directory paid for it, from which it was taken over. */
  readonly elsewhere?: true;
  /** Cost as it was estimated when it was sent. */
  readonly estimate: Omit<Cost, 'live'>;
  readonly request_id: string | null;
  /** True if we asked the service to cancel it and do not know the result. */
  readonly cancelling?: true;
  /** USD as the service reported it. */
  readonly cost: number | null;
  /** Time at which the service finished it, UTC, as the service reported it; null if it did not. */
  readonly finished: string | null;
  readonly outputs: readonly Output[];
  readonly error: { readonly code: string | null; readonly message: string } | null;
  /** What was sent. Attempts differ only in the hashes of chained frames. */
  readonly input: NativeInput;
}

/** State of one content key, by its record. */
export interface KeyState {
  readonly key: string;
  readonly state: SubmissionState;
  /** Number of POSTs. */
  readonly attempts: number;
  /** Number of failures that the service reported. */
  readonly failures: number;
  /** The submission of the attempt that this state describes. */
  readonly submission: RecordedSubmission & {
    readonly input: NativeInput;
    readonly cost: Attempt['estimate'];
  };
  /** Time just before the POST left, UTC. */
  readonly sentAt: string;
  readonly requestId: string | null;
  /** Time at which the service finished it, by the service's clock, UTC. */
  readonly finishedAt: string | null;
  /** USD as the service reported it. */
  readonly cost: number | null;
  /** Cost of the attempt that this state describes: the estimate, until the service reports the cost. */
  readonly charge: Spent;
  /** Cost of all other attempts at this key. */
  readonly others: Spent;
  /** In the service's order. */
  readonly outputs: readonly Output[];
  readonly error: Attempt['error'];
  /** True if we asked the service to cancel this request. */
  readonly cancelling: boolean;
  /** True if a clip of an earlier attempt is replaced by this one. */
  readonly replaces: boolean;
  readonly rerender: boolean;
  readonly waived: boolean;
  /** Path of its clips without the ending, relative to the run directory, with forward slashes. */
  readonly stem: string;
  /** The clips of all other attempts. */
  readonly otherClips: readonly OtherClip[];
}

/** A clip of an attempt that the state of its key does not describe. */
export interface OtherClip extends Output {
  readonly requestId: string | null;
  /** Position among the outputs of its request, from 0. */
  readonly index: number;
}

/** The state of each key, oldest first. */
export type Fold = ReadonlyMap<string, KeyState>;

/** Code of the error of a submission that a person has given up. It is not a failure that may be retried. */
export const GIVEN_UP = 'given-up';

/** The state of a render. `stem` is the path of its record without the ending. */
export function stateOf(render: Render, stem: string): KeyState {
  const { key, submission, attempts } = render;
  const at = describedAttempt(attempts);
  const current = attempts[at];
  if (!current) throw new Error(`the record of ${key} has no attempt`);
  const { state, sent, request_id, finished, cost, outputs, error, input, estimate } = current;
  const others = attempts.filter((attempt) => attempt !== current);
  const isFollowup = attempts.slice(0, at).some(hasClip);
  return {
    key,
    state: state === 'released' ? 'planned' : state,
    attempts: attempts.length,
    failures: attempts.filter(isFailure).length,
    submission: { ...submission, input, cost: estimate },
    sentAt: sent,
    requestId: request_id,
    finishedAt: finished,
    cost,
    charge: chargeOf(current),
    others: others.map(chargeOf).reduce(addSpent, NOTHING),
    outputs,
    error: state === 'released' ? null : error,
    cancelling: current.cancelling === true,
    replaces: isFollowup,
    rerender: render.rerender === true,
    waived: render.waived === true,
    stem: isFollowup ? `${stem}.attempt${at + 1}` : stem,
    otherClips: others.flatMap(({ outputs, request_id: requestId }) =>
      outputs.map((output, index) => ({ ...output, requestId, index })),
    ),
  };
}

/** How near an attempt is to a clip; an attempt that rendered nothing has 0. */
const NEARNESS: Readonly<Record<Attempt['state'], number>> = {
  refused: 0,
  cancelled: 0,
  released: 0,
  failed: 0,
  unknown: 1,
  submitted: 2,
  completed: 3,
  done: 4,
};

/**
 * Index of the attempt that the state of a key describes. It is the last one, except that an attempt which rendered nothing
 * leaves an earlier clip or failure in its place, and that of attempts which were sent on two branches the one counts that is
 * nearest to a clip, the first of equal ones.
 */
export function describedAttempt(attempts: readonly Attempt[]): number {
  let at = 0;
  for (const [index, next] of attempts.entries()) {
    const before = attempts[at];
    if (!before || index === 0) continue;
    const isOver = NEARNESS[before.state] === 0;
    const rendersNothing = NEARNESS[next.state] === 0;
    if (isOver) {
      const isUnsent = next.state === 'refused' || next.state === 'cancelled';
      if (!(before.state === 'failed' && isUnsent)) at = index;
    } else if (next.again ? !rendersNothing : NEARNESS[next.state] > NEARNESS[before.state]) at = index;
  }
  return at;
}

function hasClip({ state }: Attempt): boolean {
  return state === 'done' || state === 'completed';
}

function isFailure({ state, error }: Attempt): boolean {
  return state === 'failed' && error?.code !== GIVEN_UP;
}

/** True if the service reported a failure and the retries allow another attempt. */
export function mayRetry(known: KeyState, retries: number): boolean {
  return hasFailed(known) && known.failures <= retries;
}

/** True if the service reported the failure; false if a person gave the submission up. */
export function hasFailed({ state, error }: KeyState): boolean {
  return state === 'failed' && error?.code !== GIVEN_UP;
}

/**
 * Joins two records of the same key, as two branches leave them. An attempt that both have counts once, with what either
 * knows of it. Clips of the same name stay the first attempt's; the clip of a later one gets the number of its attempt.
 */
export function joinRenders(left: Render, right: Render): Render {
  // In the same order on both branches, so that both make the same file.
  const isInOrder = compare(left.attempts[0]?.sent ?? '', right.attempts[0]?.sent ?? '') <= 0;
  const [one, other] = isInOrder ? [left, right] : [right, left];
  const attempts: Attempt[] = [...one.attempts];
  for (const attempt of other.attempts) {
    const index = attempts.findIndex((known) => isSameAttempt(known, attempt));
    const known = attempts[index];
    if (known) attempts[index] = joinAttempts(known, attempt);
    else attempts.push(attempt);
  }
  attempts.sort((a, b) => compare(a.sent, b.sent) || compare(a.request_id ?? '', b.request_id ?? ''));
  const rerender = one.rerender && other.rerender;
  const waived = one.waived || other.waived;
  const { rerender: _, waived: __, ...render } = one;
  return {
    ...render,
    ...(rerender && { rerender }),
    ...(waived && { waived }),
    attempts: withOwnNames(attempts),
  };
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function isSameAttempt(one: Attempt, other: Attempt): boolean {
  if (one.request_id !== null && other.request_id !== null) return one.request_id === other.request_id;
  return one.sent === other.sent;
}

/** The version of an attempt that knows more, completed by the other. */
function joinAttempts(one: Attempt, other: Attempt): Attempt {
  const isFurther = lifeOf(other) > lifeOf(one);
  const [more, less] = isFurther ? [other, one] : [one, other];
  const outputs = more.outputs.map((output, index) => {
    const same = less.outputs[index];
    if (!same) return output;
    const facts = output.sha256 === null ? same : output;
    const check = output.check ?? (same.sha256 === facts.sha256 ? same.check : undefined);
    return { ...facts, ...(check && { check }) };
  });
  const { elsewhere: _, ...rest } = more;
  return {
    ...rest,
    // Paid here is paid.
    ...(one.elsewhere && other.elsewhere && { elsewhere: true }),
    cost: more.cost ?? less.cost,
    finished: more.finished ?? less.finished,
    outputs,
  };
}

/** States in the order of an attempt's life. */
const LIFE: readonly Attempt['state'][] = [
  'unknown',
  'released',
  'refused',
  'submitted',
  'cancelled',
  'failed',
  'completed',
  'done',
];

/** Position of an attempt in its life. A request that the service has forgotten knows more than one in progress. */
function lifeOf({ state, request_id }: Attempt): number {
  return state === 'unknown' && request_id !== null ? LIFE.indexOf('submitted') + 0.5 : LIFE.indexOf(state);
}

function withOwnNames(attempts: readonly Attempt[]): readonly Attempt[] {
  const names = new Set<string>();
  return attempts.map((attempt, at) => {
    const outputs = attempt.outputs.map((output) => {
      if (output.file === null || !names.has(output.file)) {
        if (output.file !== null) names.add(output.file);
        return output;
      }
      const file = output.file.replace(/(?:\.attempt\d+)?(-\d+)?\.mp4$/, `.attempt${at + 1}$1.mp4`);
      names.add(file);
      return { ...output, file };
    });
    return isDeepStrictEqual(outputs, attempt.outputs) ? attempt : { ...attempt, outputs };
  });
}

/** Cost, or possible cost, of some POSTs. */
export interface Spent {
  /** USD: as the service reported it, else as estimated when it was sent. */
  readonly usd: number;
  /** Number of POSTs with neither; their cost is not in `usd`. */
  readonly unknown: number;
}

export const NOTHING: Spent = { usd: 0, unknown: 0 };

const FREE: ReadonlySet<Attempt['state']> = new Set(['refused', 'cancelled']);

/** A failure counts as paid, unless the service reports its cost: no price list says that failures are free. */
function chargeOf({ state, cost, estimate, elsewhere }: Attempt): Spent {
  if (elsewhere || FREE.has(state)) return NOTHING;
  return charged(cost ?? estimate.usd);
}

/** Cost, or possible cost, of all attempts at a key. */
export function spentOn({ charge, others }: KeyState): Spent {
  return addSpent(charge, others);
}

/** Cost, or possible cost, of everything that was ever sent from a run directory. */
export function spentInAll(fold: Fold): Spent {
  let total = NOTHING;
  for (const known of fold.values()) total = addSpent(total, spentOn(known));
  return total;
}

/** Cost of one POST; null if it is not known. */
export function charged(usd: number | null): Spent {
  return usd === null ? { usd: 0, unknown: 1 } : { usd, unknown: 0 };
}

export function addSpent(one: Spent, other: Spent): Spent {
  return { usd: toMillionths(one.usd + other.usd), unknown: one.unknown + other.unknown };
}

export function subtractSpent(from: Spent, what: Spent): Spent {
  return addSpent(from, { usd: -what.usd, unknown: -what.unknown });
}

/** Rounds away what binary fractions leave, to the precision in which services report costs. */
function toMillionths(usd: number): number {
  return Math.round(usd * 1e6) / 1e6;
}
