import { setMaxListeners } from 'node:events';
import { Exit, type ExitCode } from '../base/exit.js';
import type { Obstacle } from './directory/obstacle.js';
import type { Sleep } from './requests/pace.js';

/** After an interruption a POST in flight has this long to be answered, milliseconds. */
const POST_GRACE = 4_000;
/** After the run's own time it has longer, milliseconds: nobody waits at the keyboard, and a lost answer costs more. */
const PATIENT_GRACE = 30_000;
/** And cancelling ends here: hundreds of connections have to be let go and the manifest written within five seconds. */
const CANCEL_GRACE = 4_100;

/** At an interruption, what is queued at the service is cancelled, or stays there to be rendered. */
export type OnInterrupt = 'cancel' | 'detach';

/**
 * How a run comes to a stop. Three strengths: `hold` sends nothing new but follows what is with the service; `halt`
 * leaves that too, for a later run; `interrupt` is a person's halt, and may cancel what is still queued at the service.
 */
export class Brakes {
  /** Why nothing new is sent, in words; null while submissions may leave. */
  held: string | null = null;
  /** What the run cannot go on for, the first of it; null while it can. */
  obstacle: Obstacle | null = null;
  /** What is queued at the service is to be cancelled. */
  cancels = false;
  #interrupted = false;
  readonly codes = new Set<ExitCode>();
  readonly #hold = new AbortController();
  readonly #halt = new AbortController();
  readonly #post = new AbortController();
  readonly #cancel = new AbortController();

  /** Aborts when nothing new may be sent. */
  readonly holding: AbortSignal = this.#hold.signal;
  /** Aborts when polling and downloads end. */
  readonly halting: AbortSignal = this.#halt.signal;
  /** Aborts when a POST in flight has had its time. */
  readonly postOver: AbortSignal = this.#post.signal;
  /** Aborts when cancelling has had its time. */
  readonly cancelOver: AbortSignal = this.#cancel.signal;

  constructor() {
    // Every shot in flight listens, on purpose.
    setMaxListeners(0, this.holding, this.halting, this.postOver, this.cancelOver);
  }

  /** No new submissions; returns false when that was so before. */
  hold(code: ExitCode, message: string): boolean {
    this.codes.add(code);
    if (this.held !== null) return false;
    this.held = message;
    this.#hold.abort();
    return true;
  }

  /** Leaves everything as it is. A POST in flight still gets its answer. */
  halt(code: ExitCode, message: string): boolean {
    const first = this.hold(code, message);
    this.#halt.abort();
    return first;
  }

  /** Leaves everything as it is, because of something that the run cannot change. */
  stopFor(obstacle: Obstacle): void {
    this.obstacle ??= obstacle;
    this.halt(obstacle.exit, `Not sent: ${obstacle.why}`);
  }

  /** The run's time is over; `over` ends the timer once the run is. */
  expire(sleep: Sleep, over: AbortSignal): void {
    void sleep(PATIENT_GRACE, over).then(() => this.#post.abort());
    this.halt(Exit.unfinished, 'Not sent: the time of the run was over. Run again to continue.');
  }

  /** A person's wish, with what becomes of that which is queued; `over` ends the timers once the run is. */
  interrupt(on: OnInterrupt, { sleep, over }: { readonly sleep: Sleep; readonly over: AbortSignal }): void {
    if (this.#interrupted) return;
    this.#interrupted = true;
    this.cancels = on === 'cancel';
    void sleep(POST_GRACE, over).then(() => this.#post.abort());
    void sleep(CANCEL_GRACE, over).then(() => this.#cancel.abort());
    this.halt(Exit.interrupted, 'Not sent: the run was interrupted. Run again to continue.');
  }
}
