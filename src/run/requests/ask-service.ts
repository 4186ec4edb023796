import { setMaxListeners } from 'node:events';
import pLimit from 'p-limit';
import { serviceErrorOf } from '../../runcomfy/answers.js';
import { isAccountError } from '../../runcomfy/meanings.js';
import type { ResultAnswer, ServiceError } from '../../runcomfy/service.js';
import type { RunContext } from '../context.js';
import type { KeyState } from '../records/render.js';
import { type Sleep, withDeadline } from '../waits.js';

/** Asks for the state of a request. Faults that may pass are repeated until `signal` aborts. */
export type Ask = (requestId: string, signal: AbortSignal) => Promise<ResultAnswer>;

/** Asks once, in a run, for the state of a request; `unreachable` after some seconds, or when the run is stopped. */
export async function askInTime(
  { brakes, deps, service }: RunContext,
  requestId: string,
  seconds: number,
): Promise<ResultAnswer> {
  const deadline = withDeadline({ signal: brakes.allStopped, seconds, sleep: deps.sleep });
  try {
    return await service.result(requestId, deadline.signal);
  } finally {
    deadline.end();
  }
}

/** Answers of the service about the requests of a run. */
export interface Answers {
  /** By content key; `unreachable` if no usable answer came. A request that was not asked about has none. */
  readonly by: ReadonlyMap<string, ResultAnswer>;
  /** Why not all could be asked; null if all were. */
  readonly trouble: ServiceError | null;
}

/** Questions at a time: fast for hundreds, and no burst that a rate limit would stop. */
export const QUESTIONS_AT_A_TIME = 16;

/** True if a submission may still bring a clip that is missed: with the service, rendered but not here, or unknown. */
export function isOpen({ state, acceptedMissing }: KeyState): boolean {
  return state === 'submitted' || (state === 'completed' && !acceptedMissing) || state === 'unknown';
}

/** Asks about every submission that has a request. Writes nothing. An account that is refused is asked once. */
export async function askService(
  open: readonly KeyState[],
  { ask, silence }: { readonly ask: Ask; readonly silence: Silence },
): Promise<Answers> {
  const by = new Map<string, ResultAnswer>();
  let trouble: ServiceError | null = null;
  const slots = pLimit(QUESTIONS_AT_A_TIME);
  setMaxListeners(0, silence.signal);
  const askOne = async ({ key, requestId }: KeyState) => {
    if (requestId === null || silence.signal.aborted) return;
    const answer = await ask(requestId, silence.signal);
    if (answer.kind === 'unreachable') {
      trouble ??= serviceErrorOf(answer);
      by.set(key, answer);
      return;
    }
    silence.heard();
    if (answer.kind === 'refused' && isAccountError(answer)) {
      trouble = serviceErrorOf(answer);
      silence.giveUp();
    } else by.set(key, answer);
  };
  await Promise.all(open.map((known) => slots(() => askOne(known))));
  return { by, trouble };
}

/** A service that has answered nothing for this long counts as down, milliseconds. */
const PATIENCE = 20_000;

/** Ends the asking when nothing has answered for 20 seconds: a service that is down is not asked hundreds of times. */
export class Silence {
  readonly #asking = new AbortController();
  readonly #over = new AbortController();
  readonly #now: () => number;
  #until: number;

  /** `stop` ends the asking too. */
  constructor({ now, sleep, stop }: { now: () => number; sleep: Sleep; stop: AbortSignal }) {
    this.#now = now;
    this.#until = now() + PATIENCE;
    const end = () => this.#asking.abort();
    if (stop.aborted) end();
    stop.addEventListener('abort', end, { once: true, signal: this.#over.signal });
    void this.#watch(sleep);
  }

  /** Aborts when there is no point in asking any more. */
  get signal(): AbortSignal {
    return this.#asking.signal;
  }

  /** Notes that the service answered. */
  heard(): void {
    this.#until = Math.max(this.#until, this.#now() + PATIENCE);
  }

  /** Notes that the service asked for a pause, which is an answer too. */
  pause(seconds: number): void {
    this.#until = Math.max(this.#until, this.#now() + seconds * 1000 + PATIENCE);
  }

  /** Ends the asking immediately: each further answer would be the same. */
  giveUp(): void {
    this.#asking.abort();
  }

  /** Ends the watching. Call it when everything has been asked. */
  end(): void {
    this.#over.abort();
  }

  async #watch(sleep: Sleep): Promise<void> {
    while (!this.#over.signal.aborted && !this.signal.aborted) {
      const left = this.#until - this.#now();
      if (left <= 0) this.#asking.abort();
      else await sleep(Math.ceil(left), this.#over.signal);
    }
  }
}
