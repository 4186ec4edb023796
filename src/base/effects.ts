/** The clock, the dice and the waiting of the real world; tests bring their own. */
export const effects = {
  /** Milliseconds since 1970. */
  now: (): number => Date.now(),
  /** At least 0, below 1. */
  random: (): number => Math.random(),
  /** Resolves after that many milliseconds, or as soon as the signal aborts. */
  sleep: (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      // Not the one of `node:timers/promises`, which makes an error, with its stack, of each sleep that is cut short.
      const timer = setTimeout(end, ms);
      signal?.addEventListener('abort', end, { once: true });
    }),
};
