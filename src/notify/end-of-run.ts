import type { Manifest, ManifestEntry } from '../manifest/manifest.js';
import type { RunFinished } from '../run/events.js';

/** The end of a run as others may know it: numbers, ids and codes; nothing that was written into the list, and no URL. */
export interface EndOfRun {
  /** The list's file name without its ending. */
  readonly list: string;
  /** `local` for a rehearsal, which costs nothing. */
  readonly provider: 'runcomfy' | 'local';
  /** The process's exit code. */
  readonly exit: number;
  /** Submissions of the list by their state. */
  readonly states: Readonly<Record<string, number>>;
  /** How many were not sent because of another. */
  readonly blocked: number;
  /** How many were not sent because they would have passed a limit. */
  readonly left_out: number;
  /** USD that this run cost as far as known, and how many submissions have no known cost. */
  readonly usd: number;
  readonly usd_unknown: number;
  readonly seconds: number;
  /** The first of what did not work out. */
  readonly failures: readonly EndedBadly[];
}

export interface EndedBadly {
  readonly id: string;
  readonly state: string;
  /** The service's or our own; null where there is none that is surely only a code. */
  readonly code: string | null;
}

/** More than anybody reads in a chat, and well within what any takes. Our choice. */
const MOST_FAILURES = 50;

/** What a service calls an error code may be a sentence that quotes the prompt. */
const CODE = /^[A-Za-z0-9_.-]{1,40}$/;

const BAD: ReadonlySet<string> = new Set(['failed', 'refused', 'unknown']);

/** The end of a run, out of its last event and its manifest; `manifest` null where there is none to be trusted. Pure. */
export function endOfRun(
  finished: RunFinished,
  { list, provider, manifest }: Pick<EndOfRun, 'list' | 'provider'> & { manifest: Manifest | null },
): EndOfRun {
  const { exit, states, blocked, left_out, usd, usd_unknown, elapsed } = finished;
  const bad = (manifest?.submissions ?? []).filter(isBad);
  return {
    list,
    provider,
    exit,
    states,
    blocked,
    left_out,
    usd,
    usd_unknown,
    seconds: Math.round(elapsed),
    failures: bad.slice(0, MOST_FAILURES).map(({ id, state, error }) => {
      const code = error?.code ?? null;
      return { id, state, code: code !== null && CODE.test(code) ? code : null };
    }),
  };
}

function isBad({ state }: ManifestEntry): boolean {
  return BAD.has(state);
}
