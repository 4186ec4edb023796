import type { Effects } from '../base/effects.js';
import type { MediaFacts } from '../media/facts.js';
import type { Inspection, InspectOptions } from '../media/inspect-clip.js';
import type { ShrinkOptions } from '../media/shrink-picture.js';
import type { MadePicture } from '../media/small-jpeg.js';
import type { Plan, Submission } from '../plan/plan.js';
import type { Service } from '../runcomfy/service.js';
import type { Brakes, OnInterrupt } from './brakes.js';
import type { Budget, Limits } from './budget.js';
import type { Checkpoints, KeepRecords } from './checkpoints.js';
import type { Frames, TakeLastFrame } from './clips/frames.js';
import type { LocalCopies } from './clips/local-copies.js';
import type { CostLimit, Counts, RunEvent, RunFinished } from './events.js';
import type { Fetch, Job } from './job.js';
import type { Place } from './messages.js';
import type { Records, ReplaceFile } from './records/records.js';
import type { Step } from './records/steps.js';
import type { Reporter } from './reporter.js';
import type { RenderTimes, StillTrying } from './waits.js';

/** Plan to render, its place, its service and its limits. */
export interface RunOptions {
  readonly plan: Plan;
  readonly service: Service;
  /** Owner of the directory: `local`, or the API's origin. */
  readonly serviceName: string;
  /** Absolute path of the run directory; made if it is missing. */
  readonly directory: string;
  /** Submissions with the service at a time, at least 1. */
  readonly concurrency: number;
  /** Lower limits for some models, by full id. */
  readonly modelConcurrency?: ReadonlyMap<string, number>;
  /** Submissions that may leave in a minute; unlimited by default. */
  readonly submitRate?: number;
  /** Most that may be spent; unlimited by default. A rehearsal is free and ignores it. */
  readonly limits?: Limits;
  /** Takes the directory from the run that holds it. */
  readonly takeLock?: boolean;
  /** Renders shots again that are chained to a clip that was rendered again since. */
  readonly refreshChained?: boolean;
  /** Sends failed shots again, once. */
  readonly retryFailed?: boolean;
  /** Sends smaller copies of images that are too large. */
  readonly shrink?: boolean;
  /** Absolute paths of other run directories, or of files in them, whose renders are taken over. */
  readonly reuse?: readonly string[];
  /** Clips of earlier runs that are fetched; `all` by default. */
  readonly fetch?: Fetch;
  /** Called before a submission leaves, with its record on disk: nothing leaves until it has kept the records elsewhere. */
  readonly keepRecords?: KeepRecords;
  /** Ids of the submissions that may be sent; all by default. The others stay in the manifest as they are. */
  readonly chosen?: ReadonlySet<string>;
  /** Cancels requests that are queued when a person interrupts the run, or leaves them at the service; `cancel` by default. */
  readonly onInterrupt?: OnInterrupt;
  readonly emit: (event: RunEvent) => void;
  readonly deps: RunDeps;
  readonly toolVersion: string;
  readonly timeouts?: Partial<Timeouts>;
}

/** Inspects a clip with the ffmpeg of this machine; `none` says, in sentences, why there is no ffmpeg. */
export type InspectClip = (options: InspectOptions) => Promise<Inspection | { readonly none: string }>;

/** Makes a smaller copy of a picture. */
export type Shrink = (options: ShrinkOptions) => Promise<MadePicture>;

/** Effects that a run takes from outside. `sleep` resolves when its signal aborts; it never rejects. */
export interface RunDeps extends Effects {
  /** Facts of a video file; null if the file is no video. */
  readonly probeVideo: (path: string) => Promise<MediaFacts | null>;
  /** Last picture of a clip. Called only if a plan has chained frames. */
  readonly lastFrame: TakeLastFrame;
  /** Makes a smaller copy of an image; called only with `shrink`. */
  readonly shrink?: Shrink;
  /** Inspects each clip that is fetched; left out, no clip is inspected. */
  readonly inspect?: InspectClip;
  /** For tests: a disk that stops. */
  readonly replaceFile?: ReplaceFile;
}

/** How long a run waits, seconds. */
export interface Timeouts {
  /** For one submission to be taken, and again for it to be rendered. */
  readonly shot: number;
  /** For the whole run; may be Infinity. */
  readonly run: number;
  /** For one clip to be fetched. */
  readonly download: number;
  /** Without any connection to the service, before it counts as down. */
  readonly down: number;
}

/** Patient enough for a service at its busiest. A connection that cannot be made is known sooner. */
export const USUAL_TIMEOUTS: Timeouts = {
  shot: 3600,
  run: Number.POSITIVE_INFINITY,
  download: 1800,
  down: 20,
};

/** A run that holds its directory and knows what it would do, but has done nothing yet. */
export interface OpenedRun {
  readonly ok: true;
  readonly counts: Counts;
  /** Submissions that would be sent, one for each POST, in list order. */
  readonly toSend: readonly Submission[];
  /** Their estimated cost, USD, as far as rates are known. */
  readonly usd: number;
  /** Number of them with no known rate. */
  readonly usdUnknown: number;
  /** Notices for a person before anything is sent. */
  readonly warnings: readonly string[];
  /** Limits to keep, with what was spent before this run. */
  readonly limits: readonly CostLimit[];
  /** Most retries that any shot of this run has left. */
  readonly retries: number;
  /** True if it will take last frames of clips, which needs an ffmpeg. */
  readonly needsFfmpeg: boolean;
  /**
   * Does the run. Aborting `signal` stops it gently, within five seconds. Call it once. Rejects only with bugs of ours,
   * when everything in flight has been written down.
   */
  execute(signal: AbortSignal): Promise<RunFinished>;
  /** Gives the directory back, executed or not. */
  close(): Promise<void>;
}

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
  /** Makes smaller copies of images that are too large; null to send all as they are. */
  readonly shrink: Shrink | null;
  readonly timeouts: Timeouts;
  /** Schedules a write of the manifest. */
  readonly changed: () => void;
}

/** The run directory and its records, for messages that name commands. */
export function placeOf({ directory, records }: Pick<RunContext, 'directory' | 'records'>): Place {
  return { directory, keyStates: records.keyStates };
}

/** Records what happened to a job's submission; resolves when it is on disk. */
export async function record(run: RunContext, { key }: Pick<Job, 'key'>, step: Step): Promise<void> {
  await run.records.append(key, step);
  run.budget.note(key, run.records.get(key));
  run.changed();
}
