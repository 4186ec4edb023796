import { byBills, formatCount, formatRate, formatSeconds, formatTotal, formatUsd } from '../../base/units.js';
import type { Catalog } from '../../models/catalog.js';
import { type Totals, totalsOf } from '../../plan/cost.js';
import { billsBehind } from '../../plan/learned-price.js';
import type { Plan, ServiceDefault, Submission } from '../../plan/plan.js';
import type { CostLimit } from '../../run/events.js';
import { type KeyState, type KeyStates, mayRetry } from '../../run/records/render.js';
import type { Balance } from '../../runcomfy/service.js';
import { INDENT, wrap } from '../../ui/fit.js';
import { createPaint } from '../../ui/paint.js';
import { formatTable } from '../../ui/table.js';
import { visible } from '../../ui/visible.js';
import { balanceSentence } from '../run/balance.js';
import { budgetSentence } from '../run/budget.js';
import type { PriceNote } from './live-prices.js';

/** Grouping of the rows of a plan. */
export type GroupBy = 'scene' | 'model';

/** Totals of all submissions, and of those that a run would send. Submissions with the same key count once. */
export interface PlanTotals {
  readonly all: Totals;
  readonly new: Totals;
}

/** Totals of one scene or model. */
export interface PlanGroup extends PlanTotals {
  /** Scene, or full model id; null for shots without a scene. */
  readonly name: string | null;
  /** Number of shots of the list, not of submissions. */
  readonly shots: number;
}

interface Screen {
  readonly width: number;
  readonly color: boolean;
}

/** Facts and options that a plan is shown with. */
interface PlanView {
  readonly keyStates: KeyStates;
  readonly by: GroupBy | undefined;
  /** True to show the prompt of each submission as it would be sent. */
  readonly prompts: boolean;
  readonly catalog: Catalog;
  /** Budget of the list and the spent part of it; null for a list without one. */
  readonly budget: CostLimit | null;
  /** Balance of the account; null if it was not asked for, or is not known. */
  readonly balance: Balance | null;
  /** RunComfy's notes about the prices, with `--live-prices`. */
  readonly notes: readonly PriceNote[];
}

/** Totals of submissions, by what the records say of them. */
export function planTotals(submissions: readonly Submission[], keyStates: KeyStates): PlanTotals {
  const posts = submissions.filter(({ same_as }) => same_as === null);
  return { all: totalsOf(posts), new: totalsOf(newOf(posts, keyStates)) };
}

/** Submissions that a run would send. */
function newOf(submissions: readonly Submission[], keyStates: KeyStates): readonly Submission[] {
  return submissions.filter((one) => one.same_as === null && isNew(one, keyStates.get(one.key)));
}

/** Totals of a plan by scene or model, in the order of their first shots. */
export function planGroups(
  submissions: readonly Submission[],
  keyStates: KeyStates,
  by: GroupBy,
): readonly PlanGroup[] {
  const groups = new Map<string | null, Submission[]>();
  for (const submission of submissions) {
    const group = groups.get(submission[by]);
    if (group) group.push(submission);
    else groups.set(submission[by], [submission]);
  }
  return [...groups].map(([name, members]) => ({
    name,
    shots: new Set(members.map(({ shot }) => shot)).size,
    ...planTotals(members, keyStates),
  }));
}

const NEW: ReadonlySet<KeyState['state']> = new Set(['planned', 'refused', 'cancelled']);

function isNew({ retries }: Submission, known: KeyState | undefined): boolean {
  return known === undefined || NEW.has(known.state) || mayRetry(known, retries);
}

const STATES: Readonly<Record<KeyState['state'], string>> = {
  planned: 'new',
  refused: 'new (refused before)',
  cancelled: 'new (cancelled before)',
  submitted: 'with the service',
  completed: 'rendered, to fetch',
  done: 'rendered',
  failed: 'failed',
  unknown: 'unknown: may be paid',
};

function stateOf({ retries }: Submission, known: KeyState | undefined): string {
  if (known && mayRetry(known, retries)) return 'failed, to be sent again';
  return STATES[known?.state ?? 'planned'];
}

/** A plan for people: a row per submission, scene or model, and a sentence about what a run would send. */
export function formatPlan(
  { list, submissions }: Plan,
  { keyStates, by, prompts, catalog, notes, budget, balance, ...screen }: Screen & PlanView,
): string {
  const totals = planTotals(submissions, keyStates);
  const { new: toSend } = totals;
  const table =
    by === undefined
      ? submissionTable(submissions, { keyStates, totals, catalog, screen })
      : groupTable(planGroups(submissions, keyStates, by), { by, totals, catalog, screen });
  const next =
    toSend.submissions === 0
      ? 'Nothing is new: a run would submit nothing.'
      : `A run would send ${formatCount(toSend.submissions, 'submission')}: ${formatSeconds(toSend.seconds)} of video, ${formatTotal(toSend)}.`;
  const bills = billsBehind(newOf(submissions, keyStates));
  const fits = [
    ...(budget ? [`${budgetSentence(budget, toSend, bills)}\n`] : []),
    ...(balance ? [`${balanceSentence(balance, toSend.usd)}\n`] : []),
  ].join('');
  const words = prompts ? `${promptBlocks(submissions, screen)}\n` : '';
  return `${visible(list.title ?? list.name)}\n\n${table}\n${words}${next}\n${fits}${priceNote(submissions, { catalog, notes })}`;
}

