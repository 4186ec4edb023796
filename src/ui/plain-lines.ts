import { byBills, formatCount, formatNumber, formatUsd } from '../base/units.js';
import type {
  ClipChecked,
  CostChanged,
  CostLimit,
  LeftOut,
  LiveState,
  Notice,
  RunEvent,
  RunStarted,
  ShotChanged,
} from '../run/events.js';
import type { Paint } from './paint.js';
import { visible } from './visible.js';

/** Writer of a run as plain lines. */
export interface PlainLines {
  /** The line for an event, without its line break; null for an event that gets none. */
  line(event: RunEvent): string | null;
}

/** Least time between two lines about the cost, milliseconds. */
const COST_EVERY = 30_000;

/**
 * A run as plain lines, one for each change that matters: a shot is accepted by the service, done, or failed for a
 * reason. A request gets only one line `submitted`; further changes of its place in the queue get none.
 */
export function createPlainLines(paint: Paint): PlainLines {
  const submitted = new Map<string, string | null>();
  let costAt = 0;
  return {
    line(event) {
      switch (event.event) {
        case 'run_started':
          costAt = Date.parse(event.at);
          return startedLine(event);
        case 'cost': {
          const now = Date.parse(event.at);
          if (now - costAt < COST_EVERY) return null;
          costAt = now;
          return `cost: ${costWords(event)}`;
        }
        case 'left_out':
          return leftOutLine(event, paint);
        case 'check':
          return flagLine(event, paint);
        case 'notice':
          return noticeLine(event, paint);
        case 'shot': {
          if (event.state === 'downloading') return null;
          if (!isWithService(event.state)) return endLine(event, paint);
          if (submitted.get(event.id) === event.request_id) return null;
          submitted.set(event.id, event.request_id);
          return `${visible(event.id)}  submitted${event.request_id === null ? '' : `  ${visible(event.request_id)}`}`;
        }
        case 'download':
        case 'run_finished':
          return null;
      }
    },
  };
}

function isWithService(state: LiveState): state is 'queued' | 'rendering' {
  return state === 'queued' || state === 'rendering';
}

/** Summary of the work ahead: number of submissions by what happens to them, cost, limits. */
export function startedLine({ counts, usd, usd_unknown, bills, service, limits }: RunStarted): string {
  const again = counts.to_retry > 0 ? ` (${formatNumber(counts.to_retry)} again after a failure)` : '';
  const here = counts.kept - counts.not_here;
  const parts = [
    `${formatNumber(counts.to_send)} to render${again}`,
    ...(counts.adopted > 0 ? [`${formatNumber(counts.adopted)} already with the service`] : []),
    ...(counts.to_fetch > 0 ? [`${formatNumber(counts.to_fetch)} to fetch`] : []),
    ...(here > 0 ? [`${formatNumber(here)} here from before`] : []),
    ...(counts.not_here > 0 ? [`${formatNumber(counts.not_here)} rendered before and not here`] : []),
    ...(counts.held > 0 ? [`${formatNumber(counts.held)} held back`] : []),
  ];
  const isFree = service === 'local' || counts.to_send === 0;
  const cost = isFree ? '' : `; estimated cost ${knownAndUnknown(usd, usd_unknown)}${byBills(bills)}`;
  const kept = isFree ? [] : limits.map((limit) => `; ${limitWords(limit)}`);
  return `${parts.join(', ')}${cost}${kept.join('')}`;
}

/** `$2.69 + 2 unknown`: an unknown cost is never shown as zero. */
function knownAndUnknown(usd: number, unknown: number): string {
  if (unknown === 0) return formatUsd(usd);
  return usd === 0 ? formatUsd(null) : `${formatUsd(usd)} + ${unknown} unknown`;
}

/** A notice, with its level as a word. */
export function noticeLine({ level, message }: Notice, paint: Paint): string {
  return level === 'warning'
    ? `${paint.yellow('warning:')} ${visible(message)}`
    : `note: ${visible(message)}`;
}

/** Line for a clip that differs from what was asked; null for one without flags. */
export function flagLine({ id, flags }: ClipChecked, paint: Paint): string | null {
  if (flags.length === 0) return null;
  const words = flags.map(({ message }) => visible(message)).join(', ');
  return [visible(id), paint.yellow('flagged'), words].join('  ');
}

/** Red: a person must act. Yellow: the next run takes care of it. */
const END_COLOUR = {
  done: 'green',
  cancelled: 'yellow',
  unfinished: 'yellow',
  failed: 'red',
  refused: 'red',
  blocked: 'red',
  unknown: 'red',
} as const;

/** Line for the end of a shot, with its file or the reason; null before the end, and for `unsent`, which one notice explains for all. */
export function endLine(event: ShotChanged, paint: Paint): string | null {
  const { state } = event;
  if (state === 'waiting' || state === 'submitting' || state === 'unsent' || isWithService(state))
    return null;
  if (state === 'downloading') return null;
  const rest = [
    ...(event.file === null ? [] : [visible(event.file)]),
    // A rehearsal costs nothing.
    ...(event.usd === null || event.usd === 0 ? [] : [formatUsd(event.usd)]),
    ...(event.message === null ? [] : [visible(event.message)]),
  ];
  return [visible(event.id), paint[END_COLOUR[state]](state), ...rest].join('  ');
}

/** `$1.26 so far, $2.52 to come; budget $13.20 of $25.00`: cost of a run so far and to come, and its limits. */
function costWords({ usd, usd_to_come, usd_unknown, limits }: Omit<CostChanged, 'event' | 'at'>): string {
  const unknown = usd_unknown === 0 ? '' : `, ${usd_unknown} unknown`;
  const amounts = `${formatUsd(usd)} so far, ${formatUsd(usd_to_come)} to come${unknown}`;
  return [amounts, ...limits.map(limitWords)].join('; ');
}

/** `budget $13.20 of $25.00`: spent part of a limit. */
export function limitWords({ limit, usd, spent }: CostLimit): string {
  return `${limit} ${formatUsd(spent)} of ${formatUsd(usd)}`;
}

/** Most ids in one line. */
const MOST_IDS = 20;

/** Warning about the shots left out to keep a limit, and the limit that would be enough for them. */
export function leftOutLine({ ids, usd, usd_unknown, limits }: LeftOut, paint: Paint): string {
  const more = ids.length > MOST_IDS ? ` and ${ids.length - MOST_IDS} more` : '';
  const names = `${ids.slice(0, MOST_IDS).map(visible).join(', ')}${more}`;
  const unknown = usd_unknown === 0 ? '' : ` + ${usd_unknown} unknown`;
  const what = `${formatCount(ids.length, 'shot')} left out: ${names}, about ${formatUsd(usd)}${unknown}.`;
  return [`${paint.yellow('warning:')} ${what}`, ...limits.map((limit) => limitAdvice(limit, usd))].join(' ');
}

/** Sentence with the limit that would be enough for all shots left out. */
function limitAdvice({ limit, usd, spent }: CostLimit, wanted: number): string {
  if (limit === 'max-cost') {
    return `${formatUsd(spent)} of --max-cost ${usd} is spent; another run with --max-cost ${roundedUp(wanted)} sends them all.`;
  }
  return `${formatUsd(spent)} of the budget of ${formatUsd(usd)} is spent; \`budget: ${roundedUp(spent + wanted)}\` would do for all of them.`;
}

/** USD for a list or a flag, rounded up to cents so that it is enough. */
function roundedUp(usd: number): string {
  return (Math.ceil(Math.round(usd * 1e6) / 1e4) / 100).toFixed(2);
}
