import { basename, join } from 'node:path';
import { effects } from '../../base/effects.js';
import { Exit, type ExitCode } from '../../base/exit.js';
import { shellWord } from '../../base/text.js';
import {
  byBills,
  formatCount,
  formatNumber,
  formatSeconds,
  formatTotal,
  formatUsd,
} from '../../base/units.js';
import { version } from '../../generated/version.js';
import { readManifest } from '../../manifest/manifest-file.js';
import { runChild } from '../../media/child.js';
import type { Catalog } from '../../models/catalog.js';
import { suggestModel } from '../../models/suggest-model.js';
import { endOfRun } from '../../notify/end-of-run.js';
import { webhookBody } from '../../notify/message.js';
import { findHook, postToHook } from '../../notify/webhook.js';
import { totalsOf } from '../../plan/cost.js';
import { billsBehind } from '../../plan/learned-price.js';
import type { KeepRecords } from '../../run/checkpoints.js';
import type { OpenedRun } from '../../run/context.js';
import type { CostLimit, RunFinished } from '../../run/events.js';
import { askYesNo } from '../../ui/ask.js';
import { costSentence } from '../../ui/cost-sentence.js';
import { createNdjson, createProgress, type Progress } from '../../ui/progress.js';
import { visible } from '../../ui/visible.js';
import { type Console, colorOf, type Failure, fail, shownPath } from '../console.js';
import { type ChoiceFlags, type ListFlags, type Provider, runCommand } from '../list-flags.js';
import { type CheckFlags, type OpenedList, openList } from '../plan/check-list.js';
import { withLivePrices } from '../plan/live-prices.js';
import { exitOnSignals, stopOnSignals } from '../signals.js';
import { balanceSentence, mostOf } from './balance.js';
import { budgetSentence } from './budget.js';
import { type Account, type RunPlanOptions, runPlan } from './run-plan.js';

/** Submissions with the service at a time, in all and by model, as named on the command line. */
export interface Concurrency {
  readonly total: number;
  readonly models: ReadonlyMap<string, number>;
}

/** Options of a run that are not flags, or whose flag has another form. */
type NoFlag =
  | 'chosen'
  | 'concurrency'
  | 'emit'
  | 'env'
  | 'keepRecords'
  | 'mayBegin'
  | 'modelConcurrency'
  | 'signal';

/** Flags of `run`; those of `RunPlanOptions` go there as they are. */
export interface RunFlags extends Omit<RunPlanOptions, NoFlag>, CheckFlags, ListFlags, ChoiceFlags {
  readonly concurrency: Concurrency;
  readonly yes?: boolean;
  readonly livePrices?: boolean;
  readonly json?: boolean;
  readonly watch?: boolean;
  /** Command of the shell that keeps the records elsewhere. */
  readonly checkpoint?: string;
  /** URL of a webhook, which is a secret. */
  readonly notify?: string;
}

/** Last words of a signal while the list is read and checked. */
const STOPPED_BEFORE = 'Stopped. Nothing was submitted.';
/** Last words of a second signal during a run, whose manifest is then not written: the records have every submission. */
const STOPPED_DURING_RUN =
  'Stopped immediately. The records are right: run the same command again to continue.';

/** `shotlist run`: submits what is new, fetches what is done, and writes the manifest. */
export async function run(file: string, flags: RunFlags, console: Console): Promise<ExitCode> {
  const found = findHook(flags.notify, console.env);
  if (found.kind === 'invalid') return fail(console, { exit: Exit.usage, message: found.message });
  const hook = found.kind === 'found' ? found.hook : null;
  const opened = await exitOnSignals(() => openPriced(file, flags, console), STOPPED_BEFORE);
  if (typeof opened === 'number') return opened;
  return runChecked(opened, { file, flags, console, hook });
}

/** A checked list with its prices, and why nothing of it may be submitted, if something is known. */
type Priced = OpenedList & { readonly refusal?: Failure | null };

