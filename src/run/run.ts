import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Exit, type ExitCode, worst } from '../exit.js';
import type { Plan, Submission } from '../plan/plan.js';
import { isLoopback } from '../runcomfy/hosts.js';
import type { Service } from '../runcomfy/service.js';
import { Brakes } from './brakes.js';
import { type RunContext, type RunDeps, type Timeouts, USUAL_TIMEOUTS } from './context.js';
import type { Counts, RunEvent, RunFinished } from './events.js';
import { Executor, writeProblem } from './executor.js';
import { sortWork, type Work } from './job.js';
import { type Lock, takeLock } from './lock.js';
import type { LockHolder } from './lock-holder.js';
import { ManifestWriter } from './manifest-writer.js';
import { Pace, quietly } from './pace.js';
import { RenderTimes } from './render-times.js';
import { Reporter } from './reporter.js';
import { MANIFEST, type RunState, readRunState } from './run-state.js';
import { countStates, summarize } from './summary.js';

export interface RunOptions {
  readonly plan: Plan;
  readonly service: Service;
  /** `local`, or the API's origin: whom the directory belongs to. */
  readonly serviceName: string;
  /** Absolute path of the run directory; made where it is missing. */
  readonly directory: string;
  /** Submissions with the service at a time, at least 1. */
  readonly concurrency: number;
  /** Takes the directory from whoever holds it. */
  readonly takeLock?: boolean;
  readonly emit: (event: RunEvent) => void;
  readonly deps: RunDeps;
  readonly toolVersion: string;
  readonly timeouts?: Partial<Timeouts>;
}

/** Why a run cannot begin: nothing was sent. */
export interface RunRefused {
  readonly ok: false;
  readonly exit: ExitCode;
  /** What is the matter and what to do, for a person. */
  readonly message: string;
}

/** A run that holds its directory and knows what it would do, but has done nothing yet. */
export interface OpenedRun {
  readonly ok: true;
  readonly counts: Counts;
  /** What would be sent, one for each POST, in list order. */
  readonly toSend: readonly Submission[];
  /** USD that these are estimated to cost; null when some rate is unknown. */
  readonly usd: number | null;
  /**
   * Does it. Aborting `signal` stops it gently, within five seconds. Call it once. Rejects only with bugs of ours,
   * when everything in flight has been written down.
   */
  execute(signal: AbortSignal): Promise<RunFinished>;
  /** Gives the directory back, executed or not. */
  close(): Promise<void>;
}

/**
 * Opens a run directory for a plan: takes its lock, reads what was done before, and says what is left to do, so that
 * a person can be asked before anything is spent.
 */
export async function openRun(options: RunOptions): Promise<OpenedRun | RunRefused> {
  const { directory, deps } = options;
  const now = new Date(deps.now()).toISOString();
  let lock: Lock | null = null;
  try {
    await mkdir(directory, { recursive: true });
    const taken = await takeLock({ directory, now, force: options.takeLock ?? false });
    if (!taken.ok) return { ok: false, exit: Exit.unfinished, message: heldBy(directory, taken.holder) };
    lock = taken.lock;
    const state = await readRunState(directory, now);
    const refused = refusal(options, state);
    if (refused) {
      await lock.release();
      return refused;
    }
    if (state.kind === 'read') return new Run(options, { state, lock });
    throw new Error('an unreadable state was not refused');
  } catch (error) {
    await lock?.release();
    const problem = writeProblem(error);
    if (problem === null) throw error;
    const message = `Cannot use ${directory}: ${problem} Nothing was sent. Choose another folder with --out.`;
    return { ok: false, exit: Exit.cannotWrite, message };
  }
}

function refusal({ directory, serviceName }: RunOptions, state: RunState): RunRefused | null {
  if (state.kind === 'unreadable') return { ok: false, exit: Exit.invalid, message: state.message };
  if (state.service === null || state.service === serviceName) return null;
  const message =
    `${directory} belongs to ${serviceWords(state.service)}, and this run is for ${serviceWords(serviceName)}. ` +
    'Nothing was sent. Choose another folder with --out.';
  return { ok: false, exit: Exit.usage, message };
}

function serviceWords(service: string): string {
  return service === 'local' ? 'rehearsals on this machine' : service;
}

function heldBy(directory: string, holder: LockHolder | null): string {
  const who = holder ? `process ${holder.pid} on ${holder.host}, since ${holder.since}` : 'another process';
  return `${directory} is in use by ${who}. Nothing was sent. If that run is certainly over, add --take-lock.`;
}

/** An emulator that runs as a program of its own is as quick as the one in this process. */
function isOnThisMachine(origin: string): boolean {
  return isLoopback(new URL(origin).hostname);
}

type ReadState = RunState & { kind: 'read' };

class Run implements OpenedRun {
  readonly ok = true;
  readonly #options: RunOptions;
  readonly #state: ReadState;
  readonly #lock: Lock;
  readonly #work: Work;
  readonly #brakes = new Brakes();
  readonly #reporter: Reporter;

