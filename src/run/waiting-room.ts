import type { ChainedFrame } from '../models/native-input.js';
import { dependentsOf } from './chains.js';
import type { Job } from './job.js';

/** Who waits for whose last frame. A job is in it until all its frames have come, or one never will. */
export class WaitingRoom {
  readonly #dependents: ReadonlyMap<string, readonly Job[]>;
  /** By key of the job, the keys it still waits for. */
  readonly #missing = new Map<string, Set<string>>();

  /** Jobs without chained frames have nothing to wait for. */
  constructor(jobs: readonly Job[]) {
    const waiting = jobs.filter(({ frames }) => frames.length > 0);
    this.#dependents = dependentsOf(waiting);
    for (const { key, frames } of waiting) this.#missing.set(key, new Set(frames.map((frame) => frame.key)));
  }

  /** The frame a job waits for, the first of them; null for one that is not here. */
  frameOf(job: Job): ChainedFrame | null {
    const missing = this.#missing.get(job.key);
    return job.frames.find(({ key }) => missing?.has(key)) ?? null;
  }

  /** Keys that somebody waited for at first. */
  get sources(): readonly string[] {
    return [...this.#dependents.keys()];
  }

  /** Those that wait for a key, in list order. */
  waitingFor(key: string): readonly Job[] {
    return (this.#dependents.get(key) ?? []).filter((job) => this.#missing.get(job.key)?.has(key));
  }

  /** A frame has come: returns who has nothing left to wait for, and lets them out. */
  arrived(key: string): readonly Job[] {
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

  /** A frame will never come: returns who waited for it, and lets them out. */
  gone(key: string): readonly Job[] {
    const left = this.waitingFor(key);
    for (const job of left) this.#missing.delete(job.key);
    return left;
  }
}
