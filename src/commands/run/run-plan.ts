import { resolve } from 'node:path';
import { effects } from '../../base/effects.js';
import { version } from '../../generated/version.js';
import type { Plan } from '../../plan/plan.js';
import type { OnInterrupt } from '../../run/brakes.js';
import type { RunEvent, RunFinished } from '../../run/events.js';
import type { Limits } from '../../run/money/budget.js';
import { openRun } from '../../run/open-run.js';
import type { OpenedRun } from '../../run/run-options.js';
import type { Failure } from '../console.js';
import { openProvider } from '../service/provider.js';
import { unpriced } from './budget.js';
import { clipReader } from './clip-reader.js';
import { type Provider, runDirectory } from './run-directory.js';

/** How to run a plan; only the provider has to be said. */
export interface RunPlanOptions {
  /** `runcomfy` spends money; `local` renders animatics on this machine. */
  readonly provider: Provider;
  /** The run directory; `renders/<list>/` or `rehearsals/<list>/` beside the list unless said. */
  readonly out?: string;
  /** Submissions with the service at a time; 4 unless said. */
  readonly concurrency?: number;
  /** Of some models fewer at a time, by full id. */
  readonly modelConcurrency?: ReadonlyMap<string, number>;
  /** Submissions that may leave in a minute; as many as there are unless said. */
  readonly submitRate?: number;
  /**
   * How long one submission may be with the service before it is left to a later run, and again its clip on the way,
   * seconds; an hour and half an hour unless said.
   */
  readonly shotTimeout?: number;
  /** How long the run may take, seconds; as long as it takes unless said. */
  readonly runTimeout?: number;
  /** Manifests or run directories of other runs, of the same service, whose clips are taken over. */
  readonly reuse?: readonly string[];
  /** USD that this run may cost; the list's own `budget` is kept besides. */
  readonly maxCost?: number;
  /** Sends what has no known price although there is a limit to keep. */
  readonly allowUnknownCost?: boolean;
  /** Ids of the submissions that may be sent; all unless said. */
  readonly chosen?: ReadonlySet<string>;
  /** Takes the run directory from whoever holds it. */
  readonly takeLock?: boolean;
  /** Renders again what goes on from a clip that was rendered anew since. */
  readonly refreshChained?: boolean;
  /** Sends again, once, whatever has failed. */
  readonly retryFailed?: boolean;
  /** What happens to what is queued at the service when `signal` aborts; cancelled unless said. */
  readonly onInterrupt?: OnInterrupt;
  /** Where token, base URL and proxies are named; the process's own environment unless said. */
  readonly env?: NodeJS.ProcessEnv;
  /** Hears what happens while it goes on. */
  readonly emit?: (event: RunEvent) => void;
  /** Aborting stops the run gently, within five seconds. */
  readonly signal?: AbortSignal;
  /** Asked before anything is submitted; a failure it returns ends the run there. */
  readonly mayBegin?: (opened: OpenedRun, origin: string) => Promise<Failure | null>;
}

/** A run that came to an end, good or bad (`finished.exit` says), or why it did not begin. */
export type RunPlanResult =
  | { readonly ok: true; readonly finished: RunFinished }
  | ({ readonly ok: false } & Failure);

/**
 * Runs a plan: submits what is new, continues what a former run began, fetches what is done, and writes the
 * manifest into the run directory. Running it again submits nothing twice. Rejects only with bugs of ours.
 */
export async function runPlan(plan: Plan, options: RunPlanOptions): Promise<RunPlanResult> {
  const { env = process.env, emit = () => {}, concurrency = 4, takeLock = false } = options;
  const { chosen, refreshChained = false, retryFailed = false, onInterrupt = 'cancel' } = options;
  const clips = clipReader(env);
  const directory = runDirectory(plan.list, options);
  const notice = (message: string) => {
    emit({ event: 'notice', at: new Date(effects.now()).toISOString(), level: 'warning', message });
  };
  const { folder: listFolder } = plan.list;
  const provider = await openProvider({ provider: options.provider, directory, listFolder, env, notice });
  if ('exit' in provider) return { ok: false, ...provider };
  try {
    const opened = await openRun({
      plan,
      directory,
      service: provider.service,
      serviceName: provider.name,
      toolVersion: version,
      concurrency,
      takeLock,
      refreshChained,
      retryFailed,
      onInterrupt,
      emit,
      reuse: (options.reuse ?? []).map((path) => resolve(path)),
      ...(chosen && { chosen }),
      ...limitsOf(options),
      limits: costLimits(plan, options),
      deps: { ...effects, probeVideo: clips.probeVideo, lastFrame: clips.lastFrame, inspect: clips.look },
    });
    if (!opened.ok) return opened;
    try {
      // A run with nothing to ask the service needs neither token nor leave.
      const idle = opened.toSend.length + opened.counts.adopted === 0;
      // Now, because nothing waits for it yet.
      if (!idle) await clips.load();
      const refusal = idle
        ? null
        : ((await provider.obstacle({ submissions: opened.toSend.length })) ??
          (opened.needsFfmpeg ? await clips.obstacle() : null) ??
          unpriced(opened, { allowed: options.allowUnknownCost ?? false }) ??
          (await options.mayBegin?.(opened, provider.service.origin)));
      if (refusal) return { ok: false, ...refusal };
      return { ok: true, finished: await opened.execute(options.signal ?? new AbortController().signal) };
    } finally {
      await opened.close();
    }
  } finally {
    await provider.close();
  }
}

function costLimits({ budget }: Plan, { maxCost, allowUnknownCost }: RunPlanOptions): Limits {
  return { lifetime: budget ?? null, run: maxCost ?? null, allowUnknown: allowUnknownCost ?? false };
}

/** Of what a run is limited by, only what was said. */
function limitsOf({ modelConcurrency, submitRate, shotTimeout, runTimeout }: RunPlanOptions) {
  return {
    ...(modelConcurrency && { modelConcurrency }),
    ...(submitRate !== undefined && { submitRate }),
    timeouts: {
      ...(shotTimeout !== undefined && { shot: shotTimeout, download: shotTimeout }),
      ...(runTimeout !== undefined && { run: runTimeout }),
    },
  };
}
