import type { Job } from './job.js';

/** What may be sent or followed at once, in the order given, whenever it became ready. */
export class ReadyList {
  readonly #rank: ReadonlyMap<string, number>;
  readonly #ready: Job[] = [];

  /** `order` has every job that may ever be added. */
  constructor(order: readonly Job[]) {
    this.#rank = new Map(order.map(({ key }, index) => [key, index]));
  }

  add(job: Job): void {
    let [low, high] = [0, this.#ready.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#rankOf(this.#ready[middle]) <= this.#rankOf(job)) low = middle + 1;
      else high = middle;
    }
    this.#ready.splice(low, 0, job);
  }

  /** Takes the first one out. */
  next(): Job | undefined {
    return this.#ready.shift();
  }

  #rankOf(job: Job | undefined): number {
    return this.#rank.get(job?.key ?? '') ?? 0;
  }
}
