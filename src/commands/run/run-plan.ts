import { resolve } from 'node:path';
import { effects } from '../../base/effects.js';
import { Exit } from '../../base/exit.js';
import { version } from '../../generated/version.js';
import { ffmpegWhenNeeded } from '../../media/ffmpeg.js';
import { inspectClip } from '../../media/inspect-clip.js';
import { lastFrame } from '../../media/last-frame.js';
import { probeVideo } from '../../media/probe.js';
import { shrinkPicture } from '../../media/shrink-picture.js';
import type { Plan } from '../../plan/plan.js';
import type { Limits } from '../../run/budget.js';
import {
  type OpenedRun,
  type RunDeps,
  type RunOptions,
  type Timeouts,
  USUAL_TIMEOUTS,
} from '../../run/context.js';
import type { RunEvent, RunFinished } from '../../run/events.js';
import { openRun } from '../../run/run.js';
import type { Balance, BalanceAnswer, Service } from '../../runcomfy/service.js';
import type { Failure } from '../console.js';
import { type PlaceFlags, runDirectory } from '../list-flags.js';
import { type OpenedProvider, openProvider } from '../service/provider.js';
import { balanceIn, balanceWarning, emptyBalance } from './balance.js';
import { unknownCost } from './budget.js';

/** Options of `openRun` that the caller of `runPlan` gives in another form, or not at all. */
type OwnForm =
  | 'concurrency'
  | 'deps'
  | 'directory'
  | 'emit'
  | 'limits'
  | 'plan'
  | 'service'
  | 'serviceName'
  | 'timeouts'
  | 'toolVersion';

/** How to run a plan; only the provider is required. Options of `RunOptions` go to `openRun` as they are. */
export interface RunPlanOptions extends Omit<RunOptions, OwnForm>, PlaceFlags {
  /** Submissions with the service at a time; 4 by default. */
  readonly concurrency?: number;
  /**
   * Time that one submission may be with the service before it is left to a later run, and that its clip may take to arrive,
   * seconds; an hour and half an hour by default.
   */
  readonly shotTimeout?: number;
  /** Time that the run may take, seconds; unlimited by default. */
  readonly runTimeout?: number;
  /** USD that this run may cost; the list's own `budget` is kept too. */
  readonly maxCost?: number;
  /** True to submit shots without a known price although there is a limit to keep. */
  readonly allowUnknownCost?: boolean;
  /** Hosts besides the service's own from which clips may be fetched, such as `cdn.example.com`. */
  readonly allowHost?: readonly string[];
  /** Variables with token, base URL and proxies; the process's own environment by default. */
  readonly env?: NodeJS.ProcessEnv;
  /** Called at each event of the run. */
  readonly emit?: (event: RunEvent) => void;
  /** Aborting it stops the run gently, within five seconds. */
  readonly signal?: AbortSignal;
  /**
   * Asked before anything is submitted. A failure ends the run there; `agreed` begins it although the balance may be too
   * low; null begins it unless the balance pays for nothing.
   */
  readonly mayBegin?: (opened: OpenedRun, account: Account) => Promise<Failure | 'agreed' | null>;
}

/** The account that a run is billed to. */
export interface Account {
  /** The API's origin. */
  readonly origin: string;
  /** Null if the service did not say. */
  readonly balance: Balance | null;
}

/** A run that came to an end (`finished.exit` says how), or why it did not begin. */
export type RunPlanResult =
  | { readonly ok: true; readonly finished: RunFinished }
  | ({ readonly ok: false } & Failure);

/**
 * Runs a plan: submits what is new, continues what an earlier run began, fetches what is done, and writes the manifest into the
 * run directory. Running it again submits nothing twice. Rejects only with bugs of ours.
 */
export async function runPlan(plan: Plan, options: RunPlanOptions): Promise<RunPlanResult> {
  const { env = process.env, emit = () => {}, signal = new AbortController().signal } = options;
  const directory = runDirectory(plan.list, options);
  const notice = (message: string) =>
    emit({ event: 'notice', at: new Date(effects.now()).toISOString(), level: 'warning', message });
  const listFolder = plan.list.folder;
  const { allowHost } = options;
  const opening = { provider: options.provider, directory, listFolder, env, allowHost, notice };
  const provider = await openProvider(opening);
  if ('exit' in provider) return { ok: false, ...provider };
  const ffmpeg = ffmpegWhenNeeded({ env });
  try {
    const opened = await openRun({
      ...options,
      plan,
      directory,
      emit,
      service: provider.service,
      serviceName: provider.name,
      toolVersion: version,
      concurrency: options.concurrency ?? 4,
      reuse: options.reuse?.map((path) => resolve(path)),
      limits: costLimits(plan, options),
      timeouts: timeouts(options),
      deps: { ...effects, ...clipTools(ffmpeg) },
    });
    if (!opened.ok) return opened;
    try {
      const refusal = await refusalOf(opened, { provider, ffmpeg, options, notice, signal });
      if (refusal) return { ok: false, ...refusal };
      return { ok: true, finished: await opened.execute(signal) };
    } finally {
      await opened.close();
    }
  } finally {
    await provider.close();
  }
}

