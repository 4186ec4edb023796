import { join } from 'node:path';
import pLimit from 'p-limit';
import { isLoopback } from '../base/addresses.js';
import { makeFolders } from '../base/durable-file.js';
import { Exit, worstExit } from '../base/exit.js';
import type { Manifest } from '../manifest/manifest.js';
import { addRounded } from '../plan/cost.js';
import { billsBehind, withBills } from '../plan/learned-price.js';
import type { Submission } from '../plan/plan.js';
import { Brakes } from './brakes.js';
import { Budget, NO_LIMITS, type OwnCost, ownCost } from './budget.js';
import { Checkpoints } from './checkpoints.js';
import { Frames } from './clips/frames.js';
import { clipNames, LocalCopies } from './clips/local-copies.js';
import {
  type OpenedRun,
  type RunContext,
  type RunOptions,
  type Timeouts,
  USUAL_TIMEOUTS,
} from './context.js';
import { heldBy, type Lock, takeLock } from './directory/lock.js';
import { manifestName } from './directory/manifests.js';
import { obstacleOf, type RunRefused, writeProblem } from './directory/obstacle.js';
import { sweep } from './directory/sweep.js';
import type { CostLimit, Counts, RunFinished } from './events.js';
import { Executor } from './executor.js';
import { type Job, sortWork, type Work } from './job.js';
import {
  expiredNotice,
  interruptNotice,
  obstacleNotice,
  serviceWords,
  staleNotice,
  takenOverNotice,
  unpricedNotice,
  unrecordedNotice,
  unsentNotice,
} from './messages.js';
import { billsIn } from './own-prices.js';
import { usualPath } from './records/record-file.js';
import { type ReadState, type Records, type RunState, readRunState } from './records/records.js';
import type { KeyStates } from './records/render.js';
import { readSources, refuseLiveSources } from './records/reuse.js';
import { Reporter } from './reporter.js';
import { BLOCKED, countStates, flaggedIds, ManifestWriter, summarize } from './summary.js';
import { RenderTimes, StillTrying } from './waits.js';

/**
 * Opens a run directory for a plan: takes its lock, reads what was done before, and sorts what is left to do. A person
 * can then be asked before anything is spent.
 */
export async function openRun(options: RunOptions): Promise<OpenedRun | RunRefused> {
  const { directory, deps, plan, takeLock: force = false, reuse = [] } = options;
  const now = new Date(deps.now()).toISOString();
  let lock: Lock | null = null;
  let isMade = false;
  try {
    await makeFolders(directory);
    isMade = true;
    const taken = await takeLock({ directory, now, force });
    if (!taken.ok) return { ok: false, exit: Exit.unfinished, message: heldBy(directory, taken) };
    lock = taken.lock;
    const live = await refuseLiveSources(reuse, { own: directory, force });
    const reading = live ?? (await readSources(reuse, { service: options.serviceName }));
    const sources = reading.ok ? reading.sources : [];
    const state = await readRunState(directory, { sources, submissions: plan.submissions });
    const refused = reading.ok ? refusal(options, state) : reading;
    if (refused) {
      await lock.release();
      return refused;
    }
    if (state.kind !== 'read') throw new Error('an unreadable state was not refused');
    // A directory that was taken by force may still be in use.
    if (!force) await sweep(directory, state.keyStates.keys());
    return new Run(options, { state, lock });
  } catch (error) {
    await lock?.release();
    const problem = writeProblem(error);
    if (problem === null) throw error;
    const what = isMade ? `Cannot use ${directory}` : `${directory} cannot be made there`;
    const message = `${what}: ${problem} Nothing was sent. Choose another folder with --out.`;
    return { ok: false, exit: Exit.cannotWrite, message };
  }
}

function refusal({ directory, serviceName }: RunOptions, state: RunState): RunRefused | null {
  if (state.kind === 'mixed') return { ok: false, exit: Exit.usage, message: state.message };
  if (state.kind === 'unreadable') return { ok: false, exit: Exit.invalid, message: state.message };
  if (state.service === null || state.service === serviceName) return null;
  const message =
    `${directory} belongs to ${serviceWords(state.service)}, and this run is for ${serviceWords(serviceName)}. ` +
    'Nothing was sent. Choose another folder with --out.';
  return { ok: false, exit: Exit.usage, message };
}

