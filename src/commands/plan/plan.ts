import { resolve } from 'node:path';
import { Exit, type ExitCode } from '../../base/exit.js';
import type { Catalog } from '../../models/catalog.js';
import { withBills } from '../../plan/learned-price.js';
import type { Plan } from '../../plan/plan.js';
import type { CostLimit } from '../../run/events.js';
import { billsIn } from '../../run/own-prices.js';
import { type Others, readRunState } from '../../run/records/records.js';
import type { KeyStates } from '../../run/records/render.js';
import { readSources } from '../../run/records/reuse.js';
import type { Balance } from '../../runcomfy/service.js';
import { BYTE_ORDER_MARK, formatCsv } from '../../ui/csv.js';
import { jsonText } from '../../ui/visible.js';
import { type Console, colorOf, type Failure, fail, widthOf } from '../console.js';
import type { ChoiceFlags, ListFlags } from '../list-flags.js';
import { type Provider, runDirectory } from '../list-flags.js';
import { balanceJson } from '../run/balance.js';
import { budgetOf, leftOf } from '../run/budget.js';
import { type CheckFlags, openList } from './check-list.js';
import { formatPlan, type GroupBy, planGroups, planTotals } from './plan-table.js';

/** Flags of `shotlist plan`. */
export interface PlanFlags extends CheckFlags, ListFlags, ChoiceFlags {
  readonly provider: Provider;
  readonly out?: string;
  readonly reuse?: readonly string[];
  readonly by?: GroupBy;
  readonly prompts?: boolean;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly curl?: boolean;
  readonly livePrices?: boolean;
}

/** `shotlist plan`: shows what a run would send, its cost, and what is rendered already. Sends nothing. */
export async function showPlan(file: string, flags: PlanFlags, console: Console): Promise<ExitCode> {
  const opened = await openList(file, { flags, console, stream: console.stderr });
  if (typeof opened === 'number') return opened;
  const { chosen, catalog } = opened;
  const wanted = { ...opened.plan, submissions: opened.plan.submissions.filter(({ id }) => chosen.has(id)) };
  const {
    plan: listed,
    notes,
    balance,
  } = flags.livePrices
    ? // Loaded on demand: only this option needs an HTTP client.
      await (await import('./live-prices.js')).withLivePrices(wanted, { catalog, console })
    : { plan: wanted, notes: [], balance: null };
  const directory = runDirectory(listed.list, flags);
  const others = await reusedRuns(listed, { flags, console });
  if ('exit' in others) return fail(console, others);
  const state = await readRunState(directory, others);
  if (state.kind !== 'read') return fail(console, { exit: Exit.invalid, message: state.message });
  const plan = flags.provider === 'local' ? listed : withBills(listed, billsIn(state.keyStates));
  const budget = budgetOf(plan, { keyStates: state.keyStates, provider: flags.provider });
  const { stdout } = console;
  if (flags.curl) {
    const { findBaseUrl } = await import('../../runcomfy/base-url.js');
    const found = findBaseUrl(console.env);
    if (found.kind === 'invalid') return fail(console, { exit: Exit.usage, message: found.message });
    const { formatCurl } = await import('./plan-curl.js');
    stdout.write(formatCurl(plan, { keyStates: state.keyStates, catalog, base: found.base }));
    return Exit.done;
  }
  const screen = { width: widthOf(stdout), color: colorOf(stdout, console) };
  if (flags.csv) {
    stdout.write(planCsv(plan, { keyStates: state.keyStates, catalog, isTTY: stdout.isTTY }));
    return Exit.done;
  }
  stdout.write(
    flags.json
      ? planJson(plan, { keyStates: state.keyStates, by: flags.by, budget, balance })
      : formatPlan(plan, {
          ...screen,
          keyStates: state.keyStates,
          by: flags.by,
          prompts: flags.prompts ?? false,
          catalog,
          notes,
          budget,
          balance,
        }),
  );
  return Exit.done;
}

/** Runs whose clips would be taken over (`--reuse`). */
async function reusedRuns(
  { submissions }: Plan,
  { flags: { reuse, provider }, console }: { flags: PlanFlags; console: Console },
): Promise<Others | Failure> {
  if (reuse === undefined) return { sources: [], submissions };
  const { findBaseUrl } = await import('../../runcomfy/base-url.js');
  const base = findBaseUrl(console.env);
  if (base.kind === 'invalid') return { exit: Exit.usage, message: base.message };
  const read = await readSources(
    reuse.map((path) => resolve(path)),
    { service: provider === 'local' ? 'local' : base.origin },
  );
  return read.ok ? { sources: read.sources, submissions } : read;
}

/** The plan as JSON: submissions with their states, totals, budget and groups. */
function planJson(
  { list, submissions }: Plan,
  {
    keyStates,
    by,
    budget,
    balance,
  }: { keyStates: KeyStates; by: GroupBy | undefined; budget: CostLimit | null; balance: Balance | null },
): string {
  const rows = submissions.map((submission) => ({
    ...submission,
    state: keyStates.get(submission.key)?.state ?? 'planned',
  }));
  const totals = planTotals(submissions, keyStates);
  const withLeft = budget && { ...budget, left: leftOf(budget, totals.new) };
  const groups = by === undefined ? {} : { [`by_${by}`]: planGroups(submissions, keyStates, by) };
  const money = { totals, budget: withLeft, balance: balanceJson(balance) };
  return `${jsonText({ list, submissions: rows, ...money, ...groups }, 2)}\n`;
}

const CSV_HEADER = ['scene', 'shot', 'model', 'seconds', 'usd', 'state', 'same as', 'prompt'];

/** The plan as CSV, a row per submission; `usd` is empty if the price is unknown. */
function planCsv(
  { submissions }: Plan,
  { keyStates, catalog, isTTY }: { keyStates: KeyStates; catalog: Catalog; isTTY: boolean },
): string {
  const rows = submissions.map(({ scene, id, model, seconds, cost, key, same_as, prompt, segments }) => [
    scene,
    id,
    catalog.find(model)?.name ?? model,
    seconds,
    same_as === null ? cost.usd : 0,
    keyStates.get(key)?.state ?? 'planned',
    same_as,
    segments.length > 0 ? segments.map((segment) => segment.prompt).join(' / ') : prompt,
  ]);
  return `${isTTY ? '' : BYTE_ORDER_MARK}${formatCsv(CSV_HEADER, rows)}`;
}
