import { canonicalJson } from '../../base/json.js';
import { toMillionths } from '../../base/units.js';
import type { Output, SubmissionState } from '../../manifest/manifest.js';
import type { NativeInput } from '../../models/native-input.js';
import type { Cost, RecordedSubmission } from '../../plan/plan.js';

/**
 * Content of one record file: the submission of one content key, and the result of each POST. It has only facts that are
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
  /** True if a person accepted that the clip is missing here. */
  readonly accepted_missing?: true;
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
  readonly paid_elsewhere?: true;
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
  /** Input that was sent. Attempts differ only in the hashes of chained frames. */
  readonly input: NativeInput;
}

/** State of one content key, by its record. It describes one attempt, the current one; `currentIndex` chooses it. */
export interface KeyState {
  readonly key: string;
  readonly state: SubmissionState;
  /** Number of POSTs. */
  readonly attempts: number;
  /** Number of failures that the service reported. */
  readonly failures: number;
  /** The submission of the current attempt. */
  readonly submission: RecordedSubmission & {
    readonly input: NativeInput;
    readonly cost: Attempt['estimate'];
  };
  /** Time just before the POST left, UTC. */
  readonly sentAt: string;
  readonly requestId: string | null;
  /** Time at which the service finished it, by the service's clock, UTC. */
  readonly finishedAt: string | null;
  /** USD as the service reported it; 0 if another run directory paid for it. */
  readonly cost: number | null;
  /** Cost of the current attempt: the estimate, until the service reports the cost. */
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
  /** True if a person wants it rendered again. */
  readonly rerender: boolean;
  /** True if a person accepted that the clip is missing here. */
  readonly acceptedMissing: boolean;
  /** Start of the paths of its clips, relative to the run directory, with forward slashes; a number and the ending follow. */
  readonly pathStart: string;
  /** The clips of all other attempts. */
  readonly clipsOfOtherAttempts: readonly ClipOfOtherAttempt[];
}

/** A clip of another attempt than the current one. */
export interface ClipOfOtherAttempt extends Output {
  readonly requestId: string | null;
  /** Position among the outputs of its request, from 0. */
  readonly index: number;
}

/** State of each key, oldest first. */
export type KeyStates = ReadonlyMap<string, KeyState>;

/** Shortest start of a content key that is taken for one, hex digits: clip names show as many. */
export const KEY_START = 8;

/** Code of the error of a submission that a person has given up. It is not a failure that may be retried. */
export const GIVEN_UP = 'given-up';

/** State of a render's key. `pathStart` is the path of its record without the ending. */
export function stateOf(render: Render, pathStart: string): KeyState {
  const { key, submission, attempts } = render;
  const at = currentIndex(attempts);
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
    cost: current.paid_elsewhere ? 0 : cost,
    charge: chargeOf(current),
    others: others.map(chargeOf).reduce(addSpent, NOTHING),
    outputs,
    error: state === 'released' ? null : error,
    cancelling: current.cancelling === true,
    replaces: isFollowup,
    rerender: render.rerender === true,
    acceptedMissing: render.accepted_missing === true,
    pathStart: isFollowup ? `${pathStart}.attempt${at + 1}` : pathStart,
    clipsOfOtherAttempts: others.flatMap(({ outputs, request_id: requestId }) =>
      outputs.map((output, index) => ({ ...output, requestId, index })),
    ),
  };
}

