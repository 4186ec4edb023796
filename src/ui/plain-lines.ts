import { formatNumber, formatUsd } from '../base/units.js';
import type { ClipChecked, LiveState, Notice, RunEvent, RunStarted, ShotChanged } from '../run/events.js';
import { costWords, leftOutLine, limitWords } from './cost-words.js';
import type { Paint } from './paint.js';
import { visible } from './visible.js';

export interface PlainLines {
  /** The line an event is worth, without its line break; null for one that is not. */
  line(event: RunEvent): string | null;
}

/** Least time between two lines about the cost, milliseconds: enough to follow a long run, few enough to read. */
const COST_EVERY = 30_000;

/**
 * A run as plain lines, one for each change that matters: accepted by the service, done with its file, or why
 * not. A request is said to be submitted once, however often its place in the queue changes.
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

function isWithService(state: LiveState): state is 'queued' | 'rendering' | 'downloading' {
  return state === 'queued' || state === 'rendering' || state === 'downloading';
}

/** What the run is about to do, by what happens to each submission. */
export function startedLine({ counts, usd, usd_unknown, service, limits }: RunStarted): string {
  const again = counts.to_retry > 0 ? ` (${formatNumber(counts.to_retry)} again after a failure)` : '';
  const parts = [
    `${formatNumber(counts.to_send)} to render${again}`,
    ...(counts.adopted > 0 ? [`${formatNumber(counts.adopted)} already with the service`] : []),
    ...(counts.kept > 0 ? [`${formatNumber(counts.kept)} here from before`] : []),
    ...(counts.held > 0 ? [`${formatNumber(counts.held)} held back`] : []),
  ];
  const isFree = service === 'local' || counts.to_send === 0;
  const cost = isFree ? '' : `; estimated cost ${knownAndUnknown(usd, usd_unknown)}`;
  const kept = isFree ? [] : limits.map((limit) => `; ${limitWords(limit)}`);
  return `${parts.join(', ')}${cost}${kept.join('')}`;
}

/** `$2.69 + 2 unknown`: unknown is shown as unknown, never as nothing. */
function knownAndUnknown(usd: number, unknown: number): string {
  if (unknown === 0) return formatUsd(usd);
  return usd === 0 ? formatUsd(null) : `${formatUsd(usd)} + ${unknown} unknown`;
}

/** A notice, which says how serious it is in words as well as in colour. */
export function noticeLine({ level, message }: Notice, paint: Paint): string {
  return level === 'warning'
    ? `${paint.yellow('warning:')} ${visible(message)}`
    : `note: ${visible(message)}`;
}

/** Where a clip is not what was asked for; null for one that is. */
export function flagLine({ id, flags }: ClipChecked, paint: Paint): string | null {
  if (flags.length === 0) return null;
  const words = flags.map(({ message }) => visible(message)).join(', ');
  return [visible(id), paint.yellow('flagged'), words].join('  ');
}

/** Red is for what somebody has to look at; the next run takes care of what is yellow. */
const END_COLOUR = {
  done: 'green',
  cancelled: 'yellow',
  unfinished: 'yellow',
  failed: 'red',
  refused: 'red',
  blocked: 'red',
  unknown: 'red',
} as const;

/** How a shot ended, with its file or the reason; null while it has not, and where one notice speaks for many. */
export function endLine(event: ShotChanged, paint: Paint): string | null {
  const { state } = event;
  if (state === 'waiting' || state === 'submitting' || state === 'unsent' || isWithService(state))
    return null;
  const rest = [
    ...(event.file === null ? [] : [visible(event.file)]),
    // A rehearsal costs nothing, and a line that says so each time is no help.
    ...(event.usd === null || event.usd === 0 ? [] : [formatUsd(event.usd)]),
    ...(event.message === null ? [] : [visible(event.message)]),
  ];
  return [visible(event.id), paint[END_COLOUR[state]](state), ...rest].join('  ');
}
