/** Clock, random numbers and waiting, passed in so that tests run on a clock of their own. */
export interface Effects {
  /** Milliseconds since 1970. */
  now(): number;
  /** At least 0, below 1. */
  random(): number;
  /** Waits `ms` milliseconds; when `signal` aborts it ends early, by returning or by rejecting. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Effects of the real world; `sleep` returns early, without an error, as soon as the signal aborts. */
export const effects: Effects = {
  now: () => Date.now(),
  random: () => Math.random(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal?.addEventListener('abort', end, { once: true });
    }),
};

/** Sleeps `ms` milliseconds; false if `signal` aborted before the end. */
export async function sleepUnlessAborted(
  { sleep }: Pick<Effects, 'sleep'>,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  if (signal?.aborted) return false;
  try {
    await sleep(ms, signal);
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
  return !signal?.aborted;
}