/** Progress of an attempt toward a clip; 0 for an attempt that rendered nothing. */
const PROGRESS: Readonly<Record<Attempt['state'], number>> = {
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
 * Index of the current attempt. It is the last one, with two exceptions. An attempt that rendered nothing does not replace
 * an earlier clip or failure. Of attempts that were sent on two branches, the one that is nearest to a clip counts, and the
 * first of two that are equally near.
 */
export function currentIndex(attempts: readonly Attempt[]): number {
  let at = 0;
  for (const [index, next] of attempts.entries()) {
    const before = attempts[at];
    if (!before || index === 0) continue;
    const isOver = PROGRESS[before.state] === 0;
    const rendersNothing = PROGRESS[next.state] === 0;
    if (isOver) {
      const isUnsent = next.state === 'refused' || next.state === 'cancelled';
      if (!(before.state === 'failed' && isUnsent)) at = index;
    } else if (next.again ? !rendersNothing : PROGRESS[next.state] > PROGRESS[before.state]) at = index;
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
 * The order of the two does not matter, so that both branches make the same file.
 */
export function joinRenders(left: Render, right: Render): Render {
  const isInOrder =
    (compare(left.attempts[0]?.sent ?? '', right.attempts[0]?.sent ?? '') ||
      compare(textOf(left.submission), textOf(right.submission))) <= 0;
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
  const accepted_missing = one.accepted_missing || other.accepted_missing;
  const { rerender: _, accepted_missing: __, ...render } = one;
  return {
    ...render,
    ...(rerender && { rerender }),
    ...(accepted_missing && { accepted_missing }),
    attempts: withOwnNames(attempts),
  };
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** The same text for the same value, in any order of its names. */
function textOf(value: unknown): string {
  return canonicalJson(JSON.parse(JSON.stringify(value)));
}

function isSameAttempt(one: Attempt, other: Attempt): boolean {
  if (one.request_id !== null && other.request_id !== null) return one.request_id === other.request_id;
  return one.sent === other.sent;
}

/**
 * An attempt by two records: the state of the one that knows more, and every fact that either has. Each fact is chosen by
 * itself, so that the order of several merges does not matter.
 */
function joinAttempts(one: Attempt, other: Attempt): Attempt {
  const isFurther = (knowledgeOf(one) - knowledgeOf(other) || compare(ownFacts(one), ownFacts(other))) >= 0;
  const { paid_elsewhere: _, ...rest } = isFurther ? one : other;
  const { outputs } = one.outputs.length < other.outputs.length ? other : one;
  return {
    ...rest,
    // Paid here is paid.
    ...(one.paid_elsewhere && other.paid_elsewhere && { paid_elsewhere: true }),
    request_id: one.request_id ?? other.request_id,
    cost: greater(one.cost, other.cost),
    finished: greater(one.finished, other.finished),
    outputs: outputs.map((_, index) => joinOutputs(one.outputs[index], other.outputs[index])),
  };
}

/** The facts of an attempt that are taken together, as text. */
function ownFacts({ sent, error, cancelling, again, estimate, input }: Attempt): string {
  return textOf([sent, error, cancelling ?? false, again ?? false, estimate, input]);
}

function greater<T extends number | string>(one: T | null, other: T | null): T | null {
  if (one === null || other === null) return one ?? other;
  return one > other ? one : other;
}

/** A clip by two records; of two inspections of the same clip, the one that saw its pictures counts. */
function joinOutputs(one: Output | undefined, other: Output | undefined): Output {
  const known = [one, other].filter((output) => output !== undefined);
  const clipFirst = ({ check: _, ...facts }: Output) => `${facts.sha256 === null} ${textOf(facts)}`;
  known.sort((a, b) => compare(clipFirst(a), clipFirst(b)));
  const [best] = known;
  if (!best) throw new Error('there is no clip to join');
  const checks = known.flatMap(({ sha256, check }) => (check && sha256 === best.sha256 ? [check] : []));
  checks.sort((a, b) => Number(b.pictures) - Number(a.pictures) || compare(textOf(a), textOf(b)));
  const [check] = checks;
  const { check: _, ...facts } = best;
  return { ...facts, ...(check && { check }) };
}

/** States of an attempt, each after those that know less of it. */
const BY_KNOWLEDGE: readonly Attempt['state'][] = [
  'unknown',
  'released',
  'refused',
  'submitted',
  'cancelled',
  'failed',
  'completed',
  'done',
];

/** Rank of what an attempt's state says. A request that the service has forgotten says more than one in progress. */
function knowledgeOf({ state, request_id }: Attempt): number {
  return state === 'unknown' && request_id !== null
    ? BY_KNOWLEDGE.indexOf('submitted') + 0.5
    : BY_KNOWLEDGE.indexOf(state);
}

/** The number of the attempt in the name of a clip, and what follows it. */
const ATTEMPT = /(\.attempt\d+)?((?:-\d+)?(?:-copy\d+)?\.\w+)$/;

/** The attempts with clips of different names: a number that a name has is that of its attempt in the joined record. */
function withOwnNames(attempts: readonly Attempt[]): readonly Attempt[] {
  const names = new Set<string>();
  const nameOf = (file: string, at: number) => {
    const isOwn = !names.has(file) && ATTEMPT.exec(file)?.[1] === undefined;
    const name = isOwn ? file : file.replace(ATTEMPT, `.attempt${at + 1}$2`);
    names.add(name);
    return name;
  };
  return attempts.map((attempt, at) => ({
    ...attempt,
    outputs: attempt.outputs.map((output) =>
      output.file === null ? output : { ...output, file: nameOf(output.file, at) },
    ),
  }));
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
function chargeOf({ state, cost, estimate, paid_elsewhere }: Attempt): Spent {
  if (paid_elsewhere || FREE.has(state)) return NOTHING;
  return charged(cost ?? estimate.usd);
}

/** Cost, or possible cost, of all attempts at a key. */
export function spentOn({ charge, others }: KeyState): Spent {
  return addSpent(charge, others);
}

/** Cost, or possible cost, of everything that was ever sent from a run directory. */
export function spentInAll(keyStates: KeyStates): Spent {
  let total = NOTHING;
  for (const known of keyStates.values()) total = addSpent(total, spentOn(known));
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
