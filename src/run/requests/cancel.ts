import { setMaxListeners } from 'node:events';
import pLimit from 'p-limit';
import type { Effects } from '../../base/effects.js';
import type { RequestStatus, Service, ServiceError } from '../../runcomfy/service.js';
import { type RunContext, record } from '../context.js';
import type { HeldDirectory } from '../directory/hold-directory.js';
import { renewManifests } from '../directory/manifests.js';
import type { Job } from '../job.js';
import { stillThere } from '../messages.js';
import type { Records } from '../records/records.js';
import { KEY_START, type KeyState } from '../records/render.js';
import { QUESTIONS_AT_A_TIME, type Silence } from './ask-service.js';
import type { Followed } from './follow-request.js';
import { isNamed } from './resolve.js';

/** Result of asking for a request to be cancelled. */
export type CancelOutcome =
  /** The service confirmed it when it was asked again. */
  | { readonly kind: 'cancelled' }
  /** It stays with the service, or has ended there; `status` is null if the service did not say which. */
  | { readonly kind: 'kept'; readonly status: RequestStatus | null }
  /** The service does not know it. */
  | ({ readonly kind: 'forgotten' } & ServiceError)
  /** Nothing is certain: no answer in time, or none that says anything. */
  | ({ readonly kind: 'unclear' } & ServiceError);

interface Cancelling {
  readonly service: Pick<Service, 'cancel' | 'status' | 'pace'>;
  readonly requestId: string;
  /** Ends the asking. */
  readonly signal: AbortSignal;
  readonly deps: Pick<Effects, 'sleep' | 'random'>;
}

/** Tries. To cancel twice is harmless, and each success saves the price of a render. */
const TRIES = 4;
/** Pause before the second try, milliseconds; doubled for each further one, so that all fit in four seconds. */
const FIRST_PAUSE = 500;

/**
 * Asks for a request to be cancelled, again if an answer is lost, until the service confirms it or says why not. Never
 * rejects. Record `cancelling` before: a lost answer may have been a yes.
 */
async function cancelRequest({ service, requestId, signal, deps }: Cancelling): Promise<CancelOutcome> {
  let last: CancelOutcome = { kind: 'unclear', status: null, code: 'aborted', message: 'It was not asked.' };
  for (let pause = FIRST_PAUSE, tries = 0; tries < TRIES && !signal.aborted; ) {
    const answer = await service.cancel(requestId, signal);
    if (answer.kind === 'unreachable' && answer.status === 429) {
      last = { ...answer, kind: 'unclear' };
      // The service did not listen, so this was no try.
      await service.pace.waitForTurn(signal);
      continue;
    }
    if (signal.aborted && answer.kind !== 'cancelled') break;
    const end = await confirm({ service, requestId, signal }, answer);
    if (!('again' in end)) return end;
    last = end.again;
    tries += 1;
    // Half of it is random, so that hundreds do not come back together.
    if (tries < TRIES) await deps.sleep(pause * (0.5 + deps.random() / 2), signal);
    pause *= 2;
  }
  return last;
}

type Answer = Awaited<ReturnType<Service['cancel']>>;

/** Asks for the state: a request that is rendered although it counts as cancelled would be paid for twice. */
async function confirm(
  { service, requestId, signal }: Omit<Cancelling, 'deps'>,
  answer: Answer,
): Promise<CancelOutcome | { readonly again: CancelOutcome }> {
  if (answer.kind === 'refused') {
    const { status, code, message } = answer;
    return { kind: status === 404 || status === 410 ? 'forgotten' : 'unclear', status, code, message };
  }
  const asked = await service.status(requestId, signal);
  switch (asked.kind) {
    case 'state': {
      const { status } = asked.request;
      if (status === 'cancelled') return { kind: 'cancelled' };
      // Asked again only if it can be cancelled at all: reads may lag behind writes.
      const isOpen = status === 'queued' || status === 'unfamiliar';
      const kept: CancelOutcome = { kind: 'kept', status };
      return isOpen && answer.kind !== 'not-cancellable' ? { again: kept } : kept;
    }
    case 'forgotten':
      return asked;
    case 'refused':
      return { ...asked, kind: 'unclear' };
    case 'unreachable':
      return { again: { ...asked, kind: 'unclear' } };
  }
}

