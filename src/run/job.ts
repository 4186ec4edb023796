import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { ChainedFrame } from '../models/native-input.js';
import type { Plan } from '../plan/plan.js';
import type { Submission } from '../plan/submission.js';
import { assertAcyclic, chainedFrames, chainedTo, dependentsOf, staleFrame } from './chains.js';
import type { Counts } from './events.js';
import { type Fold, hasFailed, type KeyState, mayRetry } from './journal/fold.js';

/** Work for one content key. */
export interface Job {
  readonly key: string;
  /** Ids in the plan that share the key; the first one named it. Empty if the shot has left the list. */
  readonly ids: readonly string[];
  readonly name: string;
  readonly model: string;
  readonly seconds: number;
  readonly audio: boolean;
  /** Submission to send; null if nothing may be sent. */
  readonly submission: Submission | null;
  /** Last frames of other clips in its input: it is sent when these clips are here. */
  readonly frames: readonly ChainedFrame[];
  /** Number of times it may be sent again after failures, over the life of the directory. */
  readonly retries: number;
}

/** A run's work, sorted by what happens to it. Each key is in one of these lists. */
export interface Work {
  readonly counts: Counts;
  /** With the service: to be followed. */
  readonly adopted: readonly Job[];
  /** Rendered, but a clip is missing: to be fetched. */
  readonly toFetch: readonly Job[];
  readonly toSend: readonly Job[];
  /** Keys of `toSend` whose clips are here, but are rendered again. */
  readonly again: ReadonlySet<string>;
  /** Number of jobs in `toSend` that failed before. */
  readonly retried: number;
  /** Settled before this run, with all their clips here. */
  readonly kept: readonly Job[];
  /** Failed or unknown: not sent again. */
  readonly held: readonly Job[];
  /** Chained to a held job, directly or not. */
  readonly blocked: readonly Blocked[];
}

/** A job, and the frame it waits for. */
export interface Blocked {
  readonly job: Job;
  readonly frame: ChainedFrame;
}

/** List of `Work` that a job is in; `leftOut` jobs are in none. */
type Place = 'adopted' | 'toFetch' | 'toSend' | 'held' | 'kept' | 'leftOut';

/**
 * Sorts a plan, and submissions of shots that have left it, by the journal and the disk. `refreshChained` sends shots
 * again that are chained to a clip which was, or will be, rendered again. `chosen` has the ids of submissions that may be
 * sent, if not all may. `retryFailed` sends failed shots once more, whatever their retries say. Throws if chains go round
 * in a circle.
 */
export function sortWork(options: {
  readonly plan: Plan;
  readonly fold: Fold;
  readonly directory: string;
  readonly refreshChained: boolean;
  readonly retryFailed: boolean;
  readonly chosen?: ReadonlySet<string> | undefined;
}): Work {
  const { plan, fold, directory, refreshChained, retryFailed, chosen } = options;
  const listed = listedJobs(plan, chosen);
  const jobs: Job[] = [...listed.values()];
  for (const known of fold.values()) if (!listed.has(known.key)) jobs.push(unlistedJob(known));
  const places = new Map(jobs.map((job) => [job.key, placeOf(job, fold.get(job.key), directory)]));
  const at = (place: Place) => jobs.filter(({ key }) => places.get(key) === place);
  const mayBeSent = ({ ids }: Job) => !chosen || ids.some((id) => chosen.has(id));
  for (const job of at('toSend')) if (!mayBeSent(job)) places.set(job.key, 'leftOut');
  for (const job of at('held').filter(mayBeSent)) {
    const known = fold.get(job.key);
    if (known && (mayRetry(known, job.retries) || (retryFailed && hasFailed(known)))) {
      places.set(job.key, 'toSend');
    }
  }

  const chained = jobs.filter(({ frames }) => frames.length > 0);
  assertAcyclic(chained);
  const dependents = dependentsOf(chained);
  const again = new Set<string>();
  if (refreshChained) {
    const isDone = (job: Job) => fold.get(job.key)?.state === 'done' && mayBeSent(job);
    const stale = chained.filter(isDone).filter(({ key }) => isStale(fold.get(key), fold));
    // A key that other shots are chained to and that is with the service is being rendered again.
    const renewed = [
      ...at('toSend'),
      ...at('adopted'),
      ...at('toFetch').filter(({ key }) => isRenderedAgain(fold.get(key))),
    ];
    const first = [...stale, ...renewed].map(({ key }) => key);
    for (const { key } of stale) again.add(key);
    for (const key of chainedTo(dependents, { first, passes: isDone }).keys()) again.add(key);
    for (const key of again) places.set(key, 'toSend');
  }
  const passes = ({ key }: Job) => places.get(key) === 'toSend';
  const stuck = chainedTo(dependents, { first: at('held').map(({ key }) => key), passes });
  const toSend = at('toSend').filter(({ key }) => !stuck.has(key));
  const work = {
    adopted: at('adopted'),
    toFetch: at('toFetch'),
    toSend,
    again,
    retried: toSend.filter(({ key }) => fold.get(key)?.state === 'failed').length,
    kept: at('kept'),
    held: at('held'),
    blocked: chained.flatMap((job) => {
      const frame = stuck.get(job.key);
      return frame ? [{ job, frame }] : [];
    }),
  };
  const leftOut = at('leftOut').reduce((sum, { ids }) => sum + ids.length, 0);
  const total = plan.submissions.length - leftOut;
  return { ...work, counts: countsOf(total, work) };
}

