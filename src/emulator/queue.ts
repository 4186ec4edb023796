/** Time, which tests replace. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after the time, or immediately when the signal aborts. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** Limits and work of a queue. */
export interface QueueOptions<Job> {
  /** Most jobs in progress. */
  readonly concurrency: number;
  /** Least time that a job waits, milliseconds, so that tests can see a queue. */
  readonly waitAtLeast: number;
  readonly clock: Clock;
  /** Does a job to its end; must not reject. */
  readonly work: (job: Job, signal: AbortSignal) => Promise<void>;
}

/** Jobs that begin in the order of their arrival, with a limit of jobs in progress. */
export class Queue<Job> {
  readonly #options: QueueOptions<Job>;
  readonly #waiting: { readonly job: Job; readonly since: number }[] = [];
  readonly #working = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  #isAsleep = false;

  constructor(options: QueueOptions<Job>) {
    this.#options = options;
  }

  add(job: Job): void {
    this.#waiting.push({ job, since: this.#options.clock.now() });
    this.#advance();
  }

  /** Number of jobs that wait before this one; null if it does not wait. */
  position(job: Job): number | null {
    const index = this.#waiting.findIndex((waiting) => waiting.job === job);
    return index < 0 ? null : index;
  }

  /** Removes a waiting job; false if it does not wait any more. */
  remove(job: Job): boolean {
    const index = this.position(job);
    if (index === null) return false;
    this.#waiting.splice(index, 1);
    this.#advance();
    return true;
  }

  /** Stops the jobs in progress and begins no others; resolves when all have ended. */
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
        this.#sleepFor(early);
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

  /** Advances the queue when its first job has waited long enough. */
  #sleepFor(milliseconds: number): void {
    if (this.#isAsleep) return;
    this.#isAsleep = true;
    const awake = () => {
      this.#isAsleep = false;
      this.#advance();
    };
    void this.#options.clock.sleep(milliseconds, this.#stop.signal).then(awake);
  }
}

const MINUTE_MS = 60_000;

/** Limit of submissions in any minute. */
export class RateLimit {
  readonly #perMinute: number;
  readonly #clock: Clock;
  #recent: number[] = [];

  /** `perMinute` may be Infinity. */
  constructor(perMinute: number, clock: Clock) {
    this.#perMinute = perMinute;
    this.#clock = clock;
  }

  /** 0 if this submission may pass, and then it counts; else whole seconds until the next one may. */
  admit(): number {
    if (this.#perMinute === Number.POSITIVE_INFINITY) return 0;
    const now = this.#clock.now();
    this.#recent = this.#recent.filter((at) => at > now - MINUTE_MS);
    const oldest = this.#recent[0];
    if (oldest !== undefined && this.#recent.length >= this.#perMinute) {
      return Math.max(1, Math.ceil((oldest + MINUTE_MS - now) / 1000));
    }
    this.#recent.push(now);
    return 0;
  }
}
