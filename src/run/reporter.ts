import { Exit, type ExitCode } from '../base/exit.js';
import type { Check } from '../manifest/manifest.js';
import type { EndState, LiveState, RunEvent, ShotChanged } from './events.js';
import type { Job } from './job.js';

/** Details of a shot's row beside its state. */
export type Details = Partial<
  Pick<
    ShotChanged,
    'request_id' | 'queue_position' | 'expected_seconds' | 'file' | 'usd' | 'message' | 'waiting_on'
  >
>;

const CODES: Readonly<Record<EndState, ExitCode>> = {
  done: Exit.done,
  failed: Exit.failed,
  refused: Exit.failed,
  blocked: Exit.failed,
  cancelled: Exit.interrupted,
  unknown: Exit.unknown,
  unfinished: Exit.unfinished,
  unsent: Exit.unfinished,
};

/** Least time between two events about one download, milliseconds. */
const DOWNLOAD_EVERY = 250;

/** Least time between two notices that the run waits, milliseconds. */
const SLOWED_EVERY = 5_000;

/** Least silence that is worth a notice, and least time between two of them, seconds. */
const LEAST_SILENCE = 10;

/** Emits the events of a run, and collects its exit codes. */
export class Reporter {
  readonly #emit: (event: RunEvent) => void;
  readonly #now: () => number;
  readonly #codes: Set<ExitCode>;
  readonly #onEnd: (key: string) => void;
  readonly #ended = new Map<string, EndState>();
  #unsent = 0;
  readonly #saidOnce = new Set<string>();
  #slowedAt = Number.NEGATIVE_INFINITY;
  #heardAt = Number.NEGATIVE_INFINITY;
  #silentAt = Number.NEGATIVE_INFINITY;

  constructor(options: {
    readonly emit: (event: RunEvent) => void;
    readonly now: () => number;
    readonly codes: Set<ExitCode>;
    /** Called with the key of each shot that ends. */
    readonly onEnd?: (key: string) => void;
  }) {
    this.#emit = options.emit;
    this.#now = options.now;
    this.#codes = options.codes;
    this.#onEnd = options.onEnd ?? (() => {});
  }

  /** Emits a shot's new state, once for each id that shares the clip. */
  shot(job: Job, state: LiveState, details: Details = {}): void {
    for (const [index, id] of job.ids.entries()) {
      this.#emit({
        event: 'shot',
        at: this.#at(),
        id,
        key: job.key,
        state,
        request_id: details.request_id ?? null,
        queue_position: details.queue_position ?? null,
        expected_seconds: details.expected_seconds ?? null,
        seconds: job.seconds,
        file: details.file ?? null,
        // The clip was paid once, so its cost is shown once.
        usd: index === 0 ? (details.usd ?? null) : null,
        message: details.message ?? null,
        waiting_on: details.waiting_on ?? null,
      });
    }
  }

  /**
   * Ends a shot for this run; further calls for it do nothing. A shot that has left the list has no row, and a notice tells
   * its end.
   */
  end(job: Job, state: EndState, details: Details & { readonly exit?: ExitCode } = {}): void {
    if (this.#ended.has(job.key)) return;
    this.#ended.set(job.key, state);
    this.#onEnd(job.key);
    // With an exit code of its own, it is not sent by the next run either.
    if (state === 'unsent' && details.exit === undefined) this.#unsent += job.ids.length;
    if (job.ids.length > 0) {
      if (job.isChosen) this.#codes.add(details.exit ?? CODES[state]);
      this.shot(job, state, details);
      return;
    }
    if (state === 'unknown' && job.isChosen) this.#codes.add(Exit.unknown);
    const what =
      state === 'done' ? `is here: ${details.file}` : `is ${state}. ${details.message ?? ''}`.trimEnd();
    this.notice(state === 'done' ? 'info' : 'warning', `${job.name}, no longer in the list, ${what}`);
  }

  /** Number of the list's shots that were not sent, and that the next run sends. */
  get unsent(): number {
    return this.#unsent;
  }

  /** End of a key in this run; undefined while it has none. */
  endOf(key: string): EndState | undefined {
    return this.#ended.get(key);
  }

  /** Callback for a download's `onProgress`; emits a few events a second at most. */
  progress(job: Job): (bytes: number, total: number | null) => void {
    let last = Number.NEGATIVE_INFINITY;
    return (bytes, total) => {
      const now = this.#now();
      if (now - last < DOWNLOAD_EVERY && bytes !== total) return;
      last = now;
      for (const id of job.ids) this.#emit({ event: 'download', at: this.#at(), id, bytes, total });
    };
  }

  /** Emits what the inspection of a clip found, once for each id that shares it. */
  checked(job: Job, { file, pictures, flags }: { readonly file: string } & Check): void {
    for (const id of job.ids) {
      this.#emit({ event: 'check', at: this.#at(), id, key: job.key, file, pictures, flags });
    }
  }

  /** Says once that a clip could not be inspected: further reasons are most likely the same. */
  notInspected(why: string): void {
    const rest =
      'Only its facts were compared with what was asked for, and no stills were kept. `shotlist report` inspects it again.';
    this.warnOnce('inspection', `A clip could not be inspected. ${why} ${rest}`);
  }

  /** Warns once in a run about a topic that concerns several shots. */
  warnOnce(topic: string, message: string): void {
    if (this.#saidOnce.has(topic)) return;
    this.#saidOnce.add(topic);
    this.notice('warning', message);
  }

  notice(level: 'info' | 'warning', message: string): void {
    this.#emit({ event: 'notice', at: this.#at(), level, message });
  }

  /** Says that the run waits, at most once in five seconds. */
  slowed(message: string): void {
    if (this.#now() - this.#slowedAt < SLOWED_EVERY) return;
    this.#slowedAt = this.#now();
    this.notice('warning', message);
  }

  /** Notes that the service answered about some request. */
  heard(): void {
    this.#heardAt = this.#now();
  }

  /** Says that a question asked at `since` (milliseconds) has no answer yet, unless another one was answered since. */
  silent(origin: string, since: number): void {
    const now = this.#now();
    const seconds = Math.floor((now - Math.max(since, this.#heardAt)) / 1000);
    if (seconds < LEAST_SILENCE || now - this.#silentAt < LEAST_SILENCE * 1000) return;
    this.#silentAt = now;
    const who = origin === 'local' ? 'the local provider' : new URL(origin).host;
    this.notice('warning', `No answer from ${who} for ${seconds} s; still trying.`);
  }

  #at(): string {
    return new Date(this.#now()).toISOString();
  }
}
