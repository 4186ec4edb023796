import type { Service } from '../runcomfy/service.js';
import type { Brakes } from './brakes.js';
import type { Budget } from './budget.js';
import type { Checkpoints } from './checkpoints.js';
import type { Frames } from './clips/frames.js';
import type { Job } from './job.js';
import type { Journal } from './journal/journal.js';
import type { AttemptRecord } from './journal/record.js';
import type { Elsewhere } from './journal/reuse.js';
import type { Reporter } from './reporter.js';
import type { RenderTimes } from './requests/polling.js';
import type { RunDeps, Timeouts } from './run-options.js';
import type { StillTrying } from './waits.js';

/** Things that the parts of one run share. */
export interface RunContext {
  readonly service: Service;
  readonly journal: Journal;
  /** Absolute path of the run directory. */
  readonly directory: string;
  /** Absolute path of the shot list's folder. */
  readonly folder: string;
  /** Aspect ratio of the list's clips, such as `16:9`; null if the list has none. */
  readonly aspect: string | null;
  /** Places of clips that are taken over from other runs. */
  readonly elsewhere: Elsewhere;
  readonly frames: Frames;
  /** Does one task after the other, in the order of the calls: submissions leave in list order. */
  readonly oneByOne: <T>(task: () => Promise<T>) => Promise<T>;
  readonly times: RenderTimes;
  readonly stillTrying: StillTrying;
  readonly brakes: Brakes;
  readonly budget: Budget;
  readonly checkpoints: Checkpoints;
  readonly reporter: Reporter;
  readonly deps: RunDeps;
  readonly timeouts: Timeouts;
  /** Schedules a write of the manifest. */
  readonly changed: () => void;
  /** Resolves when a manifest with every record so far is on disk, or when `brakes` say that nothing may be sent. */
  readonly manifestWritten: () => Promise<void>;
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
