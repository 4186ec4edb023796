import { Exit } from '../base/exit.js';
import type { Brakes } from './brakes.js';

/**
 * Takes the records of a run to a place that outlives this machine. Aborting the signal ends it. `message` is the reason of a
 * failure, without a full stop.
 */
export type KeepRecords = (
  signal: AbortSignal,
) => Promise<{ readonly ok: boolean; readonly message: string }>;

interface CheckpointsOptions {
  /** Left out, records stay on this machine. */
  readonly keep: KeepRecords | undefined;
  readonly brakes: Brakes;
  /** Called once, with a sentence, if records could not be kept. */
  readonly onFailure: (message: string) => void;
}

/**
 * Checkpoints of a run on a machine that may be lost: what was recorded is kept elsewhere before a submission leaves. One
 * checkpoint is made at a time; submissions that wait for the next one share it.
 */
export class Checkpoints {
  readonly #options: CheckpointsOptions;
  #isDue = false;
  /** Resolvers of the callers that wait for the next checkpoint. */
  #waiting: (() => void)[] = [];
  #working: Promise<void> | null = null;

  constructor(options: CheckpointsOptions) {
    this.#options = options;
  }

  /** Resolves when everything that is on disk now is kept, or when the brakes say that nothing may be sent. */
  reached(): Promise<void> {
    if (this.#isOff) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.changed();
    });
  }

  /** Makes a checkpoint soon. */
  changed(): void {
    if (this.#isOff) return;
    this.#isDue = true;
    this.#working ??= this.#work();
  }

  /** Resolves when no checkpoint is being made any more. */
  async over(): Promise<void> {
    await this.#working;
  }

  get #isOff(): boolean {
    return this.#options.keep === undefined || this.#options.brakes.sendingStopped.aborted;
  }

  async #work(): Promise<void> {
    const { keep, brakes, onFailure } = this.#options;
    while (this.#isDue) {
      this.#isDue = false;
      const waiting = this.#waiting.splice(0);
      const kept = await keep?.(brakes.sendingStopped);
      if (kept?.ok === false) {
        const message = `The command of --checkpoint did not keep the records elsewhere: ${kept.message}.`;
        const isFirst = brakes.stopSending(
          Exit.cannotWrite,
          'Not sent: its record could not be kept elsewhere.',
        );
        if (isFirst) onFailure(message);
      }
      // After the brakes, so that the callers see that nothing may be sent.
      for (const resolve of waiting) resolve();
    }
    this.#working = null;
  }
}