/** A run whose directory is open. `execute` shows its steps in their order. */
class Run implements OpenedRun {
  readonly ok = true;
  /** Its plan has the prices of the list; those of the work are learned from bills. */
  readonly #options: RunOptions;
  readonly #state: ReadState;
  #keyStates: KeyStates;
  readonly #lock: Lock;
  readonly #work: Work;
  readonly #brakes = new Brakes();
  readonly #reporter: Reporter;
  readonly #budget: Budget;
  readonly #checkpoints: Checkpoints;
  #isCostEventDue = false;

  constructor(options: RunOptions, { state, lock }: { readonly state: ReadState; readonly lock: Lock }) {
    this.#options = options;
    this.#state = state;
    this.#keyStates = state.keyStates;
    this.#lock = lock;
    const { directory, refreshChained = false, retryFailed = false, chosen, emit, deps } = options;
    const { fetch = 'all' } = options;
    const bills = billsIn(state.keyStates);
    // A rehearsal is free, whatever its emulator may have billed.
    const plan = this.#isFree ? options.plan : withBills(options.plan, bills);
    this.#work = sortWork({
      plan,
      keyStates: state.keyStates,
      directory,
      refreshChained,
      retryFailed,
      chosen,
      fetch,
    });
    const limits = this.#isFree ? NO_LIMITS : (options.limits ?? NO_LIMITS);
    const onChange = () => this.#costChanged();
    const { toSend, adopted } = this.#work;
    this.#budget = new Budget(limits, { keyStates: state.keyStates, toSend, adopted, onChange });
    const onEnd = (key: string) => this.#budget.ended(key);
    this.#reporter = new Reporter({ emit, now: deps.now, codes: this.#brakes.codes, onEnd });
    this.#checkpoints = new Checkpoints({
      keep: options.keepRecords,
      brakes: this.#brakes,
      onFailure: (message) => this.#reporter.notice('warning', message),
    });
  }

  async execute(signal: AbortSignal): Promise<RunFinished> {
    const began = this.#options.deps.now();
    this.#tell(began);
    const stopListening = this.#listenForEnd(signal);
    try {
      const manifest = this.#manifestWriter();
      const records = this.#openRecords();
      const executor = new Executor(this.#context(records, manifest), this.#work, this.#options);
      try {
        // Records that were joined or taken over are written even if nothing else follows.
        await records.begin().catch((error) => this.#stopFor(error));
        executor.reportHeld();
        executor.fetchRendered();
        executor.followSubmitted();
        executor.sendPlanned();
        executor.inspectKept();
        await executor.settled();
      } finally {
        await this.#checkpoints.over();
        await records.close();
      }
      const written = await this.#writeLast(manifest);
      return this.#finish(began, { written, cost: ownCost(executor, records.keyStates) });
    } finally {
      stopListening();
    }
  }

  async close(): Promise<void> {
    await this.#lock.release();
  }

  get counts(): Counts {
    return this.#work.counts;
  }

  get toSend(): readonly Submission[] {
    return this.#work.toSend.flatMap(({ submission }) => submission ?? []);
  }

  get usd(): number {
    return addRounded(this.toSend.flatMap(({ cost }) => cost.usd ?? []));
  }

  get usdUnknown(): number {
    return this.#unpriced.length;
  }

  /** The clips that are here without a record: sending their shots would pay for them again. */
  get warnings(): readonly string[] {
    const { directory } = this.#options;
    const { keyStates } = this.#state;
    const paths = this.toSend
      .filter(({ key }) => !keyStates.has(key))
      .map(({ id, key }) => usualPath(id, key));
    const here = new Set(clipNames(directory).map((name) => name.slice(0, name.lastIndexOf('.'))));
    const [first, ...more] = paths.filter((path) => here.has(path));
    return first === undefined ? [] : [unrecordedNotice(directory, [first, ...more])];
  }

  get limits(): readonly CostLimit[] {
    return this.#budget.limitsNow;
  }

  get retries(): number {
    const { adopted, toSend } = this.#work;
    const left = ({ key, retries }: Job) => retries - (this.#keyStates.get(key)?.failures ?? 0);
    return [...adopted, ...toSend].reduce((most, job) => Math.max(most, left(job)), 0);
  }

  get needsFfmpeg(): boolean {
    const { shrink = false } = this.#options;
    return (shrink && this.toSend.length > 0) || this.#work.toSend.some(({ frames }) => frames.length > 0);
  }

  get #unpriced(): readonly Submission[] {
    return this.toSend.filter(({ cost }) => cost.usd === null);
  }

  get #isFree(): boolean {
    return this.#options.serviceName === 'local';
  }

  get #timeouts(): Timeouts {
    return { ...USUAL_TIMEOUTS, ...this.#options.timeouts };
  }

  /** Says what the run is going to do, and what a person should know before. */
  #tell(began: number): void {
    const { directory, emit, plan, serviceName } = this.#options;
    const { counts, usd, usdUnknown, limits } = this;
    emit({
      event: 'run_started',
      at: new Date(began).toISOString(),
      list: plan.list.path,
      service: serviceName,
      directory,
      counts,
      usd,
      usd_unknown: usdUnknown,
      bills: billsBehind(this.toSend),
      limits,
    });
    for (const notice of this.#state.notices) this.#reporter.notice('warning', notice);
    const takenOver = this.#state.takenFrom.size;
    if (takenOver > 0) this.#reporter.notice('info', takenOverNotice(takenOver));
    if (limits.length > 0 && usdUnknown > 0) {
      this.#reporter.notice('warning', unpricedNotice(this.#unpriced.map(({ id }) => id)));
    }
  }

  /** Stops the run when a person interrupts it or its time is over. Returns what ends the listening. */
  #listenForEnd(signal: AbortSignal): () => void {
    const { onInterrupt = 'cancel', deps } = this.#options;
    const { sleep } = deps;
    const over = new AbortController();
    const interrupt = () => {
      this.#reporter.notice('info', interruptNotice(onInterrupt));
      this.#brakes.interrupt(onInterrupt, { sleep, over: over.signal });
    };
    if (signal.aborted) interrupt();
    signal.addEventListener('abort', interrupt, { once: true });
    const { run: seconds } = this.#timeouts;
    if (Number.isFinite(seconds)) {
      void sleep(seconds * 1000, over.signal).then(() => {
        if (over.signal.aborted) return;
        this.#reporter.notice('warning', expiredNotice(seconds));
        this.#brakes.expire(sleep, over.signal);
      });
    }
    return () => {
      over.abort();
      signal.removeEventListener('abort', interrupt);
    };
  }

  #openRecords(): Records {
    const { serviceName: service, concurrency: answers, deps } = this.#options;
    const { replaceFile } = deps;
    const permit = () => this.#lock.assertHeld();
    const records = this.#state.open({ service, answers, permit, replaceFile });
    this.#keyStates = records.keyStates;
    return records;
  }

  #context(records: Records, manifest: ManifestWriter): RunContext {
    const { service, directory, plan, deps, serviceName, submitRate } = this.#options;
    if (submitRate !== undefined) service.pace.limitSubmissions(submitRate);
    // An emulator that runs as a program of its own renders as fast as the one in this process.
    const local = serviceName === 'local' || isLoopback(new URL(service.origin).hostname);
    return {
      service,
      records,
      directory,
      folder: plan.list.folder,
      aspect: plan.list.aspect,
      copies: new LocalCopies({ directory, records, takenFrom: this.#state.takenFrom }),
      frames: new Frames({ directory, records, lastFrame: deps.lastFrame }),
      oneByOne: pLimit(1),
      times: new RenderTimes({ local, random: deps.random }),
      stillTrying: new StillTrying(deps),
      brakes: this.#brakes,
      budget: this.#budget,
      checkpoints: this.#checkpoints,
      reporter: this.#reporter,
      deps,
      shrink: (this.#options.shrink && deps.shrink) || null,
      timeouts: this.#timeouts,
      changed: () => manifest.changed(),
    };
  }

  #manifestWriter(): ManifestWriter {
    const { directory, plan, deps } = this.#options;
    return new ManifestWriter({
      path: join(directory, manifestName(plan.profile)),
      make: () => this.#summary(),
      sleep: deps.sleep,
      permit: () => this.#lock.assertHeld(),
      // The last write meets a bug again, and throws it.
      onFailure: (error) => {
        const bug = { exit: Exit.bug, why: String(error) };
        this.#brakes.stopFor(obstacleOf(error, directory) ?? bug);
      },
    });
  }

  #summary(): Manifest {
    const { plan, directory, serviceName, toolVersion } = this.#options;
    return summarize({ plan, keyStates: this.#keyStates, service: serviceName, directory, toolVersion });
  }

  /** Returns the last manifest; null if it could not be written. */
  async #writeLast(manifest: ManifestWriter): Promise<Manifest | null> {
    try {
      return await manifest.finish();
    } catch (error) {
      this.#stopFor(error);
      return null;
    }
  }

  #stopFor(error: unknown): void {
    const obstacle = obstacleOf(error, this.#options.directory);
    if (!obstacle) throw error;
    this.#brakes.stopFor(obstacle);
  }

  /** Emits the cost so far, once for all changes of the same moment. */
  #costChanged(): void {
    if (this.#isFree || this.#isCostEventDue) return;
    this.#isCostEventDue = true;
    queueMicrotask(() => {
      this.#isCostEventDue = false;
      const at = new Date(this.#options.deps.now()).toISOString();
      this.#options.emit(this.#budget.costChanged(at));
    });
  }

  /** Number of the list's clips that are here, and of those of the chosen submissions that are missed here. */
  #clipsOf({ submissions }: Manifest): Pick<RunFinished, 'clips' | 'not_here'> {
    const { chosen } = this.#options;
    const { absent } = this.#work;
    const rendered = submissions.filter(({ state }) => state === 'done' || state === 'completed');
    const isHere = ({ key, state }: (typeof rendered)[number]) =>
      state === 'done' && (!absent.has(key) || this.#reporter.endOf(key) === 'done');
    const missed = rendered.filter(
      (one) =>
        !isHere(one) && chosen?.has(one.id) !== false && !this.#keyStates.get(one.key)?.acceptedMissing,
    );
    return { clips: rendered.filter(isHere).length, not_here: missed.length };
  }

  /** Prices of the next run by key, USD, which it learns from the bills of this one. */
  #nextPrices(): ReadonlyMap<string, number | null> {
    const { submissions } = withBills(this.#options.plan, billsIn(this.#keyStates));
    return new Map(submissions.map(({ key, cost }) => [key, cost.usd]));
  }

  #finish(
    began: number,
    { written, cost }: { readonly written: Manifest | null; readonly cost: OwnCost },
  ): RunFinished {
    const { directory, deps, emit, plan, chosen } = this.#options;
    const now = deps.now();
    const at = new Date(now).toISOString();
    const summary = written ?? this.#summary();
    const states = countStates(summary.submissions);
    const ofChosen = summary.submissions.filter(({ id }) => chosen?.has(id) !== false);
    const stale = summary.submissions.filter(({ warnings }) => warnings.length > 0).map(({ id }) => id);
    if (stale.length > 0) this.#reporter.notice('warning', staleNotice(stale));
    const leftOut = this.#budget.leftOut(at, () => this.#nextPrices());
    if (leftOut) emit(leftOut);
    const leftOutCount = leftOut?.ids.length ?? 0;
    const stopped = this.#reporter.unsent - leftOutCount;
    if (stopped > 0) this.#reporter.notice('info', unsentNotice(stopped));
    const exit = worstExit(this.#brakes.codes);
    const { obstacle } = this.#brakes;
    if (obstacle) this.#reporter.notice('warning', obstacleNotice(obstacle, states));
    const finished: RunFinished = {
      event: 'run_finished',
      at,
      directory,
      manifest: written ? join(directory, manifestName(plan.profile)) : null,
      states,
      chosen: countStates(ofChosen),
      ...this.#clipsOf(summary),
      blocked: ofChosen.filter(({ error }) => error?.code === BLOCKED).length,
      left_out: leftOutCount,
      limits: this.limits,
      flagged: flaggedIds(summary),
      ...cost,
      usd_estimated: this.#isFree ? 0 : this.#budget.unreported(cost.usd),
      elapsed: (now - began) / 1000,
      exit,
    };
    emit(finished);
    return finished;
  }
}