  constructor(options: RunOptions, { state, lock }: { readonly state: ReadState; readonly lock: Lock }) {
    this.#options = { ...options, deps: { ...options.deps, sleep: quietly(options.deps.sleep) } };
    this.#state = state;
    this.#lock = lock;
    this.#work = sortWork({ plan: options.plan, fold: state.fold, directory: options.directory });
    const { emit, deps } = options;
    this.#reporter = new Reporter({ emit, now: deps.now, codes: this.#brakes.codes });
  }

  get counts(): Counts {
    return this.#work.counts;
  }

  get toSend(): readonly Submission[] {
    return this.#work.toSend.flatMap(({ submission }) => submission ?? []);
  }

  get usd(): number | null {
    const costs = this.toSend.map(({ cost }) => cost.usd);
    return costs.reduce((sum: number | null, usd) => (sum === null || usd === null ? null : sum + usd), 0);
  }

  async close(): Promise<void> {
    await this.#lock.release();
  }

  async execute(signal: AbortSignal): Promise<RunFinished> {
    const { directory, emit, deps, plan, serviceName } = this.#options;
    const began = deps.now();
    const over = new AbortController();
    const interrupt = () => this.#brakes.interrupt(this.#options.deps.sleep, over.signal);
    if (signal.aborted) interrupt();
    signal.addEventListener('abort', interrupt, { once: true });
    const at = new Date(began).toISOString();
    const { counts, usd } = this;
    emit({ event: 'run_started', at, list: plan.list.path, service: serviceName, directory, counts, usd });
    try {
      const spent = await this.#execute();
      return this.#finished({ began, ...spent });
    } finally {
      over.abort();
      signal.removeEventListener('abort', interrupt);
    }
  }

  /** Works through it and leaves the manifest written; returns what this run's own submissions cost. */
  async #execute(): Promise<Spent> {
    const manifest = this.#manifestWriter();
    const { serviceName, deps, concurrency } = this.#options;
    const journal = this.#state.journal(serviceName, deps.openJournalFile);
    const executor = new Executor(
      this.#context(journal, () => manifest.touch()),
      concurrency,
    );
    try {
      await executor.work(this.#work);
    } finally {
      await journal.close();
    }
    await manifest.finish().catch((error) => this.#cannotWrite(error));
    return spentOn(executor.sent, this.#state);
  }

  #context(journal: RunContext['journal'], changed: () => void): RunContext {
    const { service, directory, plan, deps, serviceName, timeouts } = this.#options;
    return {
      service,
      journal,
      directory,
      folder: plan.list.folder,
      pace: new Pace(deps),
      times: new RenderTimes({ local: serviceName === 'local' || isOnThisMachine(service.origin) }),
      brakes: this.#brakes,
      reporter: this.#reporter,
      deps,
      timeouts: { ...USUAL_TIMEOUTS, ...timeouts },
      changed,
    };
  }

  #manifestWriter(): ManifestWriter {
    return new ManifestWriter({
      path: join(this.#options.directory, MANIFEST),
      make: () => this.#summary(),
      deps: this.#options.deps,
      // A bug is met again by the last write, which throws it.
      onFailure: (error) => this.#halt(writeProblem(error) ?? String(error)),
    });
  }

  #cannotWrite(error: unknown): void {
    const problem = writeProblem(error);
    if (problem === null) throw error;
    this.#halt(problem);
  }

  #halt(problem: string): void {
    this.#brakes.halt(Exit.cannotWrite, `Not sent: cannot write in ${this.#options.directory}: ${problem}`);
  }

  #summary() {
    const { plan, directory, serviceName, toolVersion } = this.#options;
    return summarize({ plan, fold: this.#state.fold, service: serviceName, directory, toolVersion });
  }

  #finished({ began, usd, usd_unknown }: Spent & { readonly began: number }): RunFinished {
    const { directory, deps, emit } = this.#options;
    const states = countStates(this.#summary());
    const exit = worst(this.#brakes.codes);
    if (exit === Exit.cannotWrite) {
      const { done, completed, submitted } = states;
      const where = `${done} here, ${completed} rendered but not here, ${submitted} with the service`;
      const message = `Could not go on writing in ${directory}: ${where}. Nothing is lost; make room and run again.`;
      this.#reporter.notice('warning', message);
    }
    const now = deps.now();
    const finished: RunFinished = {
      event: 'run_finished',
      at: new Date(now).toISOString(),
      directory,
      manifest: join(directory, MANIFEST),
      states,
      usd,
      usd_unknown,
      elapsed: (now - began) / 1000,
      exit,
    };
    emit(finished);
    return finished;
  }
}

interface Spent {
  readonly usd: number;
  readonly usd_unknown: number;
}

function spentOn(keys: ReadonlySet<string>, { fold }: ReadState): Spent {
  const costs = [...keys].map((key) => fold.get(key)?.cost ?? null);
  const known = costs.filter((cost) => cost !== null);
  return { usd: known.reduce((sum, cost) => sum + cost, 0), usd_unknown: costs.length - known.length };
}
