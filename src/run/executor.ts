import pLimit from 'p-limit';
import { Exit, type ExitCode } from '../base/exit.js';
import { fetchClips } from './clips/fetch-clips.js';
import { inspectJob, uninspectedJobs } from './clips/inspect-clips.js';
import type { RunContext } from './context.js';
import { obstacleOf } from './directory/obstacle.js';
import type { EndState } from './events.js';
import type { Blocked, Job, Work } from './job.js';
import { blockedMessage, failedMessage, lookNotice, OVER_BUDGET, unknownMessage } from './messages.js';
import { followRequest } from './requests/follow-request.js';
import { leaveRequest } from './requests/leave-request.js';
import { waitForRetry } from './requests/retries.js';
import { leftOut, submitShot } from './requests/submit-shot.js';
import { type Concurrency, Slots } from './slots.js';
import { WaitingRoom } from './waiting-room.js';

/** Cancellations at a time: a slow service leaves time for one round of them, and a machine has only so many sockets. */
const CANCELS = 500;
/** Ends after which the next run goes on by itself. */
const GOES_ON: ReadonlySet<EndState> = new Set(['unfinished', 'unsent', 'cancelled']);
/** Downloads at a time: enough to fill a line, few enough to leave room for polling. */
const DOWNLOADS = 4;
/** A clip waits so long for what else is done at the end of its render, milliseconds: the next submission is worth more. */
const SUBMISSIONS_FIRST = 250;
/** Clips looked at at a time: the same. */
const LOOKERS = 2;
/** Clips of earlier runs that take long enough to look at for a person to wonder. */
const WORTH_SAYING = 10;
/** Frames taken at a time: a decoder uses several cores by itself. */
const DECODERS = 2;

/**
 * Does a run's work: what is with the service already first, then what is to be sent, so many at a time and in list
 * order; clips are fetched beside that, because a slot is free when the service is done. What goes on from
 * another's last frame holds no slot before that frame is here.
 */
export class Executor {
  readonly #run: RunContext;
  readonly #work: Work;
  readonly #slots: Slots;
  readonly #downloads = pLimit(DOWNLOADS);
  readonly #decoders = pLimit(DECODERS);
  readonly #lookers = pLimit(LOOKERS);
  readonly #leaving = pLimit(CANCELS);
  readonly #room: WaitingRoom;
  /** Tasks begun and not over. */
  #open = 0;
  #whenOver: () => void = () => {};
  /** Keys that this run has sent and the service took, or may have taken, with the request id if there is one. */
  readonly sent = new Map<string, string | null>();
  /** What those cost that failed and were sent again since, USD as the service reported it. */
  readonly failed: (number | null)[] = [];
  #bug: { readonly error: unknown } | null = null;