async function openPriced(file: string, flags: RunFlags, console: Console): Promise<Priced | ExitCode> {
  const opened = await openList(file, { flags, console, stream: console.stderr });
  // A rehearsal is free on every day.
  if (typeof opened === 'number' || !flags.livePrices || flags.provider === 'local') return opened;
  const priced = await withLivePrices(opened.plan, { catalog: opened.catalog, console });
  return { ...opened, ...priced };
}

/** Runs the chosen submissions of a checked list, and shows the progress and the end. */
export async function runChecked(
  { plan, chosen, catalog, refusal }: Priced,
  options: {
    file: string;
    flags: RunFlags;
    console: Console;
    /** Webhook that takes the end of the run; null for none. */
    hook: URL | null;
  },
): Promise<ExitCode> {
  const { file, flags, console, hook } = options;
  const modelConcurrency = byModelId(flags.concurrency.models, catalog);
  if ('exit' in modelConcurrency) return fail(console, modelConcurrency);
  const progress = flags.json ? createNdjson(console.stdout) : progressOn(console);
  let warning: string | null = null;
  const runAndNotify = async (signal: AbortSignal) => {
    const result = await runPlan(plan, {
      ...flags,
      concurrency: flags.concurrency.total,
      modelConcurrency,
      chosen,
      ...(flags.checkpoint !== undefined && { keepRecords: keepWith(flags.checkpoint, console) }),
      env: console.env,
      signal,
      emit: (event) => progress.emit(event),
      mayBegin: async (opened, account) =>
        (opened.toSend.length > 0 && refusal) || askConsent(opened, { account, signal, flags, console }),
    });
    if (hook && result.ok) {
      const { finished } = result;
      warning = await notify(hook, finished, { list: plan.list.name, flags, console, signal });
    }
    return result;
  };
  const result = await stopOnSignals(runAndNotify, STOPPED_DURING_RUN).finally(() => progress.end());
  if (!result.ok) return fail(console, result);
  const { finished } = result;
  if (!flags.json) console.stdout.write(`\n${summaryOf(finished, typed(finished, file, flags))}`);
  if (warning !== null) console.stderr.write(`shotlist: ${warning}\n`);
  return finished.exit;
}

/** Values by full model id, from values by any name of a model; a failure if a model is unknown. */
function byModelId<T>(
  byName: ReadonlyMap<string, T>,
  { find, models }: Catalog,
): ReadonlyMap<string, T> | Failure {
  const byId = new Map<string, T>();
  for (const [name, value] of byName) {
    const model = find(name);
    if (!model)
      return { exit: Exit.usage, message: `there is no model \`${name}\``, hint: suggestModel(name, models) };
    byId.set(model.id, value);
  }
  return byId;
}

/** Keeps records with a command of the shell, which gets no secret. */
function keepWith(command: string, { env }: Console): KeepRecords {
  const [shell, flag] = process.platform === 'win32' ? ['cmd.exe', '/c'] : ['/bin/sh', '-c'];
  return (signal) => runChild(shell, { args: [flag, command], env, signal });
}

function progressOn(console: Console): Progress {
  const { stdout: stream } = console;
  const isTTY = stream.isTTY === true;
  return createProgress({ stream, isTTY, color: colorOf(stream, console), ...effects });
}

/**
 * Asks on a terminal before anything is submitted; the failure if the answer is no, or if there is no terminal. Null if there
 * is nothing to ask.
 */
async function askConsent(
  opened: OpenedRun,
  {
    account,
    signal,
    flags,
    console,
  }: { account: Account; signal: AbortSignal; flags: RunFlags; console: Console },
): Promise<Failure | 'agreed' | null> {
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
  for (const warning of opened.warnings) console.stderr.write(`${visible(warning)}\n`);
  const budget = limits.find(({ limit }) => limit === 'budget');
  if (budget) console.stderr.write(`${budgetSentence(budget, totalsOf(toSend), billsBehind(toSend))}\n`);
  if (account.balance) {
    console.stderr.write(`${balanceSentence(account.balance, mostOf(opened))}\n`);
  }
  const streams = { input: console.stdin, output: console.stderr, signal };
  const agreed = await askYesNo(`Submit ${price} to ${new URL(account.origin).host}?`, streams);
  return agreed ? 'agreed' : { exit: Exit.interrupted, message: 'nothing was submitted' };
}