/** Prompt of each submission as it would be sent, with camera, look and elements. */
function promptBlocks(submissions: readonly Submission[], { width, color }: Screen): string {
  const paint = createPaint(color);
  const blocks = submissions.map(({ id, prompt, segments }) => {
    const beats = segments.map((segment) => `${segment.seconds} s  ${segment.prompt}`);
    const lines = (beats.length > 0 ? beats : [prompt]).map((line) =>
      wrap(INDENT + visible(line), width, '    '),
    );
    return [paint.bold(visible(id)), ...lines].join('\n');
  });
  return `${blocks.join('\n')}\n`;
}

function submissionTable(
  submissions: readonly Submission[],
  {
    keyStates,
    totals,
    catalog,
    screen,
  }: { keyStates: KeyStates; totals: PlanTotals; catalog: Catalog; screen: Screen },
): string {
  return formatTable({
    columns: [
      { title: 'shot', shrinkTo: 12 },
      { title: 'model' },
      { title: 'length', align: 'right' },
      { title: 'segments', align: 'right' },
      { title: 'cost', align: 'right' },
      { title: 'the service adds', shrinkTo: 16 },
      { title: 'state', shrinkTo: 8 },
    ],
    rows: submissions.map((submission) => [
      submission.id,
      modelName(submission.model, catalog),
      `${submission.seconds} s`,
      submission.segments.length > 0 ? String(submission.segments.length) : '',
      submission.same_as === null ? formatUsd(submission.cost.usd) : '',
      submission.defaults.map(describeDefault).join(', '),
      submission.same_as === null
        ? stateOf(submission, keyStates.get(submission.key))
        : `same as ${submission.same_as}`,
    ]),
    footer: ['total', '', formatSeconds(totals.all.seconds), '', formatTotal(totals.all), '', ''],
    ...screen,
  });
}

function groupTable(
  groups: readonly PlanGroup[],
  { by, totals, catalog, screen }: { by: GroupBy; totals: PlanTotals; catalog: Catalog; screen: Screen },
): string {
  const cells = ({ all, new: toSend }: PlanTotals, shots: number) => [
    String(shots),
    formatSeconds(all.seconds),
    formatTotal(all),
    toSend.submissions === 0 ? '' : String(toSend.submissions),
    toSend.submissions === 0 ? '' : formatTotal(toSend),
  ];
  const titleOf = (name: string | null) =>
    by === 'model' ? modelName(name ?? '', catalog) : (name ?? 'no scene');
  const shots = groups.reduce((sum, group) => sum + group.shots, 0);
  return formatTable({
    columns: [
      { title: by, shrinkTo: 12 },
      { title: 'shots', align: 'right' },
      { title: 'length', align: 'right' },
      { title: 'cost', align: 'right' },
      { title: 'new', align: 'right' },
      { title: 'cost of new', align: 'right' },
    ],
    rows: groups.map((group) => [titleOf(group.name), ...cells(group, group.shots)]),
    footer: ['total', ...cells(totals, shots)],
    ...screen,
  });
}

function modelName(id: string, catalog: Catalog): string {
  return catalog.find(id)?.name ?? id;
}

function describeDefault({ field, value, usd }: ServiceDefault): string {
  const shown = value === true ? field : value === false ? `no ${field}` : `${field} ${value}`;
  return usd === null ? shown : `${shown} (${formatUsd(usd)})`;
}

function priceNote(
  submissions: readonly Submission[],
  { catalog, notes }: Pick<PlanView, 'catalog' | 'notes'>,
): string {
  const live = submissions.find(({ cost }) => cost.live)?.cost;
  const filed = submissions.filter(({ cost }) => !cost.live && !cost.bills);
  const dates = [...new Set(filed.flatMap(({ cost }) => cost.date ?? []))].sort();
  const unknown = [...new Set(submissions.filter(({ cost }) => cost.usd === null).map(({ model }) => model))];
  return [
    ...(live ? [`Live prices, as RunComfy’s catalog has them today, ${live.date}.\n`] : []),
    ...notes.map(({ model, note }) => `RunComfy on ${modelName(model, catalog)}: ${visible(note)}\n`),
    ...learnedPrices(submissions, catalog),
    ...(dates.length > 0 ? [`Prices as RunComfy showed them on ${dates.join(' and ')}; they change.\n`] : []),
    ...(unknown.length > 0
      ? [`No price is known for ${unknown.map((id) => modelName(id, catalog)).join(', ')}.\n`]
      : []),
  ].join('');
}

/** Sentences on the prices that are learned from bills, one for each model and sound. */
function learnedPrices(submissions: readonly Submission[], catalog: Catalog): readonly string[] {
  const sentences = submissions.flatMap(({ model, audio, cost }) => {
    const { rate, usd, bills = 0 } = cost;
    if (bills === 0) return [];
    const price = rate === null ? `${formatUsd(usd)} a video` : formatRate(rate);
    const sound = audio ? 'with audio' : 'silent';
    return `${modelName(model, catalog)} ${sound}: ${price}${byBills(bills)}.\n`;
  });
  return [...new Set(sentences)];
}
