import type { ChainedFrame } from '../models/native-input.js';
import type { Plan, Submission } from '../plan/plan.js';
import { assertAcyclic, chainedFrames, chainedTo, dependentsOf, staleFrame } from './chains.js';
import { clipsAreHere } from './clips/recorded-clips.js';
import type { Counts } from './events.js';
import { hasFailed, type KeyState, type KeyStates, mayRetry } from './records/render.js';

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
  /** False if only other shots were chosen: its end does not decide how the run ends. */
  readonly isChosen: boolean;
}

/** Clips to fetch that earlier runs rendered: all, those that this run's shots start from, or none. */
export type Fetch = 'all' | 'needed' | 'new';

/** A run's work, sorted by what happens to it. Each key is in one of these lists. */
export interface Work {
  readonly counts: Counts;
  /** With the service: to be followed. */
  readonly adopted: readonly Job[];
  /** Rendered, but a clip is not here: to be fetched. */
  readonly toFetch: readonly Job[];
  readonly toSend: readonly Job[];
  /** Keys of `toSend` whose clips are here, but are rendered again. */
  readonly again: ReadonlySet<string>;
  /** Number of jobs in `toSend` that failed before. */
  readonly retried: number;
  /** Settled before this run, and nothing is to be fetched. */
  readonly kept: readonly Job[];
  /** Keys that are rendered and whose clips are not here at the beginning. */
  readonly absent: ReadonlySet<string>;
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

/**
 * List of `Work` that a job is in. `leftOut` jobs are in none. A clip that is `missing`, or whose absence a person accepted, is to be
 * fetched or not, which depends on the other jobs.
 */
type Place = 'adopted' | 'toFetch' | 'missing' | 'acceptedMissing' | 'toSend' | 'held' | 'kept' | 'leftOut';

/**
 * Sorts a plan, and submissions of shots that have left it, by the records and the disk. `refreshChained` sends shots
 * again that are chained to a clip which was, or will be, rendered again. `chosen` has the ids of submissions that may be
 * sent, if not all may. `retryFailed` sends failed shots once more, whatever their retries say. `fetch` says which clips
 * of earlier runs are fetched. Throws if chains go round in a circle.
 */
export function sortWork(options: {
  readonly plan: Plan;
  readonly keyStates: KeyStates;
  readonly directory: string;
  readonly refreshChained: boolean;
  readonly retryFailed: boolean;
  readonly fetch: Fetch;
  readonly chosen?: ReadonlySet<string> | undefined;
}): Work {
  const { plan, keyStates, directory, refreshChained, retryFailed, chosen, fetch } = options;
  const listed = listedJobs(plan, chosen);
  const jobs: Job[] = [...listed.values()];
  for (const known of keyStates.values()) if (!listed.has(known.key)) jobs.push(unlistedJob(known, !chosen));
  const places = new Map(jobs.map((job) => [job.key, placeOf(job, keyStates.get(job.key), directory)]));
  const at = (place: Place) => jobs.filter(({ key }) => places.get(key) === place);
  const notHere = [...at('toFetch'), ...at('missing'), ...at('acceptedMissing')];
  for (const job of [...at('toSend'), ...at('held')]) {
    places.set(
      job.key,
      sentPlace(job, { known: keyStates.get(job.key), place: places.get(job.key), retryFailed }),
    );
  }

  const chained = jobs.filter(({ frames }) => frames.length > 0);
  assertAcyclic(chained);
  const dependents = dependentsOf(chained);
  const again = new Set(at('toSend').flatMap(({ key }) => (keyStates.get(key)?.rerender ? [key] : [])));
  if (refreshChained) {
    // A key that other shots are chained to and that is with the service is being rendered again.
    const renewed = [
      ...at('toSend'),
      ...at('adopted'),
      ...at('toFetch').filter(({ key }) => isRenderedAgain(keyStates.get(key))),
    ];
    for (const key of staleKeys(chained, { renewed, dependents, keyStates })) {
      again.add(key);
      places.set(key, 'toSend');
    }
  }
  const passes = ({ key }: Job) => places.get(key) === 'toSend';
  const stuck = chainedTo(dependents, { first: heldKeys(jobs, { places, keyStates }), passes });
  const toSend = at('toSend').filter(({ key }) => !stuck.has(key));
  const starts = new Set([...toSend, ...at('adopted')].flatMap(({ frames }) => frames.map(({ key }) => key)));
  for (const job of [...at('missing'), ...at('acceptedMissing')]) {
    const isMissingAccepted = places.get(job.key) === 'acceptedMissing';
    places.set(job.key, isWanted(job, { isMissingAccepted, fetch, starts }) ? 'toFetch' : 'kept');
  }
  const work = {
    adopted: at('adopted'),
    toFetch: at('toFetch'),
    toSend,
    again,
    retried: toSend.filter(({ key }) => keyStates.get(key)?.state === 'failed').length,
    kept: at('kept'),
    absent: new Set(notHere.map(({ key }) => key)),
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
    not_here: ids(work.kept.filter(({ key }) => work.absent.has(key))),
    adopted: ids(work.adopted),
    to_fetch: ids(work.toFetch),
    to_send: work.toSend.length,
    to_retry: work.retried,
    held: ids(work.held) + ids(work.blocked.map(({ job }) => job)),
  };
}

/** Keys that are chained, directly or not, to a clip that was rendered again since, or is being so. */
function staleKeys(
  chained: readonly Job[],
  options: {
    readonly renewed: readonly Job[];
    readonly dependents: ReturnType<typeof dependentsOf<Job>>;
    readonly keyStates: KeyStates;
  },
): ReadonlySet<string> {
  const { renewed, dependents, keyStates } = options;
  const isDone = ({ key, isChosen }: Job) => keyStates.get(key)?.state === 'done' && isChosen;
  const isStale = ({ key }: Job) => {
    const known = keyStates.get(key);
    return known !== undefined && staleFrame(known, keyStates) !== null;
  };
  const stale = chained.filter(isDone).filter(isStale);
  const first = [...stale, ...renewed].map(({ key }) => key);
  const reached = chainedTo(dependents, { first, passes: isDone });
  return new Set([...stale.map(({ key }) => key), ...reached.keys()]);
}

/** True if a clip of an earlier run that is not here is fetched; `starts` has the keys that shots of this run start from. */
function isWanted(
  { key, isChosen }: Job,
  {
    isMissingAccepted,
    fetch,
    starts,
  }: { readonly isMissingAccepted: boolean; readonly fetch: Fetch; readonly starts: ReadonlySet<string> },
): boolean {
  if (fetch === 'new') return false;
  return starts.has(key) || (fetch === 'all' && isChosen && !isMissingAccepted);
}

/** True if a key was rendered again and not fetched yet. A clip that is only missing changes nothing for others. */
function isRenderedAgain(known: KeyState | undefined): boolean {
  return known?.state === 'completed' && known.replaces;
}

/** Keys that failed or are unknown: shots that are chained to them cannot begin. */
function heldKeys(
  jobs: readonly Job[],
  { places, keyStates }: { readonly places: ReadonlyMap<string, Place>; readonly keyStates: KeyStates },
): readonly string[] {
  return jobs.flatMap(({ key, isChosen }) => {
    const state = keyStates.get(key)?.state;
    const isHeld = isChosen ? places.get(key) === 'held' : state === 'failed' || state === 'unknown';
    return isHeld ? [key] : [];
  });
}

function placeOf(job: Job, known: KeyState | undefined, directory: string): Place {
  if (!known) return job.submission ? 'toSend' : 'kept';
  // A shot that has left the list is never sent; what the service may have is not sent a second time.
  const isOpen = known.state === 'submitted' || known.state === 'unknown';
  if (known.rerender && !isOpen && job.submission && job.isChosen) return 'toSend';
  switch (known.state) {
    case 'planned':
    case 'refused':
    case 'cancelled':
      return job.submission ? 'toSend' : 'kept';
    case 'submitted':
      return 'adopted';
    case 'completed':
    case 'done':
      return renderedPlace(job, known, directory);
    case 'failed':
      return job.submission ? 'held' : 'kept';
    case 'unknown':
      return 'held';
  }
}

/** Place of a job that is to be sent or held, by the choice of shots and by its retries. */
function sentPlace(
  { isChosen, retries }: Job,
  options: {
    readonly known: KeyState | undefined;
    readonly place: Place | undefined;
    readonly retryFailed: boolean;
  },
): Place {
  const { known, place, retryFailed } = options;
  if (!isChosen) return 'leftOut';
  if (place === 'toSend' || !known) return 'toSend';
  return mayRetry(known, retries) || (retryFailed && hasFailed(known)) ? 'toSend' : 'held';
}

function renderedPlace(job: Job, known: KeyState, directory: string): Place {
  if (clipsAreHere(known, directory)) return 'kept';
  if (known.acceptedMissing) return 'acceptedMissing';
  if (known.state === 'completed') return 'toFetch';
  // A missing clip is not fetched again for a shot that has left the list.
  return job.submission ? 'missing' : 'kept';
}

function listedJobs(plan: Plan, chosen: ReadonlySet<string> | undefined): ReadonlyMap<string, Job> {
  const jobs = new Map<string, Job & { readonly ids: string[]; retries: number; isChosen: boolean }>();
  for (const submission of plan.submissions) {
    const { key, id, model, seconds, audio } = submission;
    const same = jobs.get(key);
    // A shot that may not be sent in this run may not be retried either.
    const isChosen = chosen?.has(id) !== false;
    const retries = isChosen ? submission.retries : 0;
    if (same) {
      same.ids.push(id);
      same.isChosen ||= isChosen;
      same.retries = Math.max(same.retries, retries);
    } else {
      const frames = chainedFrames(submission.input);
      jobs.set(key, {
        key,
        ids: [id],
        name: id,
        model,
        seconds,
        audio,
        submission,
        frames,
        retries,
        isChosen,
      });
    }
  }
  return jobs;
}

function unlistedJob({ key, submission }: KeyState, isChosen: boolean): Job {
  const { id: name, model, seconds, audio } = submission;
  const nothing = { ids: [], submission: null, frames: [], retries: 0 };
  return { ...nothing, key, name, model, seconds, audio, isChosen };
}