/**
 * Leaves a request because the run is being stopped. If a person interrupted the run, a request that may still be queued
 * is cancelled; only if the service confirms that, it is recorded as cancelled and may be sent again. All others stay
 * with the service, for a later run.
 */
export async function leaveRequest(
  run: RunContext,
  job: Job,
  left: { readonly requestId: string } & Extract<Followed, { readonly left: unknown }>,
): Promise<void> {
  const { requestId } = left;
  if (run.brakes.cancelsQueued && left.left === 'queued' && (await isCancelled(run, job, requestId))) {
    await record(run, job, { type: 'cancelled' });
    const message = 'Cancelled while it was queued. Run again to send it.';
    run.reporter.end(job, 'cancelled', { request_id: requestId, message });
    return;
  }
  run.reporter.end(job, 'unfinished', { request_id: requestId, message: stillThere(requestId) });
}

async function isCancelled(run: RunContext, job: Job, requestId: string): Promise<boolean> {
  const { service, brakes, deps } = run;
  if (brakes.cancelGraceOver.aborted) return false;
  await record(run, job, { type: 'cancelling' });
  const outcome = await cancelRequest({ service, requestId, signal: brakes.cancelGraceOver, deps });
  return outcome.kind === 'cancelled';
}

/** A submission, and the result of asking for it to be cancelled. */
export interface Cancelled {
  readonly known: KeyState;
  readonly outcome: CancelOutcome;
}

/**
 * Submissions that are with the service and are named by ids or starts of keys; all of them if there are no names. A
 * string says which name belongs to nothing that could be cancelled.
 */
export function chooseToCancel(
  keyStates: Iterable<KeyState>,
  names: readonly string[],
): readonly KeyState[] | string {
  const all = [...keyStates];
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
 * Asks the service to cancel submissions of a run directory. Records the wish before and each success after, and brings
 * the manifests up to date. A submission that is not cancelled stays `submitted`, for the next run to follow. `notes` are
 * manifests that could not be written, in words.
 */
export async function cancelOpen(options: {
  readonly chosen: readonly KeyState[];
  readonly held: HeldDirectory;
  /** Absolute path of the run directory. */
  readonly directory: string;
  readonly service: Service;
  readonly silence: Silence;
  readonly deps: Effects;
  readonly toolVersion: string;
  /** Called with each result as it comes. */
  readonly onOutcome: (cancelled: Cancelled) => void;
}): Promise<{ readonly outcomes: readonly Cancelled[]; readonly notes: readonly string[] }> {
  const { chosen, held, directory, silence, toolVersion, onOutcome } = options;
  const { state, lock } = held;
  const records = state.open({ service: state.service ?? '', permit: () => lock.assertHeld() });
  const slots = pLimit(QUESTIONS_AT_A_TIME);
  setMaxListeners(0, silence.signal);
  const outcomes: Cancelled[] = [];
  const one = async (known: KeyState) => {
    if (silence.signal.aborted) return;
    const outcome = await cancelOne(known, { ...options, records });
    outcomes.push({ known, outcome });
    onOutcome({ known, outcome });
  };
  try {
    await Promise.all(chosen.map((known) => slots(() => one(known))));
  } finally {
    await records.close();
  }
  const notes = await renewManifests({ directory, keyStates: records.keyStates, toolVersion });
  return { outcomes, notes };
}

async function cancelOne(
  { key, requestId }: KeyState,
  {
    records,
    service,
    silence,
    deps,
  }: Pick<Parameters<typeof cancelOpen>[0], 'service' | 'silence' | 'deps'> & { readonly records: Records },
): Promise<CancelOutcome> {
  await records.append(key, { type: 'cancelling' });
  const { signal } = silence;
  const outcome = await cancelRequest({ service, requestId: requestId ?? '', signal, deps });
  if (outcome.kind !== 'unclear' || outcome.status !== null) silence.heard();
  if (outcome.kind === 'cancelled') await records.append(key, { type: 'cancelled' });
  return outcome;
}