function describePrice({ toSend, counts, retries }: OpenedRun): string {
  const times = retries === 1 ? 'once' : `up to ${retries} times`;
  if (toSend.length === 0) return `what fails of ${formatCount(counts.adopted, 'shot')} again, ${times},`;
  const totals = totalsOf(toSend);
  const some = counts.to_retry < toSend.length ? `${counts.to_retry} of them ` : '';
  const again = counts.to_retry > 0 ? `, ${some}again after a failure` : '';
  const what = `${formatCount(toSend.length, 'shot')} (${formatSeconds(totals.seconds)} of video${again})`;
  const isUnknown = totals.usd_unknown === toSend.length;
  const price = isUnknown
    ? `${what} at an unknown price`
    : `${what} for about ${formatTotal(totals)}${byBills(billsBehind(toSend))}`;
  return retries > 0 ? `${price}, and again what fails, ${times},` : price;
}

/** Posts the end of a run to a webhook. Returns a warning if the webhook did not take it, else null. */
async function notify(
  hook: URL,
  finished: RunFinished,
  options: { list: string; flags: RunFlags; console: Console; signal: AbortSignal },
): Promise<string | null> {
  const { list, flags, console, signal } = options;
  const read = finished.manifest === null ? null : await readManifest(finished.manifest);
  const manifest = read?.kind === 'read' ? read.manifest : null;
  const body = webhookBody(hook.hostname, endOfRun(finished, { list, provider: flags.provider, manifest }));
  const userAgent = `shotlist/${version}`;
  const why = await postToHook(hook, { body, env: console.env, userAgent, deps: effects, signal });
  return why === null ? null : `the end of the run could not be posted to ${visible(hook.host)}: ${why}`;
}

/** The command line of a run, safe to print. */
function typed({ directory }: RunFinished, file: string, flags: RunFlags): Typed {
  const { provider, out } = flags;
  return {
    command: visible(runCommand(file, flags)),
    place: shownPath(directory),
    out: out === undefined ? undefined : visible(out),
    provider,
  };
}

/** The command line of a run, as text for a terminal. */
interface Typed {
  /** The command that renders the same shots, without provider and run directory. */
  readonly command: string;
  /** The run directory. */
  readonly place: string;
  /** The run directory if `--out` named it; the next run would pay for everything again without it. */
  readonly out: string | undefined;
  readonly provider: Provider;
}

function outWords(out: string | undefined): readonly string[] {
  return out === undefined ? [] : [`--out ${shellWord(out)}`];
}

/** The last lines of a run: where the clips are, what they cost, and what to type next. */
function summaryOf(finished: RunFinished, { command, place, out, provider }: Typed): string {
  const { exit } = finished;
  const clips = `${formatCount(finished.clips, 'clip')} in ${join(place, 'videos')}`;
  const { manifest } = finished;
  const lines = [manifest === null ? clips : `${clips}, listed in ${join(place, basename(manifest))}`];
  lines.push(...notHereLine(finished));
  if (provider === 'local') {
    lines.push('A free rehearsal: animatics drawn on this machine, not the model’s work.');
  } else {
    lines.push(costSentence(finished), ...finished.limits.flatMap(budgetLine));
  }
  lines.push(...flaggedLine(finished, place));
  const sameRun = [command, ...(provider === 'local' ? ['--provider local'] : []), ...outWords(out)].join(
    ' ',
  );
  lines.push(...nextSteps(finished, { sameRun, place, provider }));
  if (exit === Exit.done && provider === 'local') lines.push(`For the real thing: ${command}`);
  return `${lines.join('\n')}\n`;
}

