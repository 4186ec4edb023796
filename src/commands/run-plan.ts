import { effects } from '../effects.js';
import { version } from '../generated/version.js';
import { probeVideo } from '../media/probe.js';
import type { Plan } from '../plan/plan.js';
import type { RunEvent, RunFinished } from '../run/events.js';
import { type OpenedRun, openRun } from '../run/run.js';
import type { Failure } from './console.js';
import { openProvider } from './provider.js';
import { type Provider, runDirectory } from './run-directory.js';

/** How to run a plan; only the provider has to be said. */
export interface RunPlanOptions {
  /** `runcomfy` spends money; `local` renders animatics on this machine. */
  readonly provider: Provider;
  /** The run directory; `renders/<list>/` or `rehearsals/<list>/` beside the list unless said. */
  readonly out?: string;
  /** Submissions with the service at a time; 4 unless said. */
  readonly concurrency?: number;
  /** Takes the run directory from whoever holds it. */
  readonly takeLock?: boolean;
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
  const directory = runDirectory(plan.list, options);
  const notice = (message: string) => {
    emit({ event: 'notice', at: new Date(effects.now()).toISOString(), level: 'warning', message });
  };
  const { folder: listFolder } = plan.list;
  const provider = await openProvider({ provider: options.provider, directory, listFolder, env, notice });
  if ('exit' in provider) return { ok: false, ...provider };
  try {
    const opened = await openRun({
      ...{ plan, directory, service: provider.service, serviceName: provider.name, toolVersion: version },
      ...{ concurrency, takeLock, emit, deps: { ...effects, probeVideo } },
    });
    if (!opened.ok) return opened;
    try {
      // A run with nothing to ask the service needs neither token nor leave.
      const idle = opened.toSend.length + opened.counts.adopted === 0;
      const refusal = idle
        ? null
        : ((await provider.obstacle({ submissions: opened.toSend.length })) ??
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
