import { formatClock, formatCount, formatNumber, formatUsd } from '../../base/units.js';
import type { SubmissionState } from '../../manifest/manifest.js';
import { nameOf, resolveCommand, settleCommand } from '../../run/messages.js';
import type { KeyState } from '../../run/records/render.js';
import { isOpen } from '../../run/requests/ask-service.js';
import type { RequestState, ResultAnswer } from '../../runcomfy/service.js';
import { formatTable } from '../../ui/table.js';
import { visible } from '../../ui/visible.js';

/** An open submission, and the service's answer about it; null if it was not asked. */
export interface StatusRow {
  readonly known: KeyState;
  readonly answer: ResultAnswer | null;
}

export interface StatusScreen {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The run directory, as it is typed. */
  readonly place: string;
  /** True for a rehearsal, which has no column of costs. */
  readonly free: boolean;
  /** Terminal columns. */
  readonly width: number;
  readonly color: boolean;
}

/** The service's answer in a word or two. */
export function answerWords({ known, answer }: StatusRow): string {
  if (answer === null) return known.requestId === null ? 'cannot be asked: no request id' : 'not asked';
  switch (answer.kind) {
    case 'state':
      return stateWords(answer.request);
    case 'forgotten':
      return 'not known';
    case 'refused':
      return visible(answer.message);
    case 'unreachable':
      return answer.status === null ? 'no answer' : `no usable answer (${answer.status})`;
  }
}

function stateWords({ status, rawStatus, queuePosition, error }: RequestState): string {
  switch (status) {
    case 'queued':
      if (queuePosition === null) return 'queued';
      return queuePosition === 0 ? 'queued, next' : `queued, ${formatNumber(queuePosition)} ahead`;
    case 'rendering':
      return 'rendering';
    case 'completed':
      return 'done';
    case 'failed':
      return error === null ? 'failed' : `failed: ${visible(error)}`;
    case 'cancelled':
      return 'cancelled';
    case 'unfamiliar':
      return visible(rawStatus);
  }
}

/** A table of the open submissions, the counts of all submissions, and what to do next. */
export function formatStatus(
  rows: readonly StatusRow[],
  { all, screen }: { readonly all: readonly KeyState[]; readonly screen: StatusScreen },
): string {
  const table = formatTable({
    columns: [
      { title: 'shot', shrinkTo: 12 },
      { title: 'here' },
      { title: 'the service says', shrinkTo: 12 },
      { title: 'request', shrinkTo: 8 },
      { title: 'age', align: 'right' },
      ...(screen.free ? [] : [{ title: 'cost', align: 'right' } as const]),
    ],
    rows: rows.map((row) => cellsOf(row, screen)),
    width: screen.width,
    color: screen.color,
  });
  const lines = [countsLine(all), ...nextSteps(rows, { all, place: screen.place })];
  return `${table}${table === '' ? '' : '\n'}${lines.join('\n')}\n`;
}

function cellsOf(row: StatusRow, { now, free }: StatusScreen): string[] {
  const { known } = row;
  const { submission, state, cancelling, requestId, sentAt } = known;
  const age = Math.max(0, (now - Date.parse(sentAt)) / 1000);
  const here = cancelling && state === 'submitted' ? 'cancelling' : state;
  return [
    submission.id,
    here,
    answerWords(row),
    requestId ?? '',
    formatClock(age),
    ...(free ? [] : [costOf(row)]),
  ];
}

/** The cost that the service reports, else the estimate of the plan. */
function costOf({ known, answer }: StatusRow): string {
  // A cancelled request costs nothing.
  if (answer?.kind === 'state' && answer.request.status === 'cancelled') return '';
  const reported = answer?.kind === 'state' ? answer.request.cost : null;
  const actual = reported ?? known.cost;
  if (actual !== null) return formatUsd(actual);
  const { usd } = known.submission.cost;
  return usd === null ? formatUsd(null) : `~${formatUsd(usd)}`;
}

const OPEN: Readonly<Partial<Record<SubmissionState, string>>> = {
  submitted: 'with the service',
  completed: 'rendered but not here',
  unknown: 'unknown',
};

const SETTLED: Readonly<Partial<Record<SubmissionState, string>>> = {
  done: 'done',
  failed: 'failed',
  refused: 'refused',
  cancelled: 'cancelled',
};

/** `11 open: 10 with the service, 1 unknown. Settled: 1 done.` */
function countsLine(all: readonly KeyState[]): string {
  const count = (words: typeof OPEN) =>
    Object.entries(words).flatMap(([state, word]) => {
      const found = all.filter((known) => known.state === state).length;
      return found === 0 ? [] : [`${formatNumber(found)} ${word}`];
    });
  const open = all.filter(isOpen).length;
  const settled = count(SETTLED);
  const head = open === 0 ? 'Nothing is open.' : `${formatNumber(open)} open: ${count(OPEN).join(', ')}.`;
  return settled.length === 0 ? head : `${head} Settled: ${settled.join(', ')}.`;
}

function nextSteps(
  rows: readonly StatusRow[],
  { all, place }: { readonly all: readonly KeyState[]; readonly place: string },
): string[] {
  const steps: string[] = [];
  const rendered = rows.filter(({ known, answer }) => known.state !== 'unknown' && isRendered(known, answer));
  if (rendered.length > 0) {
    steps.push(`${formatCount(rendered.length, 'clip')} can be fetched: run the list again.`);
  }
  const [oldest] = rows.filter(isRendering).toSorted((a, b) => (a.known.sentAt < b.known.sentAt ? -1 : 1));
  if (oldest) {
    const command = settleCommand(place, nameOf(oldest.known, all), '--give-up');
    steps.push(`If ${visible(oldest.known.submission.id)} never ends, do not wait for it: ${command}`);
  }
  const gone = rows.filter(({ answer }) => answer?.kind === 'state' && answer.request.status === 'cancelled');
  const ours = gone.filter(({ known }) => known.cancelling);
  if (ours.length > 0) {
    steps.push(
      `${formatCount(ours.length, 'shot')} cancelled, as asked: the next run takes that down, and the one after sends them.`,
    );
  }
  const unknown = rows.filter(({ known }) => known.state === 'unknown');
  for (const { known, answer } of unknown) {
    if (answer?.kind !== 'state' || known.requestId === null) continue;
    const { id } = known.submission;
    const command = resolveCommand(place, { shot: nameOf(known, all), requestId: known.requestId });
    steps.push(`The service knows the request of ${visible(id)} again: ${command}`);
  }
  const lost = unknown.filter(({ answer }) => answer?.kind !== 'state').length;
  if (lost > 0) {
    const [are, them] = lost === 1 ? ['is', 'it'] : ['are', 'them'];
    steps.push(
      `${formatCount(lost, 'submission')} ${are} unknown: look for ${them} on RunComfy's site by time, model and prompt, then settle ${them} with shotlist resolve.`,
    );
  }
  return steps;
}

function isRendering({ known, answer }: StatusRow): boolean {
  return known.state === 'submitted' && answer?.kind === 'state' && !NOT_RENDERING.has(answer.request.status);
}

/** States in which a request ends by itself, or is cancelled with another command. */
const NOT_RENDERING: ReadonlySet<RequestState['status']> = new Set([
  'queued',
  'completed',
  'failed',
  'cancelled',
]);

function isRendered(known: KeyState, answer: ResultAnswer | null): boolean {
  if (answer?.kind === 'state') return answer.request.status === 'completed';
  return known.state === 'completed' && answer?.kind !== 'forgotten';
}