  constructor(run: RunContext, { work, ...concurrency }: { readonly work: Work } & Concurrency) {
    this.#run = run;
    this.#work = work;
    this.#slots = new Slots(concurrency, [...work.adopted, ...work.toSend]);
    this.#room = new WaitingRoom(work.toSend);
    run.budget.whenRoom((job) => this.#queue(job));
  }

  /** Resolves when everything has come to its end for this run. Throws only bugs, and only after all is settled. */
  async work(): Promise<void> {
    const { kept, held, blocked, adopted, toFetch, toSend } = this.#work;
    const over = new Promise<void>((resolve) => {
      this.#whenOver = resolve;
    });
    for (const job of held) this.#reportHeld(job);
    for (const one of blocked) this.#block(one);
    for (const job of toFetch) this.#fetch(job, { stale: true });
    for (const job of adopted) this.#queue(job);
    for (const job of toSend) {
      const frame = this.#room.frameOf(job);
      if (frame) this.#run.reporter.shot(job, 'waiting', { waiting_on: frame.$last_frame_of });
      else this.#queue(job);
    }
    const awaited = new Set([...toFetch, ...adopted, ...toSend].map(({ key }) => key));
    for (const key of this.#room.sources) if (!awaited.has(key)) this.#takeFrame(key);
    const unseen = uninspectedJobs(this.#run, kept);
    if (unseen.length >= WORTH_SAYING) this.#run.reporter.notice('info', lookNotice(unseen.length));
    for (const job of unseen) this.#look(job);
    if (this.#open > 0) await over;
    if (this.#bug) throw this.#bug.error;
  }

  #queue(job: Job): void {
    this.#begin(this.#slots.run(job, () => this.#slot(job)));
  }

  async #slot(job: Job): Promise<void> {
    await this.#guarded(job, async () => {
      const known = this.#run.journal.get(job.key);
      const requestId = known?.state === 'submitted' ? known.requestId : await this.#submit(job);
      if (requestId === null) return;
      const followed = await followRequest(this.#run, job, requestId);
      if (followed === 'completed') this.#fetch(job);
      else if (followed === 'over') return;
      else if ('failed' in followed) this.#failed(job, requestId, followed.failed);
      else this.#leave(job, { requestId, ...followed });
    });
  }

  /** Sends it again after a while, in a slot of its own, where its retries allow that. */
  #failed(job: Job, requestId: string, message: string): void {
    const { journal, reporter } = this.#run;
    const known = journal.get(job.key);
    const failures = known?.failures ?? 0;
    if (failures > job.retries) {
      const times = failures > 1 ? ` It has failed ${failures} times.` : '';
      reporter.end(job, 'failed', { request_id: requestId, message: message + times });
      return;
    }
    // Of one that has fallen back to an earlier clip, the cost is that clip's.
    if (this.sent.delete(job.key)) this.failed.push(known?.state === 'failed' ? known.cost : null);
    const again = async () => {
      await waitForRetry(this.#run, job, message);
      await this.#guarded(job, async () => {
        if (await this.#hasFrames(job)) this.#queue(job);
      });
    };
    this.#begin(again());
  }

  /** Takes what a shot goes on from, which one that a former run has sent does not have here. */
  async #hasFrames(job: Job): Promise<boolean> {
    for (const frame of job.frames) {
      const take = () => this.#run.frames.take(frame.key, this.#run.brakes.halting);
      const problem = leftOut(this.#run, job) ? null : await this.#decoders(take);
      if (problem === null) continue;
      this.#block({ job, frame }, { problem });
      return false;
    }
    return true;
  }

  async #submit(job: Job): Promise<string | null> {
    if (!job.submission || leftOut(this.#run, job)) return null;
    const again = this.#work.again.has(job.key);
    const requestId = await submitShot(this.#run, job, { submission: job.submission, again });
    const state = this.#run.journal.get(job.key)?.state;
    if (state === 'submitted' || state === 'unknown') this.sent.set(job.key, requestId);
    return requestId;
  }

  /** Not awaited where it is called: a slot that waited for a download would hold up the service. */
  #fetch(job: Job, { stale } = { stale: false }): void {
    const { deps, brakes } = this.#run;
    const task = () => this.#guarded(job, () => fetchClips(this.#run, job, { stale }));
    const isInTheWay = this.#slots.isWanted && !stale;
    const free = isInTheWay ? deps.sleep(SUBMISSIONS_FIRST, brakes.halting) : Promise.resolve();
    this.#begin(free.then(() => this.#downloads(task)));
  }

  /** Beside the slots too: what an earlier run left may be more than they are, and all of it has the same few seconds. */
  #leave(job: Job, left: Parameters<typeof leaveRequest>[2]): void {
    const task = () => this.#guarded(job, () => leaveRequest(this.#run, job, left));
    this.#begin(this.#leaving(task));
  }

  /** Beside all else, and never in its way: what is not looked at now is looked at by the next run. */
  #look(job: Job): void {
    if (uninspectedJobs(this.#run, [job]).length === 0) return;
    const task = () => inspectJob(this.#run, job).catch((error) => void this.#stopFor(error));
    this.#begin(this.#lookers(task));
  }

  /** What waited for a job's clip goes on, or never will in this run. */
  #settled(job: Job): void {
    const end = this.#run.reporter.endOf(job.key);
    if (end === 'done') {
      this.#takeFrame(job.key);
      this.#look(job);
    } else if (end !== undefined) this.#strand(job.key);
  }

  #takeFrame(key: string): void {
    const [first] = this.#room.waitingFor(key);
    if (!first) return;
    const task = async () => {
      let problem: string | null = null;
      await this.#guarded(first, async () => {
        const { brakes, frames } = this.#run;
        if (brakes.held !== null) return;
        problem = await frames.take(key, brakes.halting);
        if (problem === null) for (const job of this.#room.arrived(key)) this.#queue(job);
      });
      this.#strand(key, problem);
    };
    this.#begin(this.#decoders(task));
  }

