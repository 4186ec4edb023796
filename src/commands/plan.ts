import { effects } from '../effects.js';
import { Exit, type ExitCode } from '../exit.js';
import type { Plan } from '../plan/plan.js';
import type { Fold } from '../run/fold.js';
import { readRunState } from '../run/run-state.js';
import { type CheckFlags, checkList } from './check-list.js';
import { type Console, colorOf, exitOf, fail, showDiagnostics, widthOf } from './console.js';
import { type ChoiceFlags, chosenBy, type ListFlags, loadOptions } from './list-flags.js';
import { formatPlan, type GroupBy, planGroups, planTotals } from './plan-table.js';
import { type Provider, runDirectory } from './run-directory.js';

export interface PlanFlags extends CheckFlags, ListFlags, ChoiceFlags {
  readonly provider: Provider;
  readonly out?: string;
  readonly by?: GroupBy;
  readonly prompts?: boolean;
  readonly json?: boolean;
  readonly livePrices?: boolean;
}

/** `shotlist plan`: what would be sent, what it costs, and what is there already. Sends nothing. */
export async function showPlan(file: string, flags: PlanFlags, console: Console): Promise<ExitCode> {
  const checked = await checkList(file, {
    ...loadOptions(flags),
    checkUrls: flags.checkUrls,
    env: console.env,
  });
  if (checked.diagnostics.length > 0) await showDiagnostics(console.stderr, checked.diagnostics, console);
  if (!checked.ok) return exitOf(checked.diagnostics);
  const chosen = chosenBy(checked.value, flags);
  if ('exit' in chosen) return fail(console, chosen);
  const { catalog } = checked;
  const wanted = {
    ...checked.value,
    submissions: checked.value.submissions.filter(({ id }) => chosen.has(id)),
  };
  const { plan, notes } = flags.livePrices
    ? // Loaded only when asked for: without it, a plan needs no HTTP client.
      await (await import('./live-prices.js')).atLivePrices(wanted, { catalog, console })
    : { plan: wanted, notes: [] };
  const directory = runDirectory(plan.list, flags);
  const state = await readRunState(directory, new Date(effects.now()).toISOString());
  if (state.kind === 'unreadable') return fail(console, { exit: Exit.invalid, message: state.message });
  const { stdout } = console;
  const screen = { width: widthOf(stdout), color: colorOf(stdout, console) };
  stdout.write(
    flags.json
      ? asJson(plan, state.fold, flags.by)
      : formatPlan(plan, {
          ...screen,
          fold: state.fold,
          by: flags.by,
          prompts: flags.prompts ?? false,
          catalog,
          notes,
        }),
  );
  return Exit.done;
}

function asJson({ list, submissions }: Plan, fold: Fold, by: GroupBy | undefined): string {
  const rows = submissions.map((submission) => ({
    ...submission,
    state: fold.get(submission.key)?.state ?? 'planned',
  }));
  const totals = planTotals(submissions, fold);
  const groups = by === undefined ? {} : { [`by_${by}`]: planGroups(submissions, fold, by) };
  return `${JSON.stringify({ list, submissions: rows, totals, ...groups }, null, 2)}\n`;
}
