/** The effects the client needs, passed in so that tests run on a clock of their own. */
export interface Deps {
  /** Waits `ms` milliseconds; when `signal` aborts it ends early, by returning or by rejecting. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** A number from 0 up to, not including, 1. */
  random(): number;
  /** Milliseconds since 1970. */
  now(): number;
}

/** Sleeps, and says whether it slept to the end: false when `signal` aborted. */
export async function rest(deps: Deps, ms: number, signal: AbortSignal | undefined): Promise<boolean> {
  if (signal?.aborted) return false;
  try {
    await deps.sleep(ms, signal);
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
  return !signal?.aborted;
}
