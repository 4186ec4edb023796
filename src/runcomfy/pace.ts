import { type Effects, sleepUnlessAborted } from '../base/effects.js';
import { backoff } from '../http/retry.js';

/** The least and the most time between two calls while recovering from a 429, milliseconds. Our choice. */
const SMALLEST_GAP = 100;
const FIRST_GAP = 400;
const LARGEST_GAP = 10_000;

/** What keeps all calls of a run below the service's rate limit. */
export interface Pace {
  /** Returns when the next call may leave; false when `signal` aborts first. */
  turn(signal?: AbortSignal): Promise<boolean>;
  /** A 429 came: nothing leaves for `retryAfter` seconds, or for a growing pause where it names none. */
  tooFast(retryAfter: number | null): void;
  /** An answer other than 429 came. */
  fine(): void;
}

/**
 * A 429 on anything stops everything until the pause is over; then calls leave one by one, first slowly,
 * and twice as fast with each good answer, until the limit is forgotten.
 * `onPause` hears of each new pause, in seconds.
 */
export function createPace(deps: Effects, onPause?: (seconds: number) => void): Pace {
  let pausedUntil = 0;
  let nextSlot = 0;
  let gap = 0;
  let strikes = 0;

  return {
    async turn(signal) {
      for (;;) {
        if (signal?.aborted) return false;
        const wait = Math.max(pausedUntil, nextSlot) - deps.now();
        if (wait <= 0) {
          nextSlot = gap > 0 ? deps.now() + gap : 0;
          return true;
        }
        await sleepUnlessAborted(deps, wait, signal);
      }
    },

    tooFast(retryAfter) {
      const now = deps.now();
      // Calls that were on their way when the pause began say nothing new, but may name a longer one.
      const isNew = now >= pausedUntil;
      if (!isNew && retryAfter === null) return;
      const pause = backoff({ fault: strikes, random: deps.random, retryAfter });
      pausedUntil = Math.max(pausedUntil, now + pause);
      if (!isNew) return;
      strikes += 1;
      gap = Math.min(LARGEST_GAP, Math.max(FIRST_GAP, gap * 2));
      onPause?.(pause / 1_000);
    },

    fine() {
      if (deps.now() < pausedUntil) return;
      strikes = 0;
      gap = gap / 2 < SMALLEST_GAP ? 0 : gap / 2;
    },
  };
}