/** Rendered clips that `--fetch` left where they are; what cannot be fetched is said for each shot. */
function notHereLine({ not_here, exit }: RunFinished): readonly string[] {
  if (not_here === 0 || exit !== Exit.done) return [];
  if (not_here === 1) return ['1 rendered clip is not here. To fetch it: --fetch all'];
  return [`${formatNumber(not_here)} rendered clips are not here. To fetch them: --fetch all`];
}

/** Number of ids in the line; the dailies page shows them all. */
const NAMED = 5;

/** The clips that are not what was asked for, and the command that shows them. */
function flaggedLine({ flagged }: RunFinished, place: string): readonly string[] {
  if (flagged.length === 0) return [];
  const more = flagged.length > NAMED ? ` and ${flagged.length - NAMED} more` : '';
  const names = `${flagged.slice(0, NAMED).map(visible).join(', ')}${more}`;
  const what = flagged.length === 1 ? '1 clip is' : `${formatNumber(flagged.length)} clips are`;
  return [`${what} not quite what was asked for: ${names}. To look: shotlist report ${shellWord(place)}`];
}

/** How much of the list's budget is spent; empty for the limit of one run. */
function budgetLine({ limit, usd, spent, spent_unknown }: CostLimit): readonly string[] {
  if (limit !== 'budget') return [];
  const unknown =
    spent_unknown > 0 ? `, and what ${formatCount(spent_unknown, 'submission')} cost is unknown` : '';
  return [`Of the budget of ${formatUsd(usd)}, ${formatUsd(spent)} is spent${unknown}.`];
}

function nextSteps(
  { states: all, chosen: states, blocked, left_out, exit }: RunFinished,
  { sameRun, place, provider }: { sameRun: string; place: string; provider: Provider },
): string[] {
  const steps: string[] = [];
  if ((states.failed ?? 0) > 0) {
    steps.push(
      `${formatCount(states.failed ?? 0, 'shot')} failed, as said above. A changed shot is submitted by the next run; --retry-failed pays for failed ones again as they are.`,
    );
  }
  if ((states.unknown ?? 0) > 0) {
    steps.push(
      `${formatCount(states.unknown ?? 0, 'submission')} may or may not have been accepted. Look for ${states.unknown === 1 ? 'it' : 'them'} on RunComfy under Generations, then:`,
      `  shotlist resolve ${shellWord(place)} <shot> --request-id <id>   it is there`,
      `  shotlist resolve ${shellWord(place)} <shot> --resubmit          it is not there; may be paid twice if it is`,
      `  shotlist resolve ${shellWord(place)} <shot> --give-up           do not wait for it`,
    );
  }
  if (blocked > 0) {
    steps.push(
      `${formatCount(blocked, 'shot')} not sent: ${blocked === 1 ? 'it' : 'each'} is chained to a shot without a clip.`,
    );
  }
  const open =
    (states.planned ?? 0) -
    blocked +
    (states.submitted ?? 0) +
    (states.completed ?? 0) +
    (states.refused ?? 0) -
    left_out;
  if (left_out > 0) steps.push(`${formatCount(left_out, 'shot')} left out to keep the limit, as said above.`);
  if (exit === Exit.interrupted) steps.push(...stopped(all.submitted ?? 0, { sameRun, provider }));
  else if (open > 0 && exit !== Exit.done)
    steps.push(`${formatCount(open, 'shot')} not finished. To continue: ${sameRun}`);
  return steps;
}

/** Lines after an interruption, with the number of submissions that stay with the service. */
function stopped(
  submitted: number,
  { sameRun, provider }: { sameRun: string; provider: Provider },
): string[] {
  const next = `Stopped. To continue: ${sameRun}`;
  if (submitted === 0 || provider === 'local') return [next];
  const [are, them] = submitted === 1 ? ['is', 'it'] : ['are', 'them'];
  const what = formatCount(submitted, 'submission');
  return [`${what} ${are} with the service, which bills ${them}; the next run fetches ${them}.`, next];
}
