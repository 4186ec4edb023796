/** The clock, from outside. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after so many milliseconds, or at once when the signal fires. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export interface QueueOptions<Job> {
  /** Jobs in progress at once. */
  readonly concurrency: number;
  /** Milliseconds a job waits at least, so that a queue can be seen. */
  readonly waitAtLeast: number;
  readonly clock: Clock;
  /** Does a job to its end. Must not reject. */
  readonly work: (job: Job, signal: AbortSignal) => Promise<void>;
}

/** Jobs in strict order of arrival, a few in progress at once. */
export class Queue<Job> {
  readonly #options: QueueOptions<Job>;
  readonly #waiting: { readonly job: Job; readonly since: number }[] = [];
  readonly #working = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  #dozing = false;

  constructor(options: QueueOptions<Job>) {
    this.#options = options;
  }

  add(job: Job): void {
    this.#waiting.push({ job, since: this.#options.clock.now() });
    this.#advance();
  }

  /** Jobs that wait before this one; null when it does not wait. */
  position(job: Job): number | null {
    const index = this.#waiting.findIndex((waiting) => waiting.job === job);
    return index < 0 ? null : index;
  }

  /** Takes a job out; false when it no longer waits. */
  remove(job: Job): boolean {
    const index = this.position(job);
    if (index === null) return false;
    this.#waiting.splice(index, 1);
    this.#advance();
    return true;
  }

  /** Stops what is in progress and begins nothing more; resolves when all has come to rest. */
  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#working);
  }

  #advance(): void {
    const { concurrency, waitAtLeast, clock } = this.#options;
    while (!this.#stop.signal.aborted && this.#working.size < concurrency) {
      const first = this.#waiting[0];
      if (!first) return;
      const early = first.since + waitAtLeast - clock.now();
      if (early > 0) {
        this.#doze(early);
        return;
      }
      this.#waiting.shift();
      this.#begin(first.job);
    }
  }

  #begin(job: Job): void {
    const done = this.#options.work(job, this.#stop.signal).then(() => {
      this.#working.delete(done);
      this.#advance();
    });
    this.#working.add(done);
  }

  /** Comes back when the first in line has waited long enough. */
  #doze(milliseconds: number): void {
    if (this.#dozing) return;
    this.#dozing = true;
    const awake = () => {
      this.#dozing = false;
      this.#advance();
    };
    void this.#options.clock.sleep(milliseconds, this.#stop.signal).then(awake);
  }
}
