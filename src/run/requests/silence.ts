import type { Sleep } from './pace.js';

/** Without an answer for so long a service counts as down, milliseconds. */
const PATIENCE = 20_000;

/**
 * Ends the asking when nothing has answered for 20 seconds, whoever asked: a service that is down is not asked hundreds of
 * times, one after the other.
 */
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

  /** Aborts when there is no point in asking on. */
  get signal(): AbortSignal {
    return this.#asking.signal;
  }

  /** The service answered. */
  heard(): void {
    this.#until = Math.max(this.#until, this.#now() + PATIENCE);
  }

  /** The service wants to be left alone for so many seconds, which is an answer too. */
  pause(seconds: number): void {
    this.#until = Math.max(this.#until, this.#now() + seconds * 1000 + PATIENCE);
  }

  /** No more asking, at once: each further answer would be the same. */
  giveUp(): void {
    this.#asking.abort();
  }

  /** All has been asked. */
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
