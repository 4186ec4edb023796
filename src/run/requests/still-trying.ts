import { OVER, type Sleep } from './pace.js';

/** After so long without an end that is said, and again after each of the next; the last one repeats. Seconds. */
const SILENCES = [10, 20, 30, 60];

/** Does what the client repeats by itself for as long as it may take, and calls `say` meanwhile, ever more seldom. */
export async function stillTrying<T>(
  task: () => Promise<T>,
  { say, sleep }: { readonly say: () => void; readonly sleep: Sleep },
): Promise<T> {
  const over = new AbortController();
  const listen = async () => {
    for (let count = 0; ; count += 1) {
      const seconds = SILENCES[Math.min(count, SILENCES.length - 1)] ?? 60;
      await sleep(seconds * 1000, over.signal);
      if (over.signal.aborted) return;
      say();
    }
  };
  void listen();
  try {
    return await task();
  } finally {
    over.abort(OVER);
  }
}
