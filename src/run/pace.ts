/** A wait that can be told to end. */
export type Sleep = (milliseconds: number, signal?: AbortSignal) => Promise<void>;

/** A sleep that resolves, and never rejects, when its signal aborts: Node's own rejects. */
export function quietly(sleep: Sleep): Sleep {
  return async (milliseconds, signal) => {
    if (signal?.aborted) return;
    await sleep(milliseconds, signal).catch((error) => {
      if (!signal?.aborted) throw error;
    });
  };
}

export interface PaceDeps {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly sleep: Sleep;
  /** At least 0, below 1. */
  readonly random: () => number;
}

/** First gap between submissions after the service has asked for less, milliseconds. */
const FIRST_GAP = 250;
/** Widest gap, milliseconds: slow enough for any limit counted by the minute. */
const WIDEST_GAP = 20_000;
/** First and longest pause where the service does not say for how long, milliseconds. */
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 60_000;

/**
 * How fast a run submits: at most so many a minute where that is said, evenly spaced, because a burst is what a limit
 * counted by the second or by any minute refuses. A refusal that costs nothing (429, or no connection) makes all submissions pause and then
 * leave one by one; each that is taken halves the gap, until they leave as they come again.
 */
export class Pace {
  readonly #deps: PaceDeps;
  /** Least time between two submissions, milliseconds. */
  readonly #least: number;
  #free = 0;
  #leaves = 0;
  #pausedUntil = 0;
  #gap = 0;
  #refusals = 0;
  #silentSince: number | null = null;

  /** `perMinute` may be Infinity. */
  constructor(deps: PaceDeps, perMinute = Number.POSITIVE_INFINITY) {
    this.#deps = deps;
    this.#least = 60_000 / perMinute;
  }

  /** Resolves when the next submission may leave. */
  async turn(signal: AbortSignal): Promise<void> {
    for (;;) {
      const now = this.#deps.now();
      if (signal.aborted) return;
      if (now >= this.#free) {
        this.#free = now + Math.max(this.#gap, this.#least);
        return;
      }
      // Rounded up, because a clock of floating milliseconds may wake us a hair too early for ever.
      await this.#deps.sleep(Math.ceil(this.#free - now), signal);
    }
  }

  /**
   * Resolves when one that has had its turn may leave at last. What is done in between takes longer for one than for
   * another, and they must not come to leave together.
   */
  async gap(signal: AbortSignal): Promise<void> {
    const now = this.#deps.now();
    const wait = Math.ceil(this.#leaves - now);
    this.#leaves = Math.max(this.#leaves, now) + this.#least;
    if (wait > 0) await this.#deps.sleep(wait, signal);
  }

  /** The service answered one. */
  taken(): void {
    this.#refusals = 0;
    this.#silentSince = null;
    this.#gap = this.#gap <= FIRST_GAP ? 0 : this.#gap / 2;
  }

  /**
   * Nothing was accepted, by an answer (429) or because there was no connection; returns the pause in milliseconds.
   * `retryAfter` is in seconds.
   */
  refused({
    answered,
    retryAfter,
  }: {
    readonly answered: boolean;
    readonly retryAfter: number | null;
  }): number {
    const now = this.#deps.now();
    this.#silentSince = answered ? null : (this.#silentSince ?? now);
    // What left before the pause began says nothing new.
    if (now < this.#pausedUntil && retryAfter === null) return this.#pausedUntil - now;
    this.#refusals += 1;
    this.#gap = Math.min(Math.max(this.#gap * 2, FIRST_GAP), WIDEST_GAP);
    const backoff = Math.min(FIRST_PAUSE * 2 ** (this.#refusals - 1), LONGEST_PAUSE);
    // Half of it is left to chance, so that several runs do not come back together.
    const own = backoff * (0.5 + this.#deps.random() / 2);
    const pause = retryAfter === null ? own : Math.max(retryAfter * 1000, own / 4);
    this.#pausedUntil = Math.max(this.#pausedUntil, now + pause);
    this.#free = Math.max(this.#free, this.#pausedUntil);
    return pause;
  }

  /** Milliseconds since the first of the submissions in a row that found no connection; 0 when the last one did. */
  silentFor(): number {
    return this.#silentSince === null ? 0 : this.#deps.now() - this.#silentSince;
  }
}
