import { join } from 'node:path';
import pLimit from 'p-limit';
import { isLoopback } from '../base/addresses.js';
import { Exit, worst } from '../base/exit.js';
import type { Manifest } from '../manifest/manifest.js';
import { addUsd } from '../plan/cost.js';
import type { Submission } from '../plan/submission.js';
import { Brakes } from './brakes.js';
import { Frames } from './clips/frames.js';
import { type RunContext, type Timeouts, USUAL_TIMEOUTS } from './context.js';
import type { Lock } from './directory/lock.js';
import { manifestName } from './directory/manifests.js';
import { obstacleOf } from './directory/obstacle.js';
import type { CostLimit, Counts, RunFinished } from './events.js';
import { Executor } from './executor.js';
import { type Job, sortWork, type Work } from './job.js';
import type { ReadState } from './journal/run-state.js';
import { ManifestWriter } from './manifest-writer.js';
import {
  expiredNotice,
  interruptNotice,
  obstacleNotice,
  staleNotice,
  takenOverNotice,
  unpricedNotice,
  unsentNotice,
} from './messages.js';
import { Budget, NO_LIMITS } from './money/budget.js';
import { costChanged, leftOutOf, limitsOf } from './money/cost-events.js';
import { type OwnCost, ownCost } from './money/own-cost.js';
import { subtractSpent } from './money/spent.js';
import { Reporter } from './reporter.js';
import { Pace, quietly } from './requests/pace.js';
import { RenderTimes } from './requests/render-times.js';
import { StillTrying } from './requests/still-trying.js';
import type { OpenedRun, RunOptions } from './run-options.js';
import { BLOCKED, countStates, flaggedIds, summarize } from './summary.js';

/** An emulator that runs as a program of its own is as quick as the one in this process. */
function isOnThisMachine(origin: string): boolean {
  return isLoopback(new URL(origin).hostname);
}

/** A run directory that is held, with what was done in it and what is left. */
export class Run implements OpenedRun {
  readonly ok = true;
  readonly #options: RunOptions;
  readonly #state: ReadState;
  readonly #lock: Lock;
  readonly #work: Work;
  readonly #brakes = new Brakes();
  readonly #reporter: Reporter;
  readonly #budget: Budget;
  #costToSay = false;
  /** The last manifest, once it is on disk. */
  #written: Manifest | null = null;

