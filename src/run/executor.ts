import pLimit, { type LimitFunction } from 'p-limit';
import { Exit } from '../exit.js';
import type { RunContext } from './context.js';
import { CannotWrite, fetchClips } from './fetch-clips.js';
import { followRequest } from './follow-request.js';
import type { Job, Work } from './job.js';
import { leaveRequest } from './leave-request.js';
import { leftOut, submitShot } from './submit-shot.js';
import { unknownMessage } from './words.js';

/** Downloads at a time: enough to fill a line, few enough to leave room for polling. */
const DOWNLOADS = 4;

/**
 * Does a run's work: what is with the service already first, then what is to be sent, `concurrency` at a time;
 * clips are fetched beside that, because a slot is free when the service is done.
 */
export class Executor {
  readonly #run: RunContext;
  readonly #slots: LimitFunction;
  readonly #downloads = pLimit(DOWNLOADS);
  readonly #fetching: Promise<void>[] = [];
  /** Keys that this run has sent and the service took, or may have taken. */
  readonly sent = new Set<string>();
  #bug: { readonly error: unknown } | null = null;

  constructor(run: RunContext, concurrency: number) {
    this.#run = run;
    this.#slots = pLimit(concurrency);
  }

  /** Resolves when everything has come to its end for this run. Throws only bugs, and only after all is settled. */
  async work(work: Work): Promise<void> {
    for (const job of work.held) this.#reportHeld(job);
    for (const job of work.toFetch) this.#fetch(job, { stale: true });
    const slot = (job: Job) => this.#slots(() => this.#guarded(job, () => this.#slot(job)));
    await Promise.all([...work.adopted.map(slot), ...work.toSend.map(slot)]);
    // Only slots add downloads, and they are over.
    await Promise.all(this.#fetching);
    if (this.#bug) throw this.#bug.error;
  }

  async #slot(job: Job): Promise<void> {
    const known = this.#run.journal.get(job.key);
    const requestId = known?.state === 'submitted' ? known.requestId : await this.#submit(job);
    if (requestId === null) return;
    const followed = await followRequest(this.#run, job, requestId);
    if (followed === 'completed') this.#fetch(job);
    else if (followed !== 'over') await leaveRequest(this.#run, job, { requestId, ...followed });
  }

  async #submit(job: Job): Promise<string | null> {
    if (!job.submission || leftOut(this.#run, job)) return null;
    const requestId = await submitShot(this.#run, job, job.submission);
    const state = this.#run.journal.get(job.key)?.state;
    if (state === 'submitted' || state === 'unknown') this.sent.add(job.key);
    return requestId;
  }

  /** Not awaited where it is called: a slot that waited for a download would hold up the service. */
  #fetch(job: Job, { stale } = { stale: false }): void {
    const task = () => this.#guarded(job, () => fetchClips(this.#run, job, { stale }));
    this.#fetching.push(this.#downloads(task));
  }

  #reportHeld(job: Job): void {
    const known = this.#run.journal.get(job.key);
    if (!known) return;
    const details = { request_id: known.requestId, usd: known.cost };
    if (known.state === 'unknown') {
      this.#run.reporter.end(job, 'unknown', { ...details, message: unknownMessage(known) });
      return;
    }
    const message = `${known.error?.message ?? 'It failed.'} It is not sent again by itself; change the shot to try anew.`;
    this.#run.reporter.end(job, 'failed', { ...details, message });
  }

  /** One shot's trouble must neither go unnoticed nor take the others' answers with it. */
  async #guarded(job: Job, task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      const { brakes, reporter, directory } = this.#run;
      const cause = writeProblem(error);
      if (cause === null) this.#bug ??= { error };
      const why =
        cause === null ? 'Shotlist met an error of its own.' : `Cannot write in ${directory}: ${cause}`;
      brakes.halt(cause === null ? Exit.bug : Exit.cannotWrite, `Not sent: ${why}`);
      reporter.end(job, 'unfinished', { message: `${why} Run again to continue.` });
    }
  }
}

/** The file system's words, when that is what went wrong; null for anything else. */
export function writeProblem(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if (error instanceof CannotWrite) return error.message;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall === undefined || code === undefined) return null;
  return code === 'ENOSPC' || code === 'EDQUOT' ? `the disk is full (${code}).` : `${error.message}.`;
}
