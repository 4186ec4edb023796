import type { Plan } from '../plan/plan.js';
import type { Submission } from '../plan/submission.js';
import type { Service } from '../runcomfy/service.js';
import type { OnInterrupt } from './brakes.js';
import type { Timeouts } from './context.js';
import type { RunDeps } from './deps.js';
import type { CostLimit, Counts, RunEvent, RunFinished } from './events.js';
import type { Limits } from './money/budget.js';

/** What is to be rendered, where, by whom, and within which limits. */
export interface RunOptions {
  readonly plan: Plan;
  readonly service: Service;
  /** `local`, or the API's origin: whom the directory belongs to. */
  readonly serviceName: string;
  /** Absolute path of the run directory; made where it is missing. */
  readonly directory: string;
  /** Submissions with the service at a time, at least 1; of some models fewer, by full id. */
  readonly concurrency: number;
  readonly modelConcurrency?: ReadonlyMap<string, number>;
  /** Submissions that may leave in a minute; as many as there are unless said. */
  readonly submitRate?: number;
  /** What may be spent; anything unless said. A rehearsal is free, and keeps none. */
  readonly limits?: Limits;
  /** Takes the directory from whoever holds it. */
  readonly takeLock?: boolean;
  /** Renders again what goes on from a clip that was rendered anew since. */
  readonly refreshChained?: boolean;
  /** Sends again, once, whatever has failed. */
  readonly retryFailed?: boolean;
  /** Manifests or directories of other runs whose clips are taken over; absolute paths. */
  readonly reuse?: readonly string[];
  /** Ids of the submissions that may be sent; all unless said. The others stay in the manifest as they are. */
  readonly chosen?: ReadonlySet<string>;
  /** What happens at an interruption to what is queued at the service; cancelled unless said. */
  readonly onInterrupt?: OnInterrupt;
  readonly emit: (event: RunEvent) => void;
  readonly deps: RunDeps;
  readonly toolVersion: string;
  readonly timeouts?: Partial<Timeouts>;
}

/** A run that holds its directory and knows what it would do, but has done nothing yet. */
export interface OpenedRun {
  readonly ok: true;
  readonly counts: Counts;
  /** What would be sent, one for each POST, in list order. */
  readonly toSend: readonly Submission[];
  /** USD that these are estimated to cost, as far as rates are known. */
  readonly usd: number;
  /** How many of them have no known rate. */
  readonly usdUnknown: number;
  /** What it has to keep to, with what was spent before it. */
  readonly limits: readonly CostLimit[];
  /** How often at most one of those that it sends or follows may be sent again, should it fail. */
  readonly retries: number;
  /** Whether it will take last frames of clips, which needs an ffmpeg. */
  readonly needsFfmpeg: boolean;
  /**
   * Does it. Aborting `signal` stops it gently, within five seconds. Call it once. Rejects only with bugs of ours,
   * when everything in flight has been written down.
   */
  execute(signal: AbortSignal): Promise<RunFinished>;
  /** Gives the directory back, executed or not. */
  close(): Promise<void>;
}