  constructor(options: RunOptions, { state, lock }: { readonly state: ReadState; readonly lock: Lock }) {
    this.#options = { ...options, deps: { ...options.deps, sleep: quietly(options.deps.sleep) } };
    this.#state = state;
    this.#lock = lock;
    const { plan, directory, refreshChained = false, retryFailed = false } = options;
    const { chosen } = options;
    this.#work = sortWork({ plan, fold: state.fold, directory, refreshChained, retryFailed, chosen });
    const { emit, deps } = options;
    const limits = this.#isFree ? NO_LIMITS : options.limits;
    this.#budget = new Budget(limits ?? NO_LIMITS, {
      fold: state.fold,
      toSend: this.#work.toSend,
      onChange: () => this.#costChanged(),
    });
    const onEnd = (key: string) => this.#budget.over(key);
    this.#reporter = new Reporter({ emit, now: deps.now, codes: this.#brakes.codes, onEnd });
  }

  get counts(): Counts {
    return this.#work.counts;
  }

  get toSend(): readonly Submission[] {
    return this.#work.toSend.flatMap(({ submission }) => submission ?? []);
  }

  get usd(): number {
    return addUsd(this.toSend.flatMap(({ cost }) => cost.usd ?? []));
  }

  get usdUnknown(): number {
    return this.toSend.filter(({ cost }) => cost.usd === null).length;
  }

  get limits(): readonly CostLimit[] {
    return limitsOf(this.#budget);
  }

  get retries(): number {
    const { adopted, toSend } = this.#work;
    const left = ({ key, retries }: Job) => retries - (this.#state.fold.get(key)?.failures ?? 0);
    return [...adopted, ...toSend].reduce((most, job) => Math.max(most, left(job)), 0);
  }

  get needsFfmpeg(): boolean {
    return this.#work.toSend.some(({ frames }) => frames.length > 0);
  }

  async close(): Promise<void> {
    await this.#lock.release();
  }

  async execute(signal: AbortSignal): Promise<RunFinished> {
    const { directory, emit, deps, plan, serviceName } = this.#options;
    const began = deps.now();
    const over = new AbortController();
    const at = new Date(began).toISOString();
    const { counts, usd, usdUnknown: usd_unknown } = this;
    const price = { counts, usd, usd_unknown, limits: this.limits };
    emit({ event: 'run_started', at, list: plan.list.path, service: serviceName, directory, ...price });
    for (const notice of this.#state.notices) this.#reporter.notice('warning', notice);
    const taken = this.#state.elsewhere.size;
    if (taken > 0) this.#reporter.notice('info', takenOverNotice(taken));
    const unpriced = this.toSend.filter(({ cost }) => cost.usd === null).map(({ id }) => id);
    if (this.limits.length > 0 && unpriced.length > 0) {
      this.#reporter.notice('warning', unpricedNotice(unpriced));
    }
    const interrupt = () => this.#interrupt(over.signal);
    if (signal.aborted) interrupt();
    this.#expire(over.signal);
    signal.addEventListener('abort', interrupt, { once: true });
    try {
      const spent = await this.#execute();
      return this.#finished({ began, ...spent });
    } finally {
      over.abort();
      signal.removeEventListener('abort', interrupt);
    }
  }

  #interrupt(over: AbortSignal): void {
    const { onInterrupt = 'cancel', deps } = this.#options;
    this.#reporter.notice('info', interruptNotice(onInterrupt));
    this.#brakes.interrupt(onInterrupt, { sleep: deps.sleep, over });
  }

  /** Works through it and leaves the manifest written; returns what this run's own submissions cost. */
  async #execute(): Promise<OwnCost> {
    const manifest = this.#manifestWriter();
    const { serviceName: service, deps, concurrency, modelConcurrency = new Map() } = this.#options;
    const permit = () => this.#lock.assertHeld();
    const { openJournalFile: open } = deps;
    const journal = this.#state.journal({ service, ...(open && { open }), permit, answers: concurrency });
    const executor = new Executor(this.#context(journal, manifest), {
      work: this.#work,
      concurrency,
      modelConcurrency,
    });
    try {
      // What is known only from a manifest, its own or another's, goes on record, even if nothing else will.
      if (this.#state.imported + this.#state.elsewhere.size > 0)
        await journal.begin().catch((error) => this.#stopFor(error));
      await executor.work();
    } finally {
      await journal.close();
    }
    await manifest.finish().then(
      (written) => {
        this.#written = written;
      },
      (error) => this.#stopFor(error),
    );
    return ownCost(executor, this.#state.fold);
  }

  get #timeouts(): Timeouts {
    return { ...USUAL_TIMEOUTS, ...this.#options.timeouts };
  }

  /** Ends the run, gently, when its time is over, unless it is over before. */
  #expire(over: AbortSignal): void {
    const { sleep } = this.#options.deps;
    const { run: seconds } = this.#timeouts;
    if (!Number.isFinite(seconds)) return;
    void sleep(seconds * 1000, over).then(() => {
      if (over.aborted) return;
      this.#reporter.notice('warning', expiredNotice(seconds));
      this.#brakes.expire(sleep, over);
    });
  }

  #context(journal: RunContext['journal'], manifest: ManifestWriter): RunContext {
    const { service, directory, plan, deps, serviceName, submitRate } = this.#options;
    const times = new RenderTimes({ local: serviceName === 'local' || isOnThisMachine(service.origin) });
    return {
      service,
      journal,
      directory,
      folder: plan.list.folder,
      aspect: plan.list.aspect,
      elsewhere: this.#state.elsewhere,
      frames: new Frames({ directory, journal, lastFrame: deps.lastFrame }),
      pace: new Pace(deps, submitRate),
      inTurn: pLimit(1),
      times,
      stillTrying: new StillTrying(deps),
      brakes: this.#brakes,
      budget: this.#budget,
      reporter: this.#reporter,
      deps,
      timeouts: this.#timeouts,
      changed: () => manifest.changed(),
      written: () => manifest.written(),
    };
  }

  get #isFree(): boolean {
    return this.#options.serviceName === 'local';
  }

  /** Says what it cost by now; what changes at the same moment is said once. */
  #costChanged(): void {
    if (this.#isFree || this.#costToSay) return;
    this.#costToSay = true;
    queueMicrotask(() => {
      this.#costToSay = false;
      const at = new Date(this.#options.deps.now()).toISOString();
      this.#options.emit(costChanged(this.#budget, at));
    });
  }

  #manifestWriter(): ManifestWriter {
    return new ManifestWriter({
      path: join(this.#options.directory, manifestName(this.#options.plan.profile ?? null)),
      make: () => this.#summary(),
      sleep: this.#options.deps.sleep,
      permit: () => this.#lock.assertHeld(),
      // A bug is met again by the last write, which throws it.
      onFailure: (error) => {
        const bug = { exit: Exit.bug, why: String(error) };
        this.#brakes.stopFor(obstacleOf(error, this.#options.directory) ?? bug);
      },
    });
  }

  #stopFor(error: unknown): void {
    const obstacle = obstacleOf(error, this.#options.directory);
    if (!obstacle) throw error;
    this.#brakes.stopFor(obstacle);
  }

  #summary() {
    const { plan, directory, serviceName, toolVersion } = this.#options;
    const { fold } = this.#state;
    return summarize({ plan, fold, service: serviceName, directory, toolVersion });
  }

  #finished({ began, usd, usd_unknown }: OwnCost & { readonly began: number }): RunFinished {
    const { directory, deps, emit, plan } = this.#options;
    const summary = this.#written ?? this.#summary();
    const states = countStates(summary);
    const stale = summary.submissions.filter(({ warnings }) => warnings.length > 0).map(({ id }) => id);
    if (stale.length > 0) this.#reporter.notice('warning', staleNotice(stale));
    const now = deps.now();
    const leftOut = leftOutOf(this.#budget, new Date(now).toISOString());
    if (leftOut) emit(leftOut);
    const stopped = this.#reporter.unsent - (leftOut?.ids.length ?? 0);
    if (stopped > 0) this.#reporter.notice('info', unsentNotice(stopped));
    const exit = worst(this.#brakes.codes);
    if (this.#brakes.obstacle) {
      this.#reporter.notice('warning', obstacleNotice(this.#brakes.obstacle, states));
    }
    const estimated = subtractSpent(this.#budget.costs.run, { usd, unknown: 0 });
    const finished: RunFinished = {
      event: 'run_finished',
      at: new Date(now).toISOString(),
      directory,
      manifest: this.#written ? join(directory, manifestName(plan.profile ?? null)) : null,
      states,
      blocked: summary.submissions.filter(({ error }) => error?.code === BLOCKED).length,
      left_out: leftOut?.ids.length ?? 0,
      limits: this.limits,
      flagged: flaggedIds(summary),
      usd,
      usd_unknown,
      usd_estimated: this.#isFree ? 0 : Math.max(0, estimated.usd),
      elapsed: (now - began) / 1000,
      exit,
    };
    emit(finished);
    return finished;
  }
}
