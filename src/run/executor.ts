import pLimit, { type LimitFunction } from 'p-limit';
import { Exit, type ExitCode } from '../base/exit.js';
import { ChainedLinks } from './chains.js';
import { fetchClips } from './clips/fetch-clips.js';
import { inspectJob, uninspectedJobs } from './clips/inspect-clips.js';
import { placeOf, type RunContext } from './context.js';
import { obstacleOf } from './directory/obstacle.js';
import type { EndState } from './events.js';
import type { Blocked, Job, Work } from './job.js';
import {
  blockedMessage,
  failedMessage,
  inspectNotice,
  OVER_BUDGET,
  retryNotice,
  unknownMessage,
} from './messages.js';
import { leaveRequest } from './requests/cancel.js';
import { followRequest } from './requests/follow-request.js';
import { reportIfStopped, submitShot } from './requests/submit-shot.js';

/** Cancellations at a time: a slow service leaves time for one round of them, and a machine has limited sockets. */
const CANCELS = 500;
/** Downloads at a time: enough to fill a line, few enough to leave room for polling. */
const DOWNLOADS = 4;
/** Inspections, and takings of frames, at a time: a decoder uses several cores by itself. */
const DECODERS = 2;
/** Inspections of clips from earlier runs that take long enough to need a notice. */
const WORTH_SAYING = 10;
/** Wait before a shot that failed once is sent again, milliseconds; doubled after each further failure. */
const FIRST_RETRY_WAIT = 4_000;
/** Longest such wait, milliseconds: more patience does not help a service in trouble. */
const LONGEST_RETRY_WAIT = 120_000;
/** Ends after which the next run continues by itself. */
const CONTINUED: ReadonlySet<EndState> = new Set(['unfinished', 'unsent', 'cancelled']);

/**
 * Does a run's work. Each of the first five methods begins a part of it; call them synchronously, one after the other,
 * and then wait for `settled`. A slot is held from the submission to the end of the render. Clips are fetched and
 * inspected outside the slots.
 */
