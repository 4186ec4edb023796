/** Turns of the event loop without file work after which a world is taken to be waiting for its clock. */
const IDLE_TURNS = 4;
/** Turns without file work, alarm or result after which nothing can happen any more. */
const STUCK_TURNS = 20_000;
/** Node's names for file operations in progress. */
const FILE_WORK = /^(?:FSReq|CloseReq|FileHandleCloseReq)/;

interface Alarm {
  readonly at: number;
  readonly ring: () => void;
}

/** A clock that stands still while anything works and jumps to the next alarm when all wait. */
export class VirtualClock {
  #now = Date.UTC(2026, 10, 21, 8, 0, 0);
  readonly #alarms = new Set<Alarm>();

  readonly now = (): number => this.#now;

  readonly sleep = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const stop = () => {
        this.#alarms.delete(alarm);
        resolve();
      };
      const ring = () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      };
      const alarm = { at: this.#now + Math.max(0, milliseconds), ring };
      this.#alarms.add(alarm);
      signal?.addEventListener('abort', stop, { once: true });
    });

  /** Lets time pass until the promise is settled; throws when nothing can ever settle it. */
  async run<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    promise.then(
      () => {
        settled = true;
      },
      () => {
        settled = true;
      },
    );
    for (let idle = 0; !settled; ) {
      await new Promise((resolve) => setImmediate(resolve));
      const working = process.getActiveResourcesInfo().some((name) => FILE_WORK.test(name));
      idle = working ? 0 : idle + 1;
      if (idle > STUCK_TURNS) throw new Error('everything waits and no alarm is set');
      if (idle < IDLE_TURNS || this.#alarms.size === 0) continue;
      idle = 0;
      this.#ringNext();
    }
    return promise;
  }

  #ringNext(): void {
    const next = Math.min(...[...this.#alarms].map(({ at }) => at));
    this.#now = Math.max(this.#now, next);
    for (const alarm of [...this.#alarms]) {
      if (alarm.at > this.#now) continue;
      this.#alarms.delete(alarm);
      alarm.ring();
    }
  }
}
