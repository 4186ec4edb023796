import type { Service } from '../runcomfy/service.js';
import type { Brakes } from './brakes.js';
import type { Frames } from './clips/frames.js';
import type { RunDeps } from './deps.js';
import type { Job } from './job.js';
import type { Journal } from './journal/journal.js';
import type { AttemptRecord } from './journal/record.js';
import type { Elsewhere } from './journal/reuse.js';
import type { Budget } from './money/budget.js';
import type { Reporter } from './reporter.js';
import { OVER, type Pace, type Sleep } from './requests/pace.js';
import type { RenderTimes } from './requests/render-times.js';
import type { StillTrying } from './requests/still-trying.js';

/** How long a run waits for things, seconds. */
export interface Timeouts {
  /** For one submission to be taken, and again for it to be rendered. */
  readonly shot: number;
  /** For all of it; Infinity for as long as it takes. */
  readonly run: number;
  /** For one clip to be fetched, whatever is in the way. */
  readonly download: number;
  /** Without any connection to the service, before it is called down. */
  readonly down: number;
}

/** Patient enough for a service at its busiest; a connection that was never made is known sooner. */
export const USUAL_TIMEOUTS: Timeouts = {
  shot: 3600,
  run: Number.POSITIVE_INFINITY,
  download: 1800,
  down: 20,
};

/** What the parts of one run share. */
export interface RunContext {
  readonly service: Service;
  readonly journal: Journal;
  /** Absolute path of the run directory. */
  readonly directory: string;
  /** Absolute path of the shot list's folder. */
  readonly folder: string;
  /** The shape of its pictures, such as `16:9`; null where the list says none. */
  readonly aspect: string | null;
  /** Where clips lie that are taken over from other runs. */
  readonly elsewhere: Elsewhere;
  readonly frames: Frames;
  readonly pace: Pace;
  /** Does one thing after the other, in the order of the calls: so submissions leave in the list's order. */
  readonly inTurn: <T>(task: () => Promise<T>) => Promise<T>;
  readonly times: RenderTimes;
  readonly stillTrying: StillTrying;
  readonly brakes: Brakes;
  readonly budget: Budget;
  readonly reporter: Reporter;
  readonly deps: RunDeps;
  readonly timeouts: Timeouts;
  /** Schedules a write of the manifest. */
  readonly changed: () => void;
  /** Resolves when a manifest with every record so far is on disk, or when `brakes` say that nothing may be sent. */
  readonly written: () => Promise<void>;
}

type WithoutBase<R> = R extends AttemptRecord ? Omit<R, 'at' | 'key' | 'attempt'> : never;

/** Journals what happened to a job's current attempt; resolves when it is on disk. */
export async function record(run: RunContext, job: Job, what: WithoutBase<AttemptRecord>): Promise<void> {
  const posts = run.journal.get(job.key)?.attempts ?? 0;
  const attempt = what.type === 'submitting' ? posts + 1 : posts;
  const at = new Date(run.deps.now()).toISOString();
  const { type, ...rest } = what;
  await run.journal.append({ type, at, key: job.key, attempt, ...rest } as AttemptRecord);
  const known = run.journal.get(job.key);
  if (known) run.budget.note(known);
  run.changed();
}

/**
 * A signal that aborts with `signal` or after some seconds. `end` frees both; `over` tells whether the time ran out.
 */
export function withDeadline(options: {
  readonly signal: AbortSignal;
  readonly seconds: number;
  readonly sleep: Sleep;
}): { readonly signal: AbortSignal; readonly over: () => boolean; readonly end: () => void } {
  const controller = new AbortController();
  const timer = new AbortController();
  let late = false;
  const stop = () => controller.abort();
  if (options.signal.aborted) stop();
  options.signal.addEventListener('abort', stop, { once: true });
  void options.sleep(options.seconds * 1000, timer.signal).then(() => {
    if (timer.signal.aborted) return;
    late = true;
    controller.abort();
  });
  const end = () => {
    timer.abort(OVER);
    options.signal.removeEventListener('abort', stop);
  };
  return { signal: controller.signal, over: () => late, end };
}