export class Executor {
  readonly #run: RunContext;
  readonly #work: Work;
  readonly #slots: Slots;
  readonly #chained: ChainedLinks<Job>;
  readonly #downloads = pLimit(DOWNLOADS);
  readonly #frames = pLimit(DECODERS);
  readonly #inspections = pLimit(DECODERS);
  readonly #cancels = pLimit(CANCELS);
  /** Tasks that have begun and not ended. */
  #open = 0;
  #resolveAllOver: () => void = () => {};
  readonly #allOver = new Promise<void>((resolve) => {
    this.#resolveAllOver = resolve;
  });
  #bug: { readonly error: unknown } | null = null;
  /** Keys that this run sent and the service took, or may have taken, with the request id if there is one. */
  readonly sent = new Map<string, string | null>();
  /** Reported costs of requests that failed and whose shots were sent again, USD. */
  readonly failed: (number | null)[] = [];

  constructor(
    run: RunContext,
    work: Work,
    { concurrency, modelConcurrency = new Map() }: Pick<Concurrency, 'concurrency'> & Partial<Concurrency>,
  ) {
    this.#run = run;
    this.#work = work;
    this.#slots = new Slots({ concurrency, modelConcurrency }, [...work.adopted, ...work.toSend]);
    this.#chained = new ChainedLinks(work.toSend);
    run.budget.onRoom((job) => this.#queue(job));
  }

  /** Reports shots that failed or are unknown, and shots that are chained to them. */
  reportHeld(): void {
    for (const job of this.#work.held) this.#reportHeld(job);
    for (const one of this.#work.blocked) this.#block(one);
  }

  /** Fetches clips that an earlier run left with the service. */
  fetchRendered(): void {
    for (const job of this.#work.toFetch) this.#fetch(job, { stale: true });
  }

  /** Follows requests that an earlier run left with the service, and fetches their clips. */
  followSubmitted(): void {
    for (const job of this.#work.adopted) this.#queue(job);
  }

  /** Sends what is new, follows it and fetches its clips. A chained shot is sent when its frames are taken. */
  sendPlanned(): void {
    const { toFetch, adopted, toSend } = this.#work;
    for (const job of toSend) {
      const frame = this.#chained.missingFrame(job);
      if (frame) this.#run.reporter.shot(job, 'waiting', { waiting_on: frame.$last_frame_of });
      else this.#queue(job);
    }
    const underWay = new Set([...toFetch, ...adopted, ...toSend].map(({ key }) => key));
    for (const key of this.#chained.sources) if (!underWay.has(key)) this.#takeFrame(key);
  }

  /** Inspects clips of earlier runs that were never inspected. */
  inspectKept(): void {
    const uninspected = uninspectedJobs(this.#run, this.#work.kept);
    if (uninspected.length >= WORTH_SAYING)
      this.#run.reporter.notice('info', inspectNotice(uninspected.length));
    for (const job of uninspected) this.#inspect(job);
  }

  /** Resolves when everything has ended for this run. Throws only bugs. */
  async settled(): Promise<void> {
    if (this.#open > 0) await this.#allOver;
    if (this.#bug) throw this.#bug.error;
  }

  #queue(job: Job): void {
    const render = () => this.#guarded(job, () => this.#render(job));
    this.#begin(this.#slots.run(job, render));
  }

  /** Takes one shot through its slot: submits it, unless that was done before, and follows it. */
  async #render(job: Job): Promise<void> {
    const known = this.#run.records.get(job.key);
    const requestId = known?.state === 'submitted' ? known.requestId : await this.#submit(job);
    if (requestId === null) return;
    const followed = await followRequest(this.#run, job, requestId);
    if (followed === 'completed') this.#fetch(job);
    else if (followed === 'over') return;
    else if ('failed' in followed) this.#endOrRetry(job, requestId, followed.failed);
    else this.#leave(job, { requestId, ...followed });
  }

  async #submit(job: Job): Promise<string | null> {
    if (!job.submission || reportIfStopped(this.#run, job)) return null;
    const again = this.#work.again.has(job.key);
    const requestId = await submitShot(this.#run, job, { submission: job.submission, again });
    const state = this.#run.records.get(job.key)?.state;
    if (state === 'submitted' || state === 'unknown') this.sent.set(job.key, requestId);
    return requestId;
  }

  /** Outside the slot: the service can render the next shot while this one is downloaded. */
  #fetch(job: Job, { stale } = { stale: false }): void {
    const slot = this.#downloads;
    this.#begin(this.#guarded(job, () => fetchClips(this.#run, job, { stale, slot })));
  }

  /** Outside the slot: earlier runs may have left more requests than there are slots, and all have the same few seconds. */
  #leave(job: Job, left: Parameters<typeof leaveRequest>[2]): void {
    const task = () => this.#guarded(job, () => leaveRequest(this.#run, job, left));
    this.#begin(this.#cancels(task));
  }

  /** A clip that is not inspected in this run is inspected in the next. */
  #inspect(job: Job): void {
    if (uninspectedJobs(this.#run, [job]).length === 0) return;
    const task = () => inspectJob(this.#run, job).catch((error) => void this.#stopFor(error));
    this.#begin(this.#inspections(task));
  }

  /** Sends a failed shot again after a wait, in a new slot, if its retries allow that. */
  #endOrRetry(job: Job, requestId: string, message: string): void {
    const { records, reporter } = this.#run;
    const known = records.get(job.key);
    const failures = known?.failures ?? 0;
    if (failures > job.retries) {
      const times = failures > 1 ? ` It has failed ${failures} times.` : '';
      reporter.end(job, 'failed', { request_id: requestId, message: message + times });
      return;
    }
    // If the key fell back to an earlier clip, the cost in its record is that clip's.
    if (this.sent.delete(job.key)) this.failed.push(known?.state === 'failed' ? known.cost : null);
    const retry = async () => {
      await this.#waitForRetry(job, { failures, message });
      await this.#guarded(job, async () => {
        if (await this.#hasFrames(job)) this.#queue(job);
      });
    };
    this.#begin(retry());
  }

  async #waitForRetry(
    job: Job,
    { failures, message }: { readonly failures: number; readonly message: string },
  ): Promise<void> {
    const { reporter, deps, brakes } = this.#run;
    const longest = Math.min(FIRST_RETRY_WAIT * 2 ** (failures - 1), LONGEST_RETRY_WAIT);
    // Half of it is random, so that shots which failed together are not sent together.
    const wait = longest * (0.5 + deps.random() / 2);
    const seconds = brakes.unsentReason === null ? Math.ceil(wait / 1000) : null;
    reporter.shot(job, 'waiting', { message });
    const notice = retryNotice({ name: job.name, message, seconds, failures, retries: job.retries });
    reporter.notice('warning', notice);
    await deps.sleep(wait, brakes.sendingStopped);
  }

  /** Takes the frames of a retried shot. A shot that an earlier run sent does not have them here. */
  async #hasFrames(job: Job): Promise<boolean> {
    for (const frame of job.frames) {
      const take = () => this.#run.frames.take(frame.key, this.#run.brakes.allStopped);
      const problem = reportIfStopped(this.#run, job) ? null : await this.#frames(take);
      if (problem === null) continue;
      this.#block({ job, frame }, { problem });
      return false;
    }
    return true;
  }

  /** After a step of a job: if it ended, continues or ends the jobs that are chained to it. */
  #afterStep(job: Job): void {
    const end = this.#run.reporter.endOf(job.key);
    if (end === 'done') {
      this.#takeFrame(job.key);
      this.#inspect(job);
    } else if (end !== undefined) this.#endChained(job.key);
  }

  /** Takes the last frame of a key's clip, and queues the jobs that waited only for it. */
  #takeFrame(key: string): void {
    const [first] = this.#chained.waitingFor(key);
    if (!first) return;
    const task = async () => {
      let problem: string | null = null;
      await this.#guarded(first, async () => {
        const { brakes, frames } = this.#run;
        if (brakes.unsentReason !== null) return;
        problem = await frames.take(key, brakes.allStopped);
        if (problem === null) for (const job of this.#chained.frameTaken(key)) this.#queue(job);
      });
      this.#endChained(key, problem);
    };
    this.#begin(this.#frames(task));
  }

  /** Ends, for this run, all jobs that are still chained to a key, directly or not. */
  #endChained(key: string, problem: string | null = null): void {
    const first = this.#run.reporter.endOf(key);
    // If the next run continues with the key, the jobs have not failed.
    const exit = first !== undefined && CONTINUED.has(first) ? Exit.unfinished : Exit.failed;
    for (const one of this.#takeChained(key)) {
      const why = one.frame.key === key ? problem : null;
      if (!reportIfStopped(this.#run, one.job)) this.#block(one, { problem: why, exit });
    }
  }

  /** Ends the jobs that never fitted the budget, and the jobs chained to them. */
  #leaveOut(): void {
    const { budget, brakes, reporter } = this.#run;
    const leftOut = budget
      .giveUp()
      .flatMap((job) => [job, ...this.#takeChained(job.key).map((one) => one.job)]);
    for (const job of leftOut) reporter.end(job, 'unsent', { message: brakes.unsentReason ?? OVER_BUDGET });
    if (brakes.unsentReason === null) budget.leaveOut(leftOut);
  }

  /** Jobs that wait for a key's last frame, directly or not. They wait no longer. */
  #takeChained(key: string): readonly Blocked[] {
    const found: Blocked[] = [];
    const sources = [key];
    for (const source of sources) {
      for (const job of this.#chained.frameLost(source)) {
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

  #reportHeld(job: Job): void {
    const known = this.#run.records.get(job.key);
    if (!known) return;
    const details = { request_id: known.requestId, usd: known.cost };
    if (known.state === 'unknown') {
      this.#run.reporter.end(job, 'unknown', {
        ...details,
        message: unknownMessage(known, placeOf(this.#run)),
      });
    } else
      this.#run.reporter.end(job, 'failed', {
        ...details,
        message: failedMessage(known, placeOf(this.#run)),
      });
  }

  /** Counts a task until it ends. When no task is left, nothing can make room in the budget any more. */
  #begin(task: Promise<void>): void {
    this.#open += 1;
    const end = () => {
      this.#open -= 1;
      if (this.#open > 0) return;
      this.#leaveOut();
      this.#resolveAllOver();
    };
    task.then(end, (error: unknown) => {
      this.#bug ??= { error };
      end();
    });
  }

  /** Does one step of a job. An error stops the run, but other shots in flight still get their answers. */
  async #guarded(job: Job, step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      const why = this.#stopFor(error);
      this.#run.reporter.end(job, 'unfinished', { message: `${why} Run again to continue.` });
    }
    this.#afterStep(job);
  }

  /** Stops the run because of an error; returns the reason, in words. */
  #stopFor(error: unknown): string {
    const { brakes, directory } = this.#run;
    const obstacle = obstacleOf(error, directory);
    if (!obstacle) this.#bug ??= { error };
    const why = obstacle?.why ?? 'Shotlist met an error of its own.';
    brakes.stopFor(obstacle ?? { exit: Exit.bug, why });
    return why;
  }
}

/** Number of submissions that may be with the service at a time, each at least 1. */
interface Concurrency {
  readonly concurrency: number;
  /** Lower limits for some models, by full id. */
  readonly modelConcurrency: ReadonlyMap<string, number>;
}

type Task = () => Promise<void>;

/**
 * Limits how many jobs are with the service, and takes them in list order. A job that waits for its model's limit holds
 * no slot, so it keeps no other model waiting.
 */
class Slots {
  readonly #all: OrderedLimit;
  readonly #models: ReadonlyMap<string, OrderedLimit>;

  /** `order` has every job that may ever want a slot. */
  constructor({ concurrency, modelConcurrency }: Concurrency, order: readonly Job[]) {
    const ranks = new Map(order.map(({ key }, index) => [key, index]));
    this.#all = new OrderedLimit(concurrency, ranks);
    this.#models = new Map(
      [...modelConcurrency].map(([model, most]) => [model, new OrderedLimit(most, ranks)]),
    );
  }

  /** Does the task when it is the job's turn; settles as the task does. */
  run(job: Job, task: Task): Promise<void> {
    const inAll = () => this.#all.run(job, task);
    return this.#models.get(job.model)?.run(job, inAll) ?? inAll();
  }
}

interface Waiting {
  readonly rank: number;
  readonly task: Task;
  readonly settle: (over: Promise<void>) => void;
}

/** A limit whose free slot goes to the waiting job that is first in the list, not to the one that asked first. */
class OrderedLimit {
  readonly #limit: LimitFunction;
  readonly #ranks: ReadonlyMap<string, number>;
  /** In list order. */
  readonly #waiting: Waiting[] = [];

  constructor(most: number, ranks: ReadonlyMap<string, number>) {
    this.#limit = pLimit(most);
    this.#ranks = ranks;
  }

  run(job: Job, task: Task): Promise<void> {
    return new Promise((settle) => {
      const rank = this.#ranks.get(job.key) ?? 0;
      const place = this.#waiting.findLastIndex((one) => one.rank <= rank) + 1;
      this.#waiting.splice(place, 0, { rank, task, settle });
      void this.#limit(async () => {
        const first = this.#waiting.shift();
        if (!first) throw new Error('a slot has nothing to do');
        const over = first.task();
        first.settle(over);
        // The slot is held until the task ends. Its caller handles an error.
        await over.catch(() => {});
      });
    });
  }
}
