import { type Effects, sleepUnlessAborted } from '../base/effects.js';
import { backoff } from '../http/retry.js';

/** Gaps between two calls after a fault: first, longest, and shortest before there is none. Our choice, milliseconds. */
const FIRST_GAP = 400;
const LONGEST_GAP = 10_000;
const SHORTEST_GAP = 100;

/**
 * Decides when a call to the service may leave. A 429 holds back every call; a missing connection holds back submissions.
 * Both begin with a pause. After the pause, calls leave one by one, and each good answer halves the gap between them, until
 * there is no gap. A rate spaces submissions evenly.
 */
export class Pace {
  readonly #deps: Effects;
  readonly #onPause: (seconds: number) => void;
  readonly #calls: Throttle;
  readonly #submissions: Throttle;
  /** Least time between two submissions, milliseconds. */
  #spacing = 0;
  #nextSubmission = 0;
  #nextDeparture = 0;
  #disconnectedSince: number | null = null;

  /** `onPause` is called with each new pause after a 429, in seconds. */
  constructor(deps: Effects, onPause: (seconds: number) => void = () => {}) {
    this.#deps = deps;
    this.#onPause = onPause;
    this.#calls = new Throttle(deps);
    this.#submissions = new Throttle(deps);
  }

  /** Spaces submissions evenly, so that at most `perMinute` leave in a minute: a burst would be refused. */
  limitSubmissions(perMinute: number): void {
    this.#spacing = 60_000 / perMinute;
  }

  /** Resolves to true when the next call may leave, and to false when `signal` aborts first. */
  waitForTurn(signal?: AbortSignal): Promise<boolean> {
    const due = () => this.#calls.due;
    return this.#wait(due, signal, () => this.#calls.leave());
  }

  /** Resolves like `waitForTurn`, when the next submission may be prepared. */
  waitForSubmissionTurn(signal?: AbortSignal): Promise<boolean> {
    const due = () => Math.max(this.#calls.due, this.#submissions.due, this.#nextSubmission);
    return this.#wait(due, signal, () => {
      this.#calls.leave();
      this.#submissions.leave();
      this.#nextSubmission = this.#deps.now() + this.#spacing;
    });
  }

  /**
   * Resolves when a submission that had its turn may leave. Preparing a submission takes a varying time, and the rate must
   * still be kept.
   */
  async waitForDeparture(signal?: AbortSignal): Promise<void> {
    const now = this.#deps.now();
    const wait = Math.ceil(this.#nextDeparture - now);
    this.#nextDeparture = Math.max(this.#nextDeparture, now) + this.#spacing;
    if (wait > 0) await sleepUnlessAborted(this.#deps, wait, signal);
  }

  /** A 429 came: nothing leaves for `retryAfter` seconds, or for a growing pause if it is null. */
  rateLimited(retryAfter: number | null): void {
    const pause = this.#calls.fault(retryAfter);
    if (pause !== null) this.#onPause(pause / 1000);
  }

  /** An answer other than 429 came. */
  answered(): void {
    this.#calls.success();
  }

  /** A submission found no connection. Returns the milliseconds until the next one may leave. */
  disconnected(): number {
    this.#disconnectedSince ??= this.#deps.now();
    this.#submissions.fault(null);
    return this.#submissions.due - this.#deps.now();
  }

  /** A submission was answered. */
  connected(): void {
    this.#disconnectedSince = null;
    this.#submissions.success();
  }

  /** Milliseconds since submissions began to find no connection; 0 after an answer. */
  get disconnectedFor(): number {
    return this.#disconnectedSince === null ? 0 : this.#deps.now() - this.#disconnectedSince;
  }

  /** Waits until the time of `due`. Calls `leave` synchronously then, so that no other call gets the same turn. */
  async #wait(due: () => number, signal: AbortSignal | undefined, leave: () => void): Promise<boolean> {
    while (!signal?.aborted) {
      // Rounded up, because a clock of floating milliseconds could wake too early again and again.
      const wait = Math.ceil(due() - this.#deps.now());
      if (wait <= 0) {
        leave();
        return true;
      }
      await sleepUnlessAborted(this.#deps, wait, signal);
    }
    return false;
  }
}

/** A pause after a fault, then gaps that shrink with each success. */
class Throttle {
  readonly #deps: Effects;
  #pausedUntil = 0;
  #next = 0;
  #gap = 0;
  #faults = 0;

  constructor(deps: Effects) {
    this.#deps = deps;
  }

  /** Time from which the next call may leave, milliseconds since the epoch. */
  get due(): number {
    return Math.max(this.#pausedUntil, this.#next);
  }

  /** A call leaves now. */
  leave(): void {
    this.#next = this.#gap > 0 ? this.#deps.now() + this.#gap : 0;
  }

  /** Begins a pause after a fault; returns it in milliseconds, or null if a pause was already running. */
  fault(retryAfter: number | null): number | null {
    const now = this.#deps.now();
    // Calls that left before the pause tell nothing new, but may name a longer pause.
    const isNew = now >= this.#pausedUntil;
    if (!isNew && retryAfter === null) return null;
    const pause = backoff({ fault: this.#faults, random: this.#deps.random, retryAfter });
    this.#pausedUntil = Math.max(this.#pausedUntil, now + pause);
    if (!isNew) return null;
    this.#faults += 1;
    this.#gap = Math.min(LONGEST_GAP, Math.max(FIRST_GAP, this.#gap * 2));
    return pause;
  }

  success(): void {
    if (this.#deps.now() < this.#pausedUntil) return;
    this.#faults = 0;
    this.#gap = this.#gap / 2 < SHORTEST_GAP ? 0 : this.#gap / 2;
  }
}
