import { formatSeconds, formatTotal, formatUsd } from '../base/units.js';
import type { Difference, DifferenceKind } from '../plan/diff.js';
import {
  arrow,
  countWords,
  differenceWords,
  type FieldWords,
  fieldWords,
  type NamedDiff,
  NOTHING_NEW,
  submitWords,
} from './diff-words.js';
import { INDENT, pad, widest, wrap } from './fit.js';
import { createPaint, type Paint } from './paint.js';
import { visible } from './visible.js';

interface Screen {
  /** Terminal columns to fit in; `Infinity` to leave lines as long as they are. */
  readonly width: number;
  readonly color: boolean;
}

/** Longest change written on one line, columns: a longer one is easier to compare on two. */
const ONE_LINE = 100;

const COLORS: Readonly<Record<DifferenceKind, keyof Paint>> = {
  added: 'green',
  changed: 'yellow',
  renamed: 'cyan',
  edited: 'cyan',
  removed: 'red',
};

/** A diff for a terminal or a pipe: each difference with its fields, then the sums. Ends with a newline. */
export function formatDiff({ diff, title, against, unpriced }: NamedDiff, screen: Screen): string {
  const heading = wrap(`${visible(title)}, compared with ${visible(against)}`, screen.width);
  if (diff.differences.length === 0) return `${heading}\n\nNo difference.\n`;
  const paint = createPaint(screen.color);
  const { before, after } = diff;
  const sums = `All of it: ${arrow(formatSeconds(before.seconds), formatSeconds(after.seconds))}, ${arrow(
    formatTotal(before),
    formatTotal(after),
  )}; ${differenceWords(diff)}.`;
  const notes = [
    `${countWords(diff)}.`,
    submitWords(diff),
    sums,
    ...(unpriced.length > 0 ? [`No price is known for ${unpriced.join(', ')}.`] : []),
  ].map((note) => wrap(note, screen.width));
  return `${[heading, '', ...differenceLines(diff.differences, { screen, paint }), '', ...notes].join('\n')}\n`;
}

function differenceLines(
  differences: readonly Difference[],
  { screen, paint }: { screen: Screen; paint: Paint },
): readonly string[] {
  const names = differences.map(({ was, id }) => visible(arrow(was ?? undefined, id)));
  const nameWidth = widest(names);
  const kindWidth = widest(differences.map(({ kind }) => kind));
  return differences.flatMap((one, index) => {
    const { kind, changes } = one;
    const name = names[index] ?? '';
    const room = screen.width - kindWidth - nameWidth - 2 * INDENT.length;
    const facts = factsOf(one);
    const kindCell = paint[COLORS[kind]](pad(kind, kindWidth));
    // Long ids leave no room: the facts go on a line of their own.
    const head =
      widest([facts]) <= room
        ? [`${kindCell}${INDENT}${pad(name, nameWidth)}${INDENT}${facts}`.trimEnd()]
        : [wrap(`${kindCell}${INDENT}${name}`, screen.width), wrap(`${INDENT}${facts}`, screen.width)];
    return [...head, ...changes.flatMap((change) => fieldLines(fieldWords(change), { screen, paint }))];
  });
}

function factsOf({ kind, before, after, submits }: Difference): string {
  const { seconds, usd } = amounts({ before, after });
  if (kind === 'renamed' || kind === 'edited') return `${seconds}${INDENT}${NOTHING_NEW}`;
  return `${seconds}${INDENT}${usd}${after && !submits ? `${INDENT}${NOTHING_NEW}` : ''}`;
}

/** Length and cost of a difference; before and after where they differ. */
export function amounts({ before, after }: Pick<Difference, 'before' | 'after'>): {
  readonly seconds: string;
  readonly usd: string;
} {
  const usd = (amount: Difference['before']) => (amount ? formatUsd(amount.usd) : undefined);
  const seconds = (amount: Difference['before']) => (amount ? formatSeconds(amount.seconds) : undefined);
  return { seconds: arrow(seconds(before), seconds(after)), usd: arrow(usd(before), usd(after)) };
}

function fieldLines(
  { name, before, after }: FieldWords,
  { screen: { width }, paint }: { screen: Screen; paint: Paint },
): readonly string[] {
  const line = `${INDENT}${name}: ${before} → ${after}`;
  if (widest([line]) <= Math.min(width, ONE_LINE))
    return [`${INDENT}${paint.dim(`${name}:`)} ${before} → ${after}`];
  const under = INDENT.repeat(3);
  return [
    `${INDENT}${paint.dim(`${name}:`)}`,
    wrap(`${INDENT}${INDENT}${paint.red('-')} ${before}`, width, under),
    wrap(`${INDENT}${INDENT}${paint.green('+')} ${after}`, width, under),
  ];
}
