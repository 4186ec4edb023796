import { formatCount, formatUsd } from '../base/units.js';
import type { CostChanged, CostLimit, LeftOut } from '../run/events.js';
import type { Paint } from './paint.js';
import { visible } from './visible.js';

/** `$1.26 so far, $2.52 to come; budget $13.20 of $25.00`: what a run cost and will. */
export function costWords({
  usd,
  usd_to_come,
  usd_unknown,
  limits,
}: Omit<CostChanged, 'event' | 'at'>): string {
  const unknown = usd_unknown === 0 ? '' : `, ${usd_unknown} unknown`;
  const amounts = `${formatUsd(usd)} so far, ${formatUsd(usd_to_come)} to come${unknown}`;
  return [amounts, ...limits.map(limitWords)].join('; ');
}

/** `budget $13.20 of $25.00`: how much of a limit is spent. */
export function limitWords({ limit, usd, spent }: CostLimit): string {
  return `${limit} ${formatUsd(spent)} of ${formatUsd(usd)}`;
}

/** Most ids in a line: all that a person would look through. */
const NAMED = 20;

/** What was left out to keep a limit, and what it would have to be. */
export function leftOutLine({ ids, usd, usd_unknown, limits }: LeftOut, paint: Paint): string {
  const more = ids.length > NAMED ? ` and ${ids.length - NAMED} more` : '';
  const names = `${ids.slice(0, NAMED).map(visible).join(', ')}${more}`;
  const unknown = usd_unknown === 0 ? '' : ` + ${usd_unknown} unknown`;
  const what = `${formatCount(ids.length, 'shot')} left out: ${names}, about ${formatUsd(usd)}${unknown}.`;
  return [`${paint.yellow('warning:')} ${what}`, ...limits.map((limit) => needed(limit, usd))].join(' ');
}

/** What a limit would have to be for all that was left out, by what is spent already. */
function needed({ limit, usd, spent }: CostLimit, wanted: number): string {
  if (limit === 'max-cost') {
    return `${formatUsd(spent)} of --max-cost ${usd} is spent; another run with --max-cost ${inCents(wanted)} sends them all.`;
  }
  return `${formatUsd(spent)} of the budget of ${formatUsd(usd)} is spent; \`budget: ${inCents(spent + wanted)}\` would do for all of them.`;
}

/** USD as a list or a flag takes it, rounded up so that it is enough. */
function inCents(usd: number): string {
  return (Math.ceil(Math.round(usd * 1e6) / 1e4) / 100).toFixed(2);
}
