import { effects } from '../effects.js';
import { Exit, type ExitCode } from '../exit.js';
import { findModel } from '../models/catalog.js';
import { addUsd } from '../plan/cost.js';
import type { Plan, ServiceDefault, Submission } from '../plan/plan.js';
import type { Fold, KeyState } from '../run/fold.js';
import { readRunState } from '../run/run-state.js';
import { formatTable } from '../ui/table.js';
import { formatCount, formatSeconds, formatUsd } from '../ui/units.js';
import { visible } from '../ui/visible.js';
import { checkList } from './check-list.js';
import { type Console, colorOf, exitOf, fail, showDiagnostics, widthOf } from './console.js';
import { type Provider, runDirectory } from './run-directory.js';

/** `shotlist plan`: what would be sent, what it costs, and what is there already. Sends nothing. */
export async function showPlan(
  file: string,
  options: { json?: boolean; provider: Provider; out?: string },
  console: Console,
): Promise<ExitCode> {
  const checked = await checkList(file);
  if (checked.diagnostics.length > 0) await showDiagnostics(console.stderr, checked.diagnostics, console);
  if (!checked.ok) return exitOf(checked.diagnostics);
  const directory = runDirectory(checked.value.list, options);
  const state = await readRunState(directory, new Date(effects.now()).toISOString());
  if (state.kind === 'unreadable') return fail(console, { exit: Exit.invalid, message: state.message });
  const text = options.json ? asJson(checked.value, state.fold) : asTable(checked.value, state.fold, console);
  console.stdout.write(text);
  return Exit.done;
}

function asJson({ list, submissions }: Plan, fold: Fold): string {
  const rows = submissions.map((submission) => ({
    ...submission,
    state: fold.get(submission.key)?.state ?? 'planned',
  }));
  return `${JSON.stringify({ list, submissions: rows, totals: totalsOf(submissions, fold) }, null, 2)}\n`;
}

/** Seconds and USD of all POSTs the list stands for, and of those yet to be made. */
function totalsOf(submissions: readonly Submission[], fold: Fold) {
  const posts = submissions.filter(({ same_as }) => same_as === null);
  const toSend = posts.filter(({ key }) => isNew(fold.get(key)));
  const sum = (some: readonly Submission[]) => ({
    submissions: some.length,
    seconds: addUsd(some.map(({ seconds }) => seconds)),
    usd: addUsd(some.flatMap(({ cost }) => cost.usd ?? [])),
    /** Submissions whose model has no known rate; their cost is not in `usd`. */
    usd_unknown: some.filter(({ cost }) => cost.usd === null).length,
  });
  return { all: sum(posts), new: sum(toSend) };
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

function isNew(known: KeyState | undefined): boolean {
  return known === undefined || known.state === 'refused' || known.state === 'cancelled';
}

function asTable({ list, submissions }: Plan, fold: Fold, console: Console): string {
  const { all, new: toSend } = totalsOf(submissions, fold);
  const table = formatTable({
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
      findModel(submission.model)?.name ?? submission.model,
      `${submission.seconds} s`,
      submission.segments.length > 0 ? String(submission.segments.length) : '',
      submission.same_as === null ? formatUsd(submission.cost.usd) : '',
      submission.defaults.map(describeDefault).join(', '),
      submission.same_as === null
        ? STATES[fold.get(submission.key)?.state ?? 'planned']
        : `same as ${submission.same_as}`,
    ]),
    footer: ['total', '', formatSeconds(all.seconds), '', formatTotal(all), '', ''],
    width: widthOf(console.stdout),
    color: colorOf(console.stdout, console),
  });
  const name = visible(list.title ?? list.name);
  const submission = formatCount(toSend.submissions, 'submission');
  const next =
    toSend.submissions === 0
      ? 'Nothing is new: a run would submit nothing.'
      : `A run would send ${submission}: ${formatSeconds(toSend.seconds)} of video, ${formatTotal(toSend)}.`;
  return `${name}\n\n${table}\n${next}\n${priceNote(submissions)}`;
}

function formatTotal({
  usd,
  usd_unknown,
  submissions,
}: {
  usd: number;
  usd_unknown: number;
  submissions: number;
}): string {
  if (usd_unknown === 0) return formatUsd(usd);
  return usd_unknown === submissions ? 'unknown' : `${formatUsd(usd)} + ${usd_unknown} unknown`;
}

function describeDefault({ field, value, usd }: ServiceDefault): string {
  const shown = value === true ? field : value === false ? `no ${field}` : `${field} ${value}`;
  return usd === null ? shown : `${shown} (${formatUsd(usd)})`;
}

function priceNote(submissions: readonly Submission[]): string {
  const dates = [...new Set(submissions.flatMap(({ cost }) => cost.date ?? []))].sort();
  const unknown = [...new Set(submissions.filter(({ cost }) => cost.usd === null).map(({ model }) => model))];
  const names = unknown.map((id) => findModel(id)?.name ?? id).join(', ');
  return [
    ...(dates.length > 0 ? [`Prices as RunComfy showed them on ${dates.join(' and ')}; they change.\n`] : []),
    ...(unknown.length > 0 ? [`No price is known for ${names}.\n`] : []),
  ].join('');
}
