/** A wait that can be told to end. */
export type Sleep = (milliseconds: number, signal?: AbortSignal) => Promise<void>;

/** Why a wait is ended that nobody needs any more: without a reason, an error would be made, with its stack. */
export const OVER = 'over';

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

/** First gap between submissions after there was no connection, milliseconds. */
const FIRST_GAP = 250;
/** Widest gap, milliseconds. */
const WIDEST_GAP = 20_000;
/** First and longest pause, milliseconds. */
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 60_000;

/**
 * How fast a run submits, besides what the service itself asks for (`Service.ready`): at most so many a minute where
 * that is said, evenly spaced, because a burst is what a limit counted by the second or by any minute refuses. Where no
 * connection is made, all submissions pause and then leave one by one; each that is answered halves the gap.
 */
export class Pace {
  readonly #deps: PaceDeps;
  /** Least time between two submissions, milliseconds. */
  readonly #least: number;
  #free = 0;
  #leaves = 0;
  #pausedUntil = 0;
  #gap = 0;
  #misses = 0;
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

  /** The service answered one, whatever it said. */
  answered(): void {
    this.#misses = 0;
    this.#silentSince = null;
    this.#gap = this.#gap <= FIRST_GAP ? 0 : this.#gap / 2;
  }

  /** There was no connection; returns the pause in milliseconds. */
  missed(): number {
    const now = this.#deps.now();
    this.#silentSince ??= now;
    // What left before the pause began says nothing new.
    if (now < this.#pausedUntil) return this.#pausedUntil - now;
    this.#misses += 1;
    this.#gap = Math.min(Math.max(this.#gap * 2, FIRST_GAP), WIDEST_GAP);
    const backoff = Math.min(FIRST_PAUSE * 2 ** (this.#misses - 1), LONGEST_PAUSE);
    // Half of it is left to chance, so that several runs do not come back together.
    const pause = backoff * (0.5 + this.#deps.random() / 2);
    this.#pausedUntil = now + pause;
    this.#free = Math.max(this.#free, this.#pausedUntil);
    return pause;
  }

  /** Milliseconds since the first of the submissions in a row that found no connection; 0 when the last one did. */
  silentFor(): number {
    return this.#silentSince === null ? 0 : this.#deps.now() - this.#silentSince;
  }
}
