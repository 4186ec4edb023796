import pLimit, { type LimitFunction } from 'p-limit';
import type { ChainedFrame } from '../models/native-input.js';
import { dependentsOf } from './chains.js';
import type { Job } from './job.js';

/** Number of submissions that may be with the service at a time, each at least 1. */
export interface Concurrency {
  readonly concurrency: number;
  /** Lower limits for some models, by full id. */
  readonly modelConcurrency: ReadonlyMap<string, number>;
}

type Task = () => Promise<void>;

/**
 * Limits how many jobs are with the service, and takes them in list order. A job that waits for its model's limit holds
 * no slot, so it keeps no other model waiting.
 */
export class Slots {
  readonly #all: OrderedLimit;
  readonly #models: ReadonlyMap<string, OrderedLimit>;

  /** `order` has every job that may ever want a slot. */
  constructor({ concurrency, modelConcurrency }: Concurrency, order: readonly Job[]) {
    const ranks = new Map(order.map(({ key }, index) => [key, index]));
    this.#all = new OrderedLimit(concurrency, ranks);
    this.#models = new Map(
      [...modelConcurrency].map(([model, most]) => [model, new OrderedLimit(most, ranks)]),
    );
  }

  /** Does the task when it is the job's turn; settles as the task does. */
  run(job: Job, task: Task): Promise<void> {
    const inAll = () => this.#all.run(job, task);
    return this.#models.get(job.model)?.run(job, inAll) ?? inAll();
  }
}

interface Waiting {
  readonly rank: number;
  readonly task: Task;
  readonly settle: (over: Promise<void>) => void;
}

/** A limit whose free slot goes to the waiting job that is first in the list, not to the one that asked first. */
class OrderedLimit {
  readonly #limit: LimitFunction;
  readonly #ranks: ReadonlyMap<string, number>;
  /** In list order. */
  readonly #waiting: Waiting[] = [];

  constructor(most: number, ranks: ReadonlyMap<string, number>) {
    this.#limit = pLimit(most);
    this.#ranks = ranks;
  }

  run(job: Job, task: Task): Promise<void> {
    return new Promise((settle) => {
      const rank = this.#ranks.get(job.key) ?? 0;
      const place = this.#waiting.findLastIndex((one) => one.rank <= rank) + 1;
      this.#waiting.splice(place, 0, { rank, task, settle });
      void this.#limit(async () => {
        const first = this.#waiting.shift();
        if (!first) throw new Error('a slot has nothing to do');
        const over = first.task();
        first.settle(over);
        // The slot is held until the task ends. Its caller handles an error.
        await over.catch(() => {});
      });
    });
  }
}

/** Jobs that wait for last frames of other clips. A job leaves when all its frames are taken, or one never will be. */
export class ChainedJobs {
  readonly #dependents: ReadonlyMap<string, readonly Job[]>;
  /** Keys that a job still waits for, by key of the job. */
  readonly #missing = new Map<string, Set<string>>();

  /** Jobs without chained frames are ignored. */
  constructor(jobs: readonly Job[]) {
    const waiting = jobs.filter(({ frames }) => frames.length > 0);
    this.#dependents = dependentsOf(waiting);
    for (const { key, frames } of waiting) this.#missing.set(key, new Set(frames.map((frame) => frame.key)));
  }

  /** First frame that a job waits for; null for a job that does not wait. */
  missingFrame(job: Job): ChainedFrame | null {
    const missing = this.#missing.get(job.key);
    return job.frames.find(({ key }) => missing?.has(key)) ?? null;
  }

  /** Keys that some job waited for at first. */
  get sources(): readonly string[] {
    return [...this.#dependents.keys()];
  }

  /** Jobs that wait for a key, in list order. */
  waitingFor(key: string): readonly Job[] {
    return (this.#dependents.get(key) ?? []).filter((job) => this.#missing.get(job.key)?.has(key));
  }

  /** Notes that a key's frame is taken. Returns the jobs that now wait for nothing; they leave. */
  frameTaken(key: string): readonly Job[] {
    const ready: Job[] = [];
    for (const job of this.waitingFor(key)) {
      const missing = this.#missing.get(job.key);
      missing?.delete(key);
      if (missing?.size !== 0) continue;
      this.#missing.delete(job.key);
      ready.push(job);
    }
    return ready;
  }

  /** Notes that a key's frame will never be taken. Returns the jobs that waited for it; they leave. */
  frameLost(key: string): readonly Job[] {
    const left = this.waitingFor(key);
    for (const job of left) this.#missing.delete(job.key);
    return left;
  }
}
