import type { Manifest, ManifestEntry } from '../manifest/manifest.js';
import type { RunFinished } from '../run/events.js';

/** The end of a run for other programs: numbers, ids and codes, without URLs and without texts of the list. */
export interface EndOfRun {
  /** The list's file name without its ending. */
  readonly list: string;
  /** `local` for a rehearsal, which costs nothing. */
  readonly provider: 'runcomfy' | 'local';
  /** The process's exit code. */
  readonly exit: number;
  /** Submissions of the list by their state. */
  readonly states: Readonly<Record<string, number>>;
  /** Submissions not sent because a submission that they are chained to is not done. */
  readonly blocked: number;
  /** Submissions not sent because they would have passed a limit. */
  readonly left_out: number;
  /** Reported cost of this run, USD. */
  readonly usd: number;
  /** Submissions of this run without a reported cost. */
  readonly usd_unknown: number;
  /** Estimated cost of those, USD. */
  readonly usd_estimated: number;
  readonly seconds: number;
  /** The first submissions that failed, were refused, or are unknown. */
  readonly failures: readonly FailedSubmission[];
}

/** A submission that failed, was refused, or is unknown. */
export interface FailedSubmission {
  readonly id: string;
  readonly state: string;
  /** Error code of the service or our own; null if there is none, or if it may be more than a code. */
  readonly code: string | null;
}

/** More than people read in a chat, and less than any chat refuses. Our choice. */
const MOST_FAILURES = 50;

/** Form of a code: a service's error code may also be a sentence that quotes the prompt. */
const CODE = /^[A-Za-z0-9_.-]{1,40}$/;

const FAILURES: ReadonlySet<string> = new Set(['failed', 'refused', 'unknown']);

/** The end of a run from its last event and its manifest; `manifest` is null if none can be trusted. Pure. */
export function endOfRun(
  finished: RunFinished,
  { list, provider, manifest }: Pick<EndOfRun, 'list' | 'provider'> & { manifest: Manifest | null },
): EndOfRun {
  const { exit, states, blocked, left_out, usd, usd_unknown, usd_estimated, elapsed } = finished;
  const bad = (manifest?.submissions ?? []).filter(isFailure);
  return {
    list,
    provider,
    exit,
    states,
    blocked,
    left_out,
    usd,
    usd_unknown,
    usd_estimated,
    seconds: Math.round(elapsed),
    failures: bad.slice(0, MOST_FAILURES).map(({ id, state, error }) => {
      const code = error?.code ?? null;
      return { id, state, code: code !== null && CODE.test(code) ? code : null };
    }),
  };
}

function isFailure({ state }: ManifestEntry): boolean {
  return FAILURES.has(state);
}
