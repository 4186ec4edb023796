import { relative } from 'node:path';
import { effects } from '../../base/effects.js';
import { Exit, type ExitCode } from '../../base/exit.js';
import { formatCount, formatSeconds, formatTotal } from '../../base/units.js';
import type { ConcurrencyFlag } from '../../cli/flag-values.js';
import type { Catalog } from '../../models/catalog.js';
import { findHook } from '../../notify/webhook.js';
import type { Plan } from '../../plan/plan.js';
import { totalsOf } from '../../plan/totals.js';
import type { OnInterrupt } from '../../run/brakes.js';
import type { OpenedRun } from '../../run/run-options.js';
import { askYesNo } from '../../ui/ask.js';
import { createNdjson, createProgress, type Progress } from '../../ui/progress.js';
import { visible } from '../../ui/visible.js';
import { runCommand } from '../as-typed.js';
import { type Console, colorOf, type Failure, fail } from '../console.js';
import type { ChoiceFlags, ListFlags } from '../list-flags.js';
import { type CheckFlags, openList } from '../plan/check-list.js';
import { atLivePrices } from '../plan/live-prices.js';
import { leaveOnSignals, stopOnSignals } from '../signals.js';
import { budgetSentence } from './budget.js';
import { byModelId } from './by-model-id.js';
import { keepHeapSmall, letHeapGrow } from './heap.js';
import { notify } from './notify.js';
import type { Provider } from './run-directory.js';
import { runPlan } from './run-plan.js';
import { summaryOf } from './run-summary.js';

export interface RunFlags extends CheckFlags, ListFlags, ChoiceFlags {
  readonly provider: Provider;
  readonly out?: string;
  readonly concurrency: ConcurrencyFlag;
  /** A minute. */
  readonly submitRate?: number;
  /** Seconds. */
  readonly shotTimeout?: number;
  readonly runTimeout?: number;
  readonly yes?: boolean;
  /** USD. */
  readonly maxCost?: number;
  readonly allowUnknownCost?: boolean;
  readonly livePrices?: boolean;
  readonly json?: boolean;
  readonly takeLock?: boolean;
  readonly refreshChained?: boolean;
  readonly reuse?: readonly string[];
  readonly retryFailed?: boolean;
  readonly onInterrupt?: OnInterrupt;
  /** A webhook's URL: a secret. */
  readonly notify?: string;
}

/** While the list is read and checked. */
const STOPPED_BEFORE = 'Stopped. Nothing was submitted.';
/** A run leaves without its manifest; the journal has all that was sent. */
const STOPPED_AT_ONCE = 'Stopped at once. The journal is right: run the same command again to continue.';

/** `shotlist run`: submits what is new, fetches what is done, and writes the manifest. */
export async function run(file: string, flags: RunFlags, console: Console): Promise<ExitCode> {
  const found = findHook(flags.notify, console.env);
  if (found.kind === 'invalid') return fail(console, { exit: Exit.usage, message: found.message });
  const hook = found.kind === 'found' ? found.hook : null;
  const opened = await leaveOnSignals(() => openPriced(file, flags, console), STOPPED_BEFORE);
  if (typeof opened === 'number') return opened;
  const { plan, chosen, catalog } = opened;
  return runChecked(plan, { file, chosen, catalog, flags, console, hook });
}

async function openPriced(file: string, flags: RunFlags, console: Console): ReturnType<typeof openList> {
  const opened = await openList(file, { flags, console, stream: console.stderr });
  // A rehearsal costs nothing, today as ever.
  if (typeof opened === 'number' || !flags.livePrices || flags.provider === 'local') return opened;
  const { catalog } = opened;
  return { ...opened, plan: (await atLivePrices(opened.plan, { catalog, console })).plan };
}

