import type { Job } from './job.js';

/** What may be done at once, in the order of its jobs, whenever it became ready. */
export class ReadyList<T> {
  readonly #rank: ReadonlyMap<string, number>;
  readonly #ready: { readonly rank: number; readonly what: T }[] = [];

  /** `order` has every job that may ever be added. */
  constructor(order: readonly Job[]) {
    this.#rank = new Map(order.map(({ key }, index) => [key, index]));
  }

  add(job: Job, what: T): void {
    const rank = this.#rank.get(job.key) ?? 0;
    let [low, high] = [0, this.#ready.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ready[middle]?.rank ?? 0) <= rank) low = middle + 1;
      else high = middle;
    }
    this.#ready.splice(low, 0, { rank, what });
  }

  /** Takes the first one out. */
  next(): T | undefined {
    return this.#ready.shift()?.what;
  }
}
