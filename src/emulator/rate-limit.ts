import type { Clock } from './queue.js';

const MINUTE_MS = 60_000;

/** Lets so many submissions through in any minute. */
export class RateLimit {
  readonly #perMinute: number;
  readonly #clock: Clock;
  #recent: number[] = [];

  /** `perMinute` may be Infinity. */
  constructor(perMinute: number, clock: Clock) {
    this.#perMinute = perMinute;
    this.#clock = clock;
  }

  /** 0 when this submission may pass, and it counts; else whole seconds until the next may. */
  take(): number {
    if (this.#perMinute === Number.POSITIVE_INFINITY) return 0;
    const now = this.#clock.now();
    this.#recent = this.#recent.filter((at) => at > now - MINUTE_MS);
    const oldest = this.#recent[0];
    if (oldest !== undefined && this.#recent.length >= this.#perMinute) {
      return Math.max(1, Math.ceil((oldest + MINUTE_MS - now) / 1000));
    }
    this.#recent.push(now);
    return 0;
  }
}