/** Runs the chosen submissions of a plan and shows how that goes. */
export async function runChecked(
  plan: Plan,
  options: {
    file: string;
    chosen: ReadonlySet<string>;
    catalog: Catalog;
    flags: RunFlags;
    console: Console;
    /** Where its end is posted to, if anywhere. */
    hook: URL | null;
  },
): Promise<ExitCode> {
  const { file, chosen, catalog, flags, console, hook } = options;
  const modelConcurrency = byModelId(flags.concurrency.models, catalog);
  if ('exit' in modelConcurrency) return fail(console, modelConcurrency);
  const progress = flags.json ? createNdjson(console.stdout) : progressOn(console);
  let unheard: string | null = null;
  const runIt = async (signal: AbortSignal) => {
    const result = await runPlan(plan, {
      ...flags,
      concurrency: flags.concurrency.total,
      modelConcurrency,
      chosen,
      env: console.env,
      signal,
      emit: (event) => progress.emit(event),
      async mayBegin(opened, origin) {
        const refusal = await mayBegin(opened, { origin, signal, flags, console });
        // All is loaded and planned by now; what is left is to wait.
        if (refusal === null) keepHeapSmall();
        return refusal;
      },
    });
    if (hook && result.ok) unheard = await notify(hook, result.finished, { plan, flags, console, signal });
    return result;
  };
  const result = await stopOnSignals(runIt, STOPPED_AT_ONCE).finally(() => {
    progress.end();
    letHeapGrow();
  });
  if (!result.ok) return fail(console, result);
  const { finished } = result;
  if (!flags.json) {
    const place = relative(process.cwd(), finished.directory) || '.';
    const words = summaryOf(finished, {
      command: visible(runCommand(file, flags)),
      place: visible(place),
      out: flags.out === undefined ? undefined : visible(flags.out),
      provider: flags.provider,
    });
    console.stdout.write(`\n${words}`);
  }
  if (unheard !== null) console.stderr.write(`shotlist: ${unheard}\n`);
  return finished.exit;
}

function progressOn(console: Console): Progress {
  const { stdout: stream } = console;
  return createProgress({
    stream,
    isTTY: stream.isTTY === true,
    color: colorOf(stream, console),
    ...effects,
  });
}

/** Why nothing may be submitted, if so; asks on a terminal. */
async function mayBegin(
  opened: OpenedRun,
  {
    origin,
    signal,
    flags,
    console,
  }: { origin: string; signal: AbortSignal; flags: RunFlags; console: Console },
): Promise<Failure | null> {
  const { toSend, retries, limits } = opened;
  if ((toSend.length === 0 && retries === 0) || flags.provider === 'local') return null;
  if (flags.yes || flags.maxCost !== undefined) return null;
  const price = describePrice(opened);
  if (!console.stdin.isTTY || !console.stderr.isTTY) {
    return {
      exit: Exit.usage,
      message: `this run would submit ${price.replace(/,$/, '')}, and there is no terminal to ask on`,
      hint: 'add --yes to agree, or --max-cost with the most it may cost in USD',
    };
  }
  const budget = limits.find(({ limit }) => limit === 'budget');
  if (budget) console.stderr.write(`${budgetSentence(budget, totalsOf(toSend))}\n`);
  const streams = { input: console.stdin, output: console.stderr, signal };
  const agreed = await askYesNo(`Submit ${price} to ${new URL(origin).host}?`, streams);
  return agreed ? null : { exit: Exit.interrupted, message: 'nothing was submitted' };
}

function describePrice({ toSend, counts, retries }: OpenedRun): string {
  const times = retries === 1 ? 'once' : `up to ${retries} times`;
  if (toSend.length === 0) return `what fails of ${formatCount(counts.adopted, 'shot')} again, ${times},`;
  const totals = totalsOf(toSend);
  const some = counts.to_retry < toSend.length ? `${counts.to_retry} of them ` : '';
  const again = counts.to_retry > 0 ? `, ${some}again after a failure` : '';
  const what = `${formatCount(toSend.length, 'shot')} (${formatSeconds(totals.seconds)} of video${again})`;
  const isUnknown = totals.usd_unknown === toSend.length;
  const price = isUnknown ? `${what} at an unknown price` : `${what} for about ${formatTotal(totals)}`;
  return retries > 0 ? `${price}, and again what fails, ${times},` : price;
}
