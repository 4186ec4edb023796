import type { ExitCode } from '../base/exit.js';
import type { Flag } from '../media/flags.js';

/** What a run says while it goes on; `--json` prints one a line, the terminal draws them. */
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
  /** Submissions by what happens to them now. */
  readonly counts: Counts;
  /** USD that new submissions are estimated to cost, as far as rates are known. */
  readonly usd: number;
  /** How many of them have no known rate. */
  readonly usd_unknown: number;
  /** The limits that it has to keep, if any. */
  readonly limits: readonly CostLimit[];
}

/** What may be spent, and what counts toward it already. */
export interface CostLimit {
  /** `budget` of the list, which covers the run directory's life, or `--max-cost`, which covers one run. */
  readonly limit: 'budget' | 'max-cost';
  /** The most that may be spent, USD. */
  readonly usd: number;
  /** USD spent: as the service reported it, else as estimated when it was sent. */
  readonly spent: number;
  /** How many submissions have neither a reported cost nor an estimate, and are not in `spent`. */
  readonly spent_unknown: number;
}

export interface Counts {
  readonly total: number;
  /** Rendered and here from before. */
  readonly kept: number;
  /** Already with the service from before. */
  readonly adopted: number;
  /** To be submitted now. */
  readonly to_send: number;
  /** How many of these failed before. */
  readonly to_retry: number;
  /** Settled before this run: failed or unknown, and not sent again; and what waits for one of these. */
  readonly held: number;
}

/** Where a shot is at the end of a run; `unsent`: the run stopped before its turn. */
export type EndState =
  | 'done'
  | 'failed'
  | 'refused'
  | 'blocked'
  | 'cancelled'
  | 'unknown'
  | 'unfinished'
  | 'unsent';

/** Where a shot is right now. */
export type LiveState = 'waiting' | 'submitting' | 'queued' | 'rendering' | 'downloading' | EndState;

export interface ShotChanged {
  readonly event: 'shot';
  readonly at: string;
  readonly id: string;
  readonly key: string;
  readonly state: LiveState;
  readonly request_id: string | null;
  /** Places ahead of it, when the service says. */
  readonly queue_position: number | null;
  /** Seconds a render of this model is expected to take, once it has begun. */
  readonly expected_seconds: number | null;
  /** Seconds of video asked for. */
  readonly seconds: number;
  /** Relative to the run directory, when done. */
  readonly file: string | null;
  /** USD, once known. */
  readonly usd: number | null;
  /** Why, for every end but `done`, with what to do. */
  readonly message: string | null;
  /** Id of the submission whose last frame it waits for, or waited for in vain. */
  readonly waiting_on: string | null;
}

export interface DownloadProgress {
  readonly event: 'download';
  readonly at: string;
  readonly id: string;
  readonly bytes: number;
  readonly total: number | null;
}

/** A clip was compared with what was asked for. It is kept whatever was found. */
export interface ClipChecked {
  readonly event: 'check';
  readonly at: string;
  readonly id: string;
  readonly key: string;
  /** Relative to the run directory. */
  readonly file: string;
  /** Whether all of it was decoded and looked at; else only its facts were compared. */
  readonly pictures: boolean;
  /** Where it is not what was asked for, worst first. */
  readonly flags: readonly Flag[];
}

/** What the run cost so far and will yet. Not said of a rehearsal, which is free. */
export interface CostChanged {
  readonly event: 'cost';
  readonly at: string;
  /** USD of what this run has sent: as the service reported it, until then as estimated. */
  readonly usd: number;
  /** USD estimated for what it is yet to send. */
  readonly usd_to_come: number;
  /** How many of both have neither a reported cost nor an estimate. */
  readonly usd_unknown: number;
  readonly limits: readonly CostLimit[];
}

/** What was not sent because it would have passed a limit. */
export interface LeftOut {
  readonly event: 'left_out';
  readonly at: string;
  /** Submissions of the list. */
  readonly ids: readonly string[];
  /** USD estimated for all of them. */
  readonly usd: number;
  /** How many of them have no known price. */
  readonly usd_unknown: number;
  /** The limits in the way. */
  readonly limits: readonly CostLimit[];
}

/** Something about the run as a whole, such as the service asking us to slow down. */
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
  /** Absolute path; null where it could not be written at the end, so that the one there is not to be trusted. */
  readonly manifest: string | null;
  /** Submissions of the list by their state in the manifest. */
  readonly states: Readonly<Record<string, number>>;
  /** How many of those that are `planned` wait for one that failed, was refused or is unknown. */
  readonly blocked: number;
  /** How many submissions were not sent because they would have passed a limit. */
  readonly left_out: number;
  readonly limits: readonly CostLimit[];
  /** Ids of the submissions of the list whose clips are not what was asked for. */
  readonly flagged: readonly string[];
  /** USD spent by this run's submissions, as far as known. */
  readonly usd: number;
  /** How many of them have no known cost. */
  readonly usd_unknown: number;
  /** USD that the run is estimated to have cost beside that, where the service reported nothing. */
  readonly usd_estimated: number;
  /** Seconds on the clock. */
  readonly elapsed: number;
  readonly exit: ExitCode;
}
