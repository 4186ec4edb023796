import { Exit } from '../../base/exit.js';
import { type HeldDirectory, holdDirectory } from '../directory/hold-directory.js';
import { renewManifests } from '../directory/manifests.js';
import type { RunRefused } from '../directory/obstacle.js';
import type { Fold, KeyState } from '../journal/fold.js';
import type { ResolvedRecord } from '../journal/record.js';

/** A person's finding about an unknown submission. */
export type Decision =
  /** The service has it: it is polled and fetched by the next run. */
  | { readonly as: 'accepted'; readonly request_id: string }
  /** The service never took it: the next run sends it. */
  | { readonly as: 'resubmit' }
  /** It is neither waited for nor sent again. */
  | { readonly as: 'given-up' };

export type Resolved =
  | {
      readonly ok: true;
      readonly key: string;
      readonly id: string;
      /** Manifests that could not be brought up to date, in words. */
      readonly notes: readonly string[];
    }
  | RunRefused;

/** Form of the service's request ids, as seen in RunComfy's own clients. */
const REQUEST_ID = /^[A-Za-z0-9_-]{1,128}$/;

export interface ResolveOptions {
  /** Absolute path of the run directory. */
  readonly directory: string;
  readonly submission: string;
  readonly decision: Decision;
  /** UTC, ISO 8601. */
  readonly now: string;
  readonly toolVersion: string;
  /** Takes the directory from the run that holds it. */
  readonly takeLock?: boolean | undefined;
}

/** Shortest start of a content key that is taken for one, hex digits: clip names show as many. */
export const KEY_START = 8;

/** True if a name means this submission: its id, or the start of its content key. */
export function isNamed({ submission, key }: KeyState, name: string): boolean {
  return submission.id === name || (name.length >= KEY_START && key.startsWith(name.toLowerCase()));
}

/**
 * Settles an unknown submission, named by its id or the start of its content key. Journals the decision and brings the
 * manifests up to date; sends nothing. A person's mistake is a failure with an exit code and a message.
 */
export async function resolveUnknown(options: ResolveOptions): Promise<Resolved> {
  const { decision } = options;
  if (decision.as === 'accepted' && !REQUEST_ID.test(decision.request_id)) {
    return usage(`\`${decision.request_id}\` is no request id: letters, digits, \`-\` and \`_\` only.`);
  }
  return holdDirectory(options, (held) => settle(options, held));
}

async function settle(
  { directory, submission, decision, now, toolVersion }: ResolveOptions,
  { state, lock }: HeldDirectory,
): Promise<Resolved> {
  const known = findUnknown([...state.fold.values()], submission);
  if (typeof known === 'string') return usage(known);
  const other = decision.as === 'accepted' ? ownerOf(state.fold, decision.request_id) : undefined;
  if (other && other.key !== known.key) {
    const message = `Request ${other.requestId} is already that of ${other.submission.id} (${other.key.slice(0, KEY_START)}).`;
    return usage(`${message} Look for another one that was sent at the time of ${known.submission.id}.`);
  }
  const journal = state.journal({ service: state.service ?? '', permit: () => lock.assertHeld() });
  const { key, attempts: attempt } = known;
  const record: ResolvedRecord = { type: 'resolved', at: now, key, attempt, ...decision };
  await journal.append(record).finally(() => journal.close());
  const notes = await renewManifests({ directory, fold: journal.fold, toolVersion });
  return { ok: true, key, id: known.submission.id, notes };
}

/** Submission that has a request, by everything that the directory knows. */
function ownerOf(fold: Fold, requestId: string): KeyState | undefined {
  return [...fold.values()].find((known) => known.requestId === requestId);
}

function usage(message: string): RunRefused {
  return { ok: false, exit: Exit.usage, message };
}

function findUnknown(all: readonly KeyState[], name: string): KeyState | string {
  const named = all.filter((known) => isNamed(known, name));
  const unknown = named.filter(({ state }) => state === 'unknown');
  const [first, second] = unknown;
  if (first && !second) return first;
  const candidates = (second ? unknown : all.filter(({ state }) => state === 'unknown')).map(
    ({ submission: { id }, key }) => `${id} (${key.slice(0, KEY_START)})`,
  );
  if (second)
    return `${name} stands for several unknown submissions: ${candidates.join(', ')}. Name one by its key.`;
  const there = candidates.length > 0 ? `Unknown here: ${candidates.join(', ')}.` : 'None is unknown here.';
  const what = named[0]
    ? `${name} is ${named[0].state}, so there is nothing to settle.`
    : `${name} was never sent.`;
  return `${what} ${there}`;
}
