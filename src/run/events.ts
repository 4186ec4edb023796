import type { ExitCode } from '../base/exit.js';
import type { Flag } from '../media/flags.js';

/** Events of a run. `--json` prints one a line; the terminal draws them. */
export type RunEvent =
  | RunStarted
  | ShotChanged
  | DownloadProgress
  | ClipChecked
  | CostChanged
  | LeftOut
  | Notice
  | RunFinished;

export interface RunStarted {
  readonly event: 'run_started';
  /** UTC, ISO 8601. */
  readonly at: string;
  /** Absolute path of the shot list. */
  readonly list: string;
  /** The API's origin, or `local`. */
  readonly service: string;
  /** Absolute path of the run directory. */
  readonly directory: string;
  /** Submissions by what this run does with them. */
  readonly counts: Counts;
  /** Estimated cost of new submissions, USD, as far as rates are known. */
  readonly usd: number;
  /** Number of new submissions with no known rate. */
  readonly usd_unknown: number;
  /** Number of bills here that the estimate comes from. */
  readonly bills: number;
  /** Limits to keep. */
  readonly limits: readonly CostLimit[];
}

/** A limit, and what counts toward it so far. */
export interface CostLimit {
  /** `budget` of the list, which covers the run directory's life, or `--max-cost`, which covers one run. */
  readonly limit: 'budget' | 'max-cost';
  /** Most that may be spent, USD. */
  readonly usd: number;
  /** USD spent: as the service reported it, else as estimated when it was sent. */
  readonly spent: number;
  /** Number of submissions with neither a reported cost nor an estimate; they are not in `spent`. */
  readonly spent_unknown: number;
}

export interface Counts {
  readonly total: number;
  /** Done before this run. */
  readonly kept: number;
  /** Number of these whose clips are not here, and are not fetched by this run. */
  readonly not_here: number;
  /** Left with the service by an earlier run. */
  readonly adopted: number;
  /** Rendered before this run, and fetched by it. */
  readonly to_fetch: number;
  /** To be submitted in this run. */
  readonly to_send: number;
  /** Number of these that failed before. */
  readonly to_retry: number;
  /** Failed or unknown before this run, or chained to such a shot: not sent. */
  readonly held: number;
}

/** State of a shot at the end of a run; `unsent`: the run stopped before its turn. */
export type EndState =
  | 'done'
  | 'failed'
  | 'refused'
  | 'blocked'
  | 'cancelled'
  | 'unknown'
  | 'unfinished'
  | 'unsent';

/** State of a shot during a run. */
export type LiveState = 'waiting' | 'submitting' | 'queued' | 'rendering' | 'downloading' | EndState;

export interface ShotChanged {
  readonly event: 'shot';
  readonly at: string;
  readonly id: string;
  readonly key: string;
  readonly state: LiveState;
  readonly request_id: string | null;
  /** Requests ahead of it, if the service says. */
  readonly queue_position: number | null;
  /** Expected time of the render once it has begun, seconds. */
  readonly expected_seconds: number | null;
  /** Seconds of video asked for. */
  readonly seconds: number;
  /** Relative to the run directory, when done. */
  readonly file: string | null;
  /** USD, once known. */
  readonly usd: number | null;
  /** Reason for every end but `done`, with what to do. */
  readonly message: string | null;
  /** Id of the submission whose last frame it waits for, or waited for when it was blocked. */
  readonly waiting_on: string | null;
}

export interface DownloadProgress {
  readonly event: 'download';
  readonly at: string;
  readonly id: string;
  readonly bytes: number;
  readonly total: number | null;
}

/** A clip was inspected. It is kept, whatever was found. */
export interface ClipChecked {
  readonly event: 'check';
  readonly at: string;
  readonly id: string;
  readonly key: string;
  /** Relative to the run directory. */
  readonly file: string;
  /** True if its pictures were inspected; false if only its facts were compared. */
  readonly pictures: boolean;
  /** Differences from what was asked for, worst first. */
  readonly flags: readonly Flag[];
}

/** Cost of the run, so far and to come. A rehearsal is free and has no such event. */
export interface CostChanged {
  readonly event: 'cost';
  readonly at: string;
  /** Cost of what this run has sent, USD: as the service reported it, until then as estimated. */
  readonly usd: number;
  /** Estimated cost of what this run has yet to send, USD. */
  readonly usd_to_come: number;
  /** Number of submissions of both kinds with neither a reported cost nor an estimate. */
  readonly usd_unknown: number;
  readonly limits: readonly CostLimit[];
}

/** Shots that were not sent because they would have passed a limit. */
export interface LeftOut {
  readonly event: 'left_out';
  readonly at: string;
  /** Submissions of the list. */
  readonly ids: readonly string[];
  /** Estimated cost of all of them, USD. */
  readonly usd: number;
  /** Number of them with no known price. */
  readonly usd_unknown: number;
  /** The limits in the way. */
  readonly limits: readonly CostLimit[];
}

/** News about the run as a whole, for example that the service asks us to slow down. */
export interface Notice {
  readonly event: 'notice';
  readonly at: string;
  readonly level: 'info' | 'warning';
  readonly message: string;
}

export interface RunFinished {
  readonly event: 'run_finished';
  readonly at: string;
  readonly directory: string;
  /** Absolute path; null if the last manifest could not be written: the one on disk is out of date. */
  readonly manifest: string | null;
  /** Submissions of the list by their state in the manifest. */
  readonly states: Readonly<Record<string, number>>;
  /** The same, of the submissions that were chosen for this run. */
  readonly chosen: Readonly<Record<string, number>>;
  /** Number of the list's submissions whose clips are in the run directory. */
  readonly clips: number;
  /** Number of chosen submissions that are rendered, but whose clips are not in the run directory, although no person accepted that. */
  readonly not_here: number;
  /** Number of chosen `planned` submissions that are chained to one that failed, was refused or is unknown. */
  readonly blocked: number;
  /** Number of submissions that were not sent because they would have passed a limit. */
  readonly left_out: number;
  readonly limits: readonly CostLimit[];
  /** Ids of the list's submissions whose clips differ from what was asked for. */
  readonly flagged: readonly string[];
  /** Reported cost of this run's submissions, USD. */
  readonly usd: number;
  /** Number of them with no reported cost. */
  readonly usd_unknown: number;
  /** Estimated cost of those with no reported cost, USD. */
  readonly usd_estimated: number;
  /** Seconds on the clock. */
  readonly elapsed: number;
  readonly exit: ExitCode;
}