function costLimits({ budget }: Plan, { maxCost, allowUnknownCost }: RunPlanOptions): Limits {
  return { lifetime: budget, run: maxCost ?? null, allowUnknown: allowUnknownCost ?? false };
}

function timeouts({ shotTimeout, runTimeout }: RunPlanOptions): Timeouts {
  const { shot, download, run } = USUAL_TIMEOUTS;
  return {
    ...USUAL_TIMEOUTS,
    shot: shotTimeout ?? shot,
    download: shotTimeout ?? download,
    run: runTimeout ?? run,
  };
}

type FindFfmpeg = ReturnType<typeof ffmpegWhenNeeded>;

/** Functions that read clips; those that need an ffmpeg look for it when they are first called. */
function clipTools(ffmpeg: FindFfmpeg): Pick<RunDeps, 'probeVideo' | 'lastFrame' | 'shrink' | 'inspect'> {
  return {
    probeVideo,
    async lastFrame(options) {
      const found = await ffmpeg();
      return found.ok ? lastFrame(found.ffmpeg.path, options) : { ok: false, message: found.message };
    },
    async shrink(options) {
      const found = await ffmpeg();
      return found.ok ? shrinkPicture(found.ffmpeg.path, options) : { ok: false, message: found.message };
    },
    async inspect(options) {
      const found = await ffmpeg();
      return found.ok ? inspectClip(found.ffmpeg.path, options) : { none: `${found.message} ${found.hint}` };
    },
  };
}

/** Why an opened run may not begin, or null. A run that asks the service nothing needs neither token nor consent. */
async function refusalOf(
  opened: OpenedRun,
  {
    provider,
    ffmpeg,
    options,
    ...rest
  }: {
    readonly provider: OpenedProvider;
    readonly ffmpeg: FindFfmpeg;
    readonly options: RunPlanOptions;
    readonly notice: (message: string) => void;
    readonly signal: AbortSignal;
  },
): Promise<Failure | null> {
  const { toSend, counts, needsFfmpeg } = opened;
  if (toSend.length + counts.adopted + counts.to_fetch === 0) return null;
  return (
    (await provider.obstacle({ submissions: toSend.length })) ??
    (needsFfmpeg ? await missingFfmpeg(ffmpeg, options) : null) ??
    unknownCost(opened, { allowed: options.allowUnknownCost ?? false }) ??
    (await paymentRefusal(opened, { service: provider.service, options, ...rest }))
  );
}

/** Why a run may not spend, or null: the token, the balance, or a person. */
async function paymentRefusal(
  opened: OpenedRun,
  {
    service,
    options,
    notice,
    signal,
  }: {
    readonly service: Service;
    readonly options: RunPlanOptions;
    readonly notice: (message: string) => void;
    readonly signal: AbortSignal;
  },
): Promise<Failure | null> {
  const answer: BalanceAnswer =
    opened.toSend.length > 0 ? await service.balance(signal) : { kind: 'not-asked' };
  // A 403 may mean only that the token may not see the balance.
  if (answer.kind === 'refused' && (answer.status === 401 || answer.status === 402))
    return { exit: Exit.account, message: `${answer.message} Nothing was submitted.` };
  const balance = balanceIn(answer);
  const consent = await options.mayBegin?.(opened, { origin: service.origin, balance });
  // A person who agreed has read the warnings above the question.
  if (consent === 'agreed') return null;
  const refusal = consent ?? (balance && emptyBalance(opened, balance));
  if (refusal) return refusal;
  const warning = balance && balanceWarning(opened, balance);
  for (const each of [...opened.warnings, ...(warning === null ? [] : [warning])]) notice(each);
  return null;
}

async function missingFfmpeg(
  ffmpeg: FindFfmpeg,
  { shrink }: Pick<RunPlanOptions, 'shrink'>,
): Promise<Failure | null> {
  const found = await ffmpeg();
  if (found.ok) return null;
  const what = shrink ? '--shrink needs an ffmpeg.' : 'the list has chained shots, which need an ffmpeg.';
  const message = `${what} ${found.message} Nothing was submitted.`;
  return { exit: Exit.usage, message, hint: found.hint };
}
