import { setMaxListeners } from 'node:events';
import { Exit, type ExitCode } from '../base/exit.js';
import type { Obstacle } from './directory/obstacle.js';
import type { Sleep } from './waits.js';

/** Time for the answer to a POST in flight after an interruption, milliseconds. */
const POST_GRACE = 4_000;
/** The same after the run's own time, milliseconds: no person waits, and a lost answer costs more. */
const PATIENT_POST_GRACE = 30_000;
/** Time for cancelling, milliseconds: closing hundreds of connections and writing the manifest must fit in five seconds. */
const CANCEL_GRACE = 4_100;

/** At an interruption, requests that are queued at the service are cancelled, or stay there to be rendered. */
export type OnInterrupt = 'cancel' | 'detach';

/**
 * Stops a run, in one of three strengths. `stopSending` sends nothing new but follows what is with the service. `stopFor`
 * and `expire` stop polling and downloads too, and leave them to a later run. `interrupt` may also cancel what is queued
 * at the service.
 */
export class Brakes {
  /** Message for shots that are not sent; null while submissions may leave. */
  unsentReason: string | null = null;
  /** First thing that made it impossible to go on; null while there is none. */
  obstacle: Obstacle | null = null;
  /** True if requests that are queued at the service are to be cancelled. */
  cancelsQueued = false;
  readonly codes = new Set<ExitCode>();
  /** Models that the service does not know; their shots are not sent. */
  readonly unknownModels = new Set<string>();
  #isInterrupted = false;
  readonly #sending = new AbortController();
  readonly #all = new AbortController();
  readonly #post = new AbortController();
  readonly #cancel = new AbortController();

  /** Aborts when nothing new may be sent. */
  readonly sendingStopped: AbortSignal = this.#sending.signal;
  /** Aborts when polling and downloads must end. */
  readonly allStopped: AbortSignal = this.#all.signal;
  /** Aborts when a POST in flight is not waited for any longer. */
  readonly postGraceOver: AbortSignal = this.#post.signal;
  /** Aborts when cancelling must end. */
  readonly cancelGraceOver: AbortSignal = this.#cancel.signal;

  constructor() {
    // Every shot in flight listens.
    setMaxListeners(0, this.sendingStopped, this.allStopped, this.postGraceOver, this.cancelGraceOver);
  }

  /** Ends submissions. Returns false if they had ended before. */
  stopSending(code: ExitCode, message: string): boolean {
    this.codes.add(code);
    if (this.unsentReason !== null) return false;
    this.unsentReason = message;
    this.#sending.abort();
    return true;
  }

  /** Stops everything, because of something that the run cannot change. */
  stopFor(obstacle: Obstacle): void {
    this.obstacle ??= obstacle;
    this.#stopAll(obstacle.exit, `Not sent: ${obstacle.why}`);
  }

  /** Stops everything when the run's time is over; `over` ends the timer when the run ends. */
  expire(sleep: Sleep, over: AbortSignal): void {
    void sleep(PATIENT_POST_GRACE, over).then(() => this.#post.abort());
    this.#stopAll(Exit.unfinished, 'Not sent: the time of the run was over. Run again to continue.');
  }

  /** Stops everything for a person; `over` ends the timers when the run ends. */
  interrupt(on: OnInterrupt, { sleep, over }: { readonly sleep: Sleep; readonly over: AbortSignal }): void {
    if (this.#isInterrupted) return;
    this.#isInterrupted = true;
    this.cancelsQueued = on === 'cancel';
    void sleep(POST_GRACE, over).then(() => this.#post.abort());
    void sleep(CANCEL_GRACE, over).then(() => this.#cancel.abort());
    this.#stopAll(Exit.interrupted, 'Not sent: the run was interrupted. Run again to continue.');
  }

  /** A POST in flight still gets its answer. */
  #stopAll(code: ExitCode, message: string): void {
    this.stopSending(code, message);
    this.#all.abort();
  }
}
