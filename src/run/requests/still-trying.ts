import { OVER, type Sleep } from './pace.js';

/** After so long without an end that is said, and again after each of the next; the last one repeats. Milliseconds. */
const SILENCES = [10_000, 20_000, 30_000, 60_000];

interface Task {
  readonly say: () => void;
  /** When it is said next, milliseconds since the epoch. */
  due: number;
  count: number;
}

/**
 * Says of tasks that take long that they do, ever more seldom. One sleep serves all of them, since of hundreds that are
 * begun in a minute hardly any lives to hear of it.
 */
export class StillTrying {
  readonly #tasks = new Set<Task>();
  readonly #deps: { readonly now: () => number; readonly sleep: Sleep };
  #watching: AbortController | null = null;

  constructor(deps: { readonly now: () => number; readonly sleep: Sleep }) {
    this.#deps = deps;
  }

  /** Does what the client repeats by itself for as long as it may take, and calls `say` meanwhile. */
  async during<T>(task: () => Promise<T>, say: () => void): Promise<T> {
    const own: Task = { say, due: this.#deps.now() + silence(0), count: 0 };
    this.#tasks.add(own);
    if (!this.#watching) {
      this.#watching = new AbortController();
      void this.#watch(this.#watching.signal);
    }
    try {
      return await task();
    } finally {
      this.#tasks.delete(own);
      if (this.#tasks.size === 0) {
        this.#watching?.abort(OVER);
        this.#watching = null;
      }
    }
  }

  /** What is begun during a sleep is due after its end: no first silence is shorter than another. */
  async #watch(over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      const now = this.#deps.now();
      for (const task of this.#tasks) {
        if (task.due > now) continue;
        task.count += 1;
        task.due = now + silence(task.count);
        task.say();
      }
      const next = Math.min(...[...this.#tasks].map(({ due }) => due), now + silence(0));
      await this.#deps.sleep(next - now, over);
    }
  }
}

function silence(count: number): number {
  return SILENCES[Math.min(count, SILENCES.length - 1)] ?? 0;
}
