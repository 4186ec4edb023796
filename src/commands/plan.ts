import { effects } from '../effects.js';
import { Exit, type ExitCode } from '../exit.js';
import type { Plan } from '../plan/plan.js';
import type { Fold } from '../run/fold.js';
import { readRunState } from '../run/run-state.js';
import { jsonText } from '../ui/json-text.js';
import type { CheckFlags } from './check-list.js';
import { type Console, colorOf, fail, widthOf } from './console.js';
import type { ChoiceFlags, ListFlags } from './list-flags.js';
import { openList } from './open-list.js';
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
  const opened = await openList(file, { flags, console, stream: console.stderr });
  if (typeof opened === 'number') return opened;
  const { chosen, catalog } = opened;
  const wanted = { ...opened.plan, submissions: opened.plan.submissions.filter(({ id }) => chosen.has(id)) };
  const { plan, notes } = flags.livePrices
    ? // Loaded only when asked for: without it, a plan needs no HTTP client.
      await (await import('./live-prices.js')).atLivePrices(wanted, { catalog, console })
    : { plan: wanted, notes: [] };
  const directory = runDirectory(plan.list, flags);
  const state = await readRunState(directory, new Date(effects.now()).toISOString());
  if (state.kind !== 'read') return fail(console, { exit: Exit.invalid, message: state.message });
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
  return `${jsonText({ list, submissions: rows, totals, ...groups }, 2)}\n`;
}
