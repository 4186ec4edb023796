import { Exit } from '../base/exit.js';
import { formatCount, formatSeconds, formatUsd } from '../base/units.js';
import type { EndOfRun } from './end-of-run.js';

/** Names in a sentence; the rest is a number. Our choice. */
const MOST_NAMED = 10;

/**
 * The end of a run for people, in two or three lines. Means the same to every chat: no sign in it calls anybody, links
 * anywhere or is markup.
 */
export function wordsFor(end: EndOfRun): string {
  const { list, provider, exit, states, seconds } = end;
  const all = Object.values(states).reduce((sum, count) => sum + count, 0);
  const what = provider === 'local' ? 'The rehearsal of' : 'The run of';
  const first = `${what} ${harmless(list)} ${outcome(exit)}: ${states.done ?? 0} of ${formatCount(all, 'clip')}, ${formatSeconds(seconds)}.`;
  return [first, ...(provider === 'local' ? [] : [cost(end)]), ...troubles(end)].join('\n');
}

function outcome(exit: number): string {
  if (exit === Exit.done) return 'is done';
  if (exit === Exit.interrupted) return 'was stopped';
  return `ended with exit ${exit}`;
}

function cost({ usd, usd_unknown }: EndOfRun): string {
  if (usd === 0 && usd_unknown === 0) return 'Nothing was spent.';
  const unknown = usd_unknown === 0 ? '' : `; ${formatCount(usd_unknown, 'submission')} at an unknown cost`;
  return `Cost: ${formatUsd(usd)}${unknown}.`;
}

function troubles({ states, blocked, left_out, failures }: EndOfRun): string[] {
  const counts = [
    ...(['failed', 'refused', 'unknown'] as const).flatMap((state) =>
      (states[state] ?? 0) > 0 ? [`${states[state]} ${state}`] : [],
    ),
    ...(blocked > 0 ? [`${blocked} not sent because of another`] : []),
    ...(left_out > 0 ? [`${left_out} left out to keep a limit`] : []),
  ];
  if (counts.length === 0) return [];
  const total = (states.failed ?? 0) + (states.refused ?? 0) + (states.unknown ?? 0);
  const named = failures
    .slice(0, MOST_NAMED)
    .map(({ id, code }) => (code === null ? id : `${id} (${code})`))
    .map(harmless);
  const more = named.length < total ? [`${total - named.length} more`] : [];
  const names = named.length > 0 ? `: ${[...named, ...more].join(', ')}` : '';
  return [`${counts.join(', ')}${names}.`];
}

/** Letters, digits and few signs: `@everyone`, `<!channel>` and `[a link](https://…)` are words like others. */
function harmless(text: string): string {
  return text.replace(/[^\p{L}\p{M}\p{N} ().-]+/gu, '-').slice(0, 120);
}
