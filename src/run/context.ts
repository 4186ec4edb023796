import type { Service } from '../runcomfy/service.js';
import type { Brakes } from './brakes.js';
import type { Budget } from './budget.js';
import type { Checkpoints } from './checkpoints.js';
import type { Frames } from './clips/frames.js';
import type { LocalCopies } from './clips/local-copies.js';
import type { Job } from './job.js';
import type { Place } from './messages.js';
import type { Records } from './records/records.js';
import type { Step } from './records/steps.js';
import type { Reporter } from './reporter.js';
import type { RunDeps, Timeouts } from './run-options.js';
import type { RenderTimes, StillTrying } from './waits.js';

/** Things that the parts of one run share. */
export interface RunContext {
  readonly service: Service;
  readonly records: Records;
  /** Absolute path of the run directory. */
  readonly directory: string;
  /** Absolute path of the shot list's folder. */
  readonly folder: string;
  /** Aspect ratio of the list's clips, such as `16:9`; null if the list has none. */
  readonly aspect: string | null;
  readonly copies: LocalCopies;
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
}

/** The run directory and its records, for messages that name commands. */
export function placeOf({ directory, records }: Pick<RunContext, 'directory' | 'records'>): Place {
  return { directory, fold: records.fold };
}

/** Records what happened to a job's submission; resolves when it is on disk. */
export async function record(run: RunContext, { key }: Pick<Job, 'key'>, step: Step): Promise<void> {
  await run.records.append(key, step);
  run.budget.note(key, run.records.get(key));
  run.changed();
}
