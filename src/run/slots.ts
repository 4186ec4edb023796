import pLimit, { type LimitFunction } from 'p-limit';
import type { Job } from './job.js';
import { ReadyList } from './ready-list.js';

/** How many submissions may be with the service at a time, each number at least 1. */
export interface Concurrency {
  readonly concurrency: number;
  /** Of some models fewer, by full id. */
  readonly modelConcurrency: ReadonlyMap<string, number>;
}

type Task = () => Promise<void>;

/**
 * Lets jobs be with the service, so many at a time and in list order. One that waits for its model's turn holds no
 * slot, so that it keeps no other model waiting.
 */
export class Slots {
  readonly #all: Line;
  readonly #models: ReadonlyMap<string, Line>;

  /** `order` has every job that may ever want a slot. */
  constructor({ concurrency, modelConcurrency }: Concurrency, order: readonly Job[]) {
    this.#all = new Line(concurrency, order);
    this.#models = new Map([...modelConcurrency].map(([model, most]) => [model, new Line(most, order)]));
  }

  /** Whether a job waits for a slot. */
  get isWanted(): boolean {
    return this.#all.isWanted;
  }

  /** Does the task when it is the job's turn; settles as the task does. */
  run(job: Job, task: Task): Promise<void> {
    const inAll = () => this.#all.run(job, task);
    return this.#models.get(job.model)?.run(job, inAll) ?? inAll();
  }
}

interface Waiting {
  readonly task: Task;
  readonly settle: (over: Promise<void>) => void;
}

/** A limit that takes whoever comes first in the list by now, not who asked first. */
class Line {
  readonly #limit: LimitFunction;
  readonly #ready: ReadyList<Waiting>;

  constructor(most: number, order: readonly Job[]) {
    this.#limit = pLimit(most);
    this.#ready = new ReadyList(order);
  }

  get isWanted(): boolean {
    return this.#limit.pendingCount > 0;
  }

  run(job: Job, task: Task): Promise<void> {
    return new Promise((settle) => {
      this.#ready.add(job, { task, settle });
      void this.#limit(async () => {
        const first = this.#ready.next();
        if (!first) throw new Error('a slot has nothing to do');
        const over = first.task();
        first.settle(over);
        // The slot is held until then, however it ends: whoever asked hears of that.
        await over.catch(() => {});
      });
    });
  }
}
