import { setMaxListeners } from 'node:events';
import pLimit from 'p-limit';
import type { Service } from '../../runcomfy/service.js';
import type { HeldDirectory } from '../directory/hold-directory.js';
import { renewManifests } from '../directory/manifests.js';
import type { KeyState } from '../journal/fold.js';
import type { Journal } from '../journal/journal.js';
import { type CancelOutcome, cancelRequest } from './cancel-request.js';
import { isNamed, KEY_START } from './named-submissions.js';
import type { Sleep } from './pace.js';
import type { Silence } from './silence.js';

/** A submission, and what became of asking for it to be cancelled. */
export interface Cancelled {
  readonly known: KeyState;
  readonly outcome: CancelOutcome;
}

/** Cancellations at a time: quick for hundreds, and no burst that a rate limit would have to stop. */
const AT_ONCE = 16;

/**
 * What of a run is with the service and meant by the names, ids or starts of keys; all of it where there are none. A
 * string says which name means nothing that could be cancelled.
 */
export function chooseToCancel(
  fold: Iterable<KeyState>,
  names: readonly string[],
): readonly KeyState[] | string {
  const all = [...fold];
  const there = all.filter(({ state, requestId }) => state === 'submitted' && requestId !== null);
  if (names.length === 0) return there;
  for (const name of names) {
    if (there.some((known) => isNamed(known, name))) continue;
    const [other] = all.filter((known) => isNamed(known, name));
    if (!other) return `${name} was never sent, so there is nothing to cancel.`;
    const what = `${name} (${other.key.slice(0, KEY_START)}) is ${other.state}`;
    return other.state === 'unknown'
      ? `${what}: settle it with shotlist resolve first.`
      : `${what}, so there is nothing to cancel.`;
  }
  return there.filter((known) => names.some((name) => isNamed(known, name)));
}

/**
 * Asks the service to cancel submissions, and journals the wish before and each success after; the manifests then say it
 * too. What is not cancelled stays `submitted`, for the next run to follow. `notes`: what could not be brought up to date.
 */
export async function cancelOpen(options: {
  readonly chosen: readonly KeyState[];
  readonly held: HeldDirectory;
  /** Absolute path of the run directory. */
  readonly directory: string;
  readonly service: Service;
  readonly silence: Silence;
  readonly deps: { readonly now: () => number; readonly sleep: Sleep; readonly random: () => number };
  readonly toolVersion: string;
  /** Hears of each as it comes. */
  readonly onOutcome: (cancelled: Cancelled) => void;
}): Promise<{ readonly outcomes: readonly Cancelled[]; readonly notes: readonly string[] }> {
  const { chosen, held, directory, silence, toolVersion, onOutcome } = options;
  const { state, lock } = held;
  const journal = state.journal({ service: state.service ?? '', permit: () => lock.assertHeld() });
  const slots = pLimit(AT_ONCE);
  setMaxListeners(0, silence.signal);
  const outcomes: Cancelled[] = [];
  const one = async (known: KeyState) => {
    if (silence.signal.aborted) return;
    const outcome = await cancelOne(known, { ...options, journal });
    outcomes.push({ known, outcome });
    onOutcome({ known, outcome });
  };
  try {
    await Promise.all(chosen.map((known) => slots(() => one(known))));
  } finally {
    await journal.close();
  }
  const notes = await renewManifests({ directory, fold: journal.fold, toolVersion });
  return { outcomes, notes };
}

async function cancelOne(
  { key, attempts: attempt, requestId }: KeyState,
  {
    journal,
    service,
    silence,
    deps,
  }: Pick<Parameters<typeof cancelOpen>[0], 'service' | 'silence' | 'deps'> & { readonly journal: Journal },
): Promise<CancelOutcome> {
  const base = () => ({ at: new Date(deps.now()).toISOString(), key, attempt });
  await journal.append({ type: 'cancelling', ...base() });
  const { signal } = silence;
  const outcome = await cancelRequest({ service, requestId: requestId ?? '', signal, deps });
  if (outcome.kind !== 'unclear' || outcome.status !== null) silence.heard();
  if (outcome.kind === 'cancelled') await journal.append({ type: 'cancelled', ...base() });
  return outcome;
}