function countsOf(total: number, work: Omit<Work, 'counts'>): Counts {
  const ids = (list: readonly Job[]) => list.reduce((sum, job) => sum + job.ids.length, 0);
  return {
    total,
    kept: ids(work.kept),
    adopted: ids(work.adopted) + ids(work.toFetch),
    to_send: work.toSend.length,
    to_retry: work.retried,
    held: ids(work.held) + ids(work.blocked.map(({ job }) => job)),
  };
}

function isStale(known: KeyState | undefined, fold: Fold): boolean {
  return known !== undefined && staleFrame(known, fold) !== null;
}

/** True if a key was rendered again and not fetched yet. A clip that is only missing changes nothing for others. */
function isRenderedAgain(known: KeyState | undefined): boolean {
  return known?.state === 'completed' && known.earlier?.state === 'done';
}

function isHere(known: KeyState, directory: string): boolean {
  return known.outputs.every((output) => outputIsHere(output, directory));
}

/** True if a clip is in its place with its number of bytes. `verify` compares the bytes themselves. */
export function outputIsHere(output: KeyState['outputs'][number], directory: string): boolean {
  if (output.file === null) return false;
  const stat = statSync(join(directory, output.file), { throwIfNoEntry: false });
  return stat?.isFile() === true && stat.size === output.bytes;
}

function placeOf(job: Job, known: KeyState | undefined, directory: string): Place {
  switch (known?.state ?? 'planned') {
    case 'planned':
    case 'refused':
    case 'cancelled':
      // A shot that has left the list is never sent.
      return job.submission ? 'toSend' : 'kept';
    case 'submitted':
      return 'adopted';
    case 'completed':
      return 'toFetch';
    case 'done':
      // A missing clip is not fetched again for a shot that has left the list.
      return !job.submission || (known && isHere(known, directory)) ? 'kept' : 'toFetch';
    case 'failed':
      return job.submission ? 'held' : 'kept';
    case 'unknown':
      return 'held';
  }
}

function listedJobs(plan: Plan, chosen: ReadonlySet<string> | undefined): ReadonlyMap<string, Job> {
  const jobs = new Map<string, Job & { readonly ids: string[]; retries: number }>();
  for (const submission of plan.submissions) {
    const { key, id, model, seconds, audio } = submission;
    const same = jobs.get(key);
    // A shot that may not be sent in this run may not be retried either.
    const retries = chosen?.has(id) === false ? 0 : submission.retries;
    if (same) {
      same.ids.push(id);
      same.retries = Math.max(same.retries, retries);
    } else {
      const frames = chainedFrames(submission.input);
      jobs.set(key, { key, ids: [id], name: id, model, seconds, audio, submission, frames, retries });
    }
  }
  return jobs;
}

function unlistedJob({ key, submission }: KeyState): Job {
  const { id, model, seconds, audio } = submission;
  return { key, ids: [], name: id, model, seconds, audio, submission: null, frames: [], retries: 0 };
}
