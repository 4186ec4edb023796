import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Plan, Submission } from '../plan/plan.js';
import type { Counts } from './events.js';
import type { Fold, KeyState } from './fold.js';

/** One content key with something to do or to say. */
export interface Job {
  readonly key: string;
  /** Ids in the plan that share it, the first of which named it; none once the shot has left the list. */
  readonly ids: readonly string[];
  readonly name: string;
  readonly model: string;
  readonly seconds: number;
  readonly audio: boolean;
  /** What to send; null where nothing may be sent. */
  readonly submission: Submission | null;
}

/** A run's work, sorted by what happens to it. A key stands in one of these, or is kept. */
export interface Work {
  readonly counts: Counts;
  /** With the service: to be polled. */
  readonly adopted: readonly Job[];
  /** Rendered, but a clip is missing: to be fetched. */
  readonly toFetch: readonly Job[];
  readonly toSend: readonly Job[];
  /** Failed or unknown: not sent again. */
  readonly held: readonly Job[];
}

/** Sorts a plan, and what was sent for shots no longer in it, by what the journal and the disk say. */
export function sortWork(options: {
  readonly plan: Plan;
  readonly fold: Fold;
  readonly directory: string;
}): Work {
  const { plan, fold, directory } = options;
  const jobs = [...listedJobs(plan).values()];
  const listed = new Set(jobs.map(({ key }) => key));
  for (const known of fold.values()) if (!listed.has(known.key)) jobs.push(unlistedJob(known));
  const work = {
    adopted: [] as Job[],
    toFetch: [] as Job[],
    toSend: [] as Job[],
    held: [] as Job[],
    kept: [] as Job[],
  };
  for (const job of jobs) work[placeOf(job, fold.get(job.key), directory)]?.push(job);
  const ids = (list: readonly Job[]) => list.reduce((sum, job) => sum + job.ids.length, 0);
  const counts = {
    total: plan.submissions.length,
    kept: ids(work.kept),
    adopted: ids(work.adopted) + ids(work.toFetch),
    to_send: work.toSend.length,
    held: ids(work.held),
  };
  return { ...work, counts };
}

function isHere(known: KeyState, directory: string): boolean {
  return known.outputs.every((output) => outputIsHere(output, directory));
}

/** Whether one clip is where it was put, with as many bytes. Whether they are the same bytes, `verify` asks. */
export function outputIsHere(output: KeyState['outputs'][number], directory: string): boolean {
  if (output.file === null) return false;
  // One call a clip, and nothing else to do meanwhile: asking synchronously is several times faster.
  const stat = statSync(join(directory, output.file), { throwIfNoEntry: false });
  return stat?.isFile() === true && stat.size === output.bytes;
}

function placeOf(
  job: Job,
  known: KeyState | undefined,
  directory: string,
): keyof Omit<Work, 'counts'> | 'kept' {
  switch (known?.state ?? 'planned') {
    case 'planned':
    case 'refused':
    case 'cancelled':
      // Never sent for a shot that is gone.
      return job.submission ? 'toSend' : 'kept';
    case 'submitted':
      return 'adopted';
    case 'completed':
      return 'toFetch';
    case 'done':
      // An old clip that somebody took away is not brought back for a shot that is gone.
      return !job.submission || (known && isHere(known, directory)) ? 'kept' : 'toFetch';
    case 'failed':
      return job.submission ? 'held' : 'kept';
    case 'unknown':
      return 'held';
  }
}

function listedJobs(plan: Plan): ReadonlyMap<string, Job> {
  const jobs = new Map<string, Job & { readonly ids: string[] }>();
  for (const submission of plan.submissions) {
    const { key, id, model, seconds, audio } = submission;
    const same = jobs.get(key);
    if (same) same.ids.push(id);
    else jobs.set(key, { key, ids: [id], name: id, model, seconds, audio, submission });
  }
  return jobs;
}

function unlistedJob({ key, submission }: KeyState): Job {
  const { id, model, seconds, audio } = submission;
  return { key, ids: [], name: id, model, seconds, audio, submission: null };
}
