import type { Effects } from '../base/effects.js';

/** Waits some milliseconds; resolves early when the signal aborts, and never rejects. */
export type Sleep = Effects['sleep'];

/** A signal that aborts with `signal` or after some seconds. `end` frees both. `over` is true if the time ran out. */
export function withDeadline(options: {
  readonly signal: AbortSignal;
  readonly seconds: number;
  readonly sleep: Sleep;
}): { readonly signal: AbortSignal; readonly over: () => boolean; readonly end: () => void } {
  const controller = new AbortController();
  const timer = new AbortController();
  let isLate = false;
  const stop = () => controller.abort();
  if (options.signal.aborted) stop();
  options.signal.addEventListener('abort', stop, { once: true });
  void options.sleep(options.seconds * 1000, timer.signal).then(() => {
    if (timer.signal.aborted) return;
    isLate = true;
    controller.abort();
  });
  const end = () => {
    timer.abort();
    options.signal.removeEventListener('abort', stop);
  };
  return { signal: controller.signal, over: () => isLate, end };
}

/** Times between two notices of a task that does not end, milliseconds; the last one repeats. */
const NOTICE_GAPS = [10_000, 20_000, 30_000, 60_000];

interface SlowTask {
  readonly say: () => void;
  /** Time of the next notice, milliseconds since the epoch. */
  due: number;
  notices: number;
}

/** Says of tasks that take long that they do, more and more rarely. One sleep serves all tasks. */
export class StillTrying {
  readonly #tasks = new Set<SlowTask>();
  readonly #deps: Pick<Effects, 'now' | 'sleep'>;
  #watching: AbortController | null = null;

  constructor(deps: Pick<Effects, 'now' | 'sleep'>) {
    this.#deps = deps;
  }

  /** Does a task that may take any time, and calls `say` now and then until it ends. */
  async during<T>(task: () => Promise<T>, say: () => void): Promise<T> {
    const own: SlowTask = { say, due: this.#deps.now() + gapAfter(0), notices: 0 };
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
        this.#watching?.abort();
        this.#watching = null;
      }
    }
  }

  /** No sleep is longer than the first gap, so a task that begins during a sleep is never late. */
  async #watch(over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      const now = this.#deps.now();
      for (const task of this.#tasks) {
        if (task.due > now) continue;
        task.notices += 1;
        task.due = now + gapAfter(task.notices);
        task.say();
      }
      const next = Math.min(...[...this.#tasks].map(({ due }) => due), now + gapAfter(0));
      await this.#deps.sleep(next - now, over);
    }
  }
}

function gapAfter(notices: number): number {
  return NOTICE_GAPS[Math.min(notices, NOTICE_GAPS.length - 1)] ?? 0;
}