  /** Ends what never fitted, and what waits for that: nothing is under way any more that could cost less than was thought. */
  #leaveOut(): void {
    const { budget, brakes, reporter } = this.#run;
    const short = budget.giveUp();
    const out = short.flatMap((job) => [job, ...this.#dependents(job.key).map((one) => one.job)]);
    for (const job of out) reporter.end(job, 'unsent', { message: brakes.held ?? OVER_BUDGET });
    if (brakes.held === null) budget.leave(out);
  }

  /** Ends, for this run, whatever still waits for a key's last frame, and whatever waits for that in turn. */
  #strand(key: string, problem: string | null = null): void {
    const { reporter } = this.#run;
    const first = reporter.endOf(key);
    // What the next run goes on with is nobody's failure.
    const exit = first !== undefined && GOES_ON.has(first) ? Exit.unfinished : Exit.failed;
    for (const one of this.#dependents(key)) {
      const why = one.frame.key === key ? problem : null;
      if (!leftOut(this.#run, one.job)) this.#block(one, { problem: why, exit });
    }
  }

  /** What still waits for a key's last frame, and what waits for that in turn; it waits no longer. */
  #dependents(key: string): readonly Blocked[] {
    const found: Blocked[] = [];
    const sources = [key];
    for (const source of sources) {
      for (const job of this.#room.gone(source)) {
        const frame = job.frames.find((one) => one.key === source);
        if (frame) found.push({ job, frame });
        sources.push(job.key);
      }
    }
    return found;
  }

  #block(
    { job, frame }: Blocked,
    { problem = null, exit }: { readonly problem?: string | null; readonly exit?: ExitCode } = {},
  ): void {
    const { reporter } = this.#run;
    const id = frame.$last_frame_of;
    const message =
      problem === null ? blockedMessage(id, reporter.endOf(frame.key)) : `It waits for ${id}: ${problem}`;
    reporter.end(job, 'blocked', { waiting_on: id, message, ...(exit && { exit }) });
  }

  #begin(task: Promise<void>): void {
    this.#open += 1;
    const end = () => {
      this.#open -= 1;
      if (this.#open > 0) return;
      this.#leaveOut();
      this.#whenOver();
    };
    task.then(end, (error: unknown) => {
      this.#bug ??= { error };
      end();
    });
  }

  #reportHeld(job: Job): void {
    const known = this.#run.journal.get(job.key);
    if (!known) return;
    const details = { request_id: known.requestId, usd: known.cost };
    if (known.state === 'unknown') {
      this.#run.reporter.end(job, 'unknown', { ...details, message: unknownMessage(known) });
      return;
    }
    this.#run.reporter.end(job, 'failed', { ...details, message: failedMessage(known) });
  }

  /** One shot's trouble must neither go unnoticed nor take the others' answers with it. */
  async #guarded(job: Job, task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      const why = this.#stopFor(error);
      this.#run.reporter.end(job, 'unfinished', { message: `${why} Run again to continue.` });
    }
    this.#settled(job);
  }

  /** Ends the run for what it cannot go on for; says why, in words. */
  #stopFor(error: unknown): string {
    const { brakes, directory } = this.#run;
    const obstacle = obstacleOf(error, directory);
    if (!obstacle) this.#bug ??= { error };
    const why = obstacle?.why ?? 'Shotlist met an error of its own.';
    brakes.stopFor(obstacle ?? { exit: Exit.bug, why });
    return why;
  }
}
