import { setTimeout } from 'node:timers/promises';

/** The clock, the dice and the waiting of the real world; tests bring their own. */
export const effects = {
  /** Milliseconds since 1970. */
  now: (): number => Date.now(),
  /** At least 0, below 1. */
  random: (): number => Math.random(),
  /** Resolves after that many milliseconds, or as soon as the signal aborts. */
  sleep: async (ms: number, signal?: AbortSignal): Promise<void> => {
    try {
      await setTimeout(ms, undefined, signal ? { signal } : {});
    } catch (error) {
      if (!signal?.aborted) throw error;
    }
  },
};
