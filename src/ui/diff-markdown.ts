import type { Difference } from '../plan/diff.js';
import { amounts } from './diff.js';
import {
  countWords,
  type DiffPage,
  differenceWords,
  fieldWords,
  NOTHING_NEW,
  submitWords,
} from './diff-words.js';
import { formatSeconds, formatTotal } from './units.js';
import { visible } from './visible.js';

/** A comment on GitHub holds 65,536 characters, and a reviewer reads fewer. */
const MOST_ROWS = 50;
const MOST_FIELDS = 6;

/**
 * A diff as a comment for a pull request, in GitHub's Markdown. What comes from lists stands in code spans, where
 * nothing is markup, a link or a mention.
 */
export function formatDiffMarkdown({ diff, title, against, unpriced }: DiffPage): string {
  const { differences, before, after } = diff;
  const heading = `**${code(title)}**, compared with ${code(against)}`;
  if (differences.length === 0) return `${heading}\n\nNo difference.\n`;
  const hidden = differences.length - MOST_ROWS;
  const table = [
    '| | shot | what is different | length | cost |',
    '|---|---|---|--:|--:|',
    ...differences.slice(0, MOST_ROWS).map(row),
    ...(hidden > 0 ? [`| | … | ${hidden.toLocaleString('en-US')} more | | |`] : []),
  ];
  const sums = [
    '| | submissions | length | cost |',
    '|---|--:|--:|--:|',
    `| before | ${before.submissions} | ${formatSeconds(before.seconds)} | ${formatTotal(before)} |`,
    `| after | ${after.submissions} | ${formatSeconds(after.seconds)} | ${formatTotal(after)} |`,
    `| difference | ${signed(after.submissions - before.submissions)} | ${signed(after.seconds - before.seconds)} s | ${differenceWords(diff)} |`,
  ];
  const unknown = unpriced.length > 0 ? [`No price is known for ${unpriced.map(code).join(', ')}.`] : [];
  const words = [`**${submitWords(diff)}**`, `${countWords(diff)}.`, ...unknown].join(' ');
  return `${[heading, '', words, '', ...table, '', ...sums].join('\n')}\n`;
}

function row(one: Difference): string {
  const { kind, id, was, changes, submits, after } = one;
  const shown = changes.slice(0, MOST_FIELDS).map((change) => {
    const { name, before, after: now } = fieldWords(change);
    return `${code(name)}: ${code(before)} → ${code(now)}`;
  });
  const hidden = changes.length - shown.length;
  const there = after && !submits ? [NOTHING_NEW] : [];
  const what = [...there, ...shown, ...(hidden > 0 ? [`${hidden} more`] : [])].join('<br>');
  const { seconds, usd } = amounts(one);
  const cost = kind === 'renamed' || kind === 'edited' ? '' : usd;
  const name = was === null ? code(id) : `${code(was)} → ${code(id)}`;
  return `| ${kind} | ${name} | ${what} | ${seconds} | ${cost} |`;
}

function signed(number: number): string {
  return number > 0 ? `+${number}` : String(number);
}

/** A code span that holds in a table: its fence is longer than any run of backticks in the text. */
function code(text: string): string {
  const line = visible(text);
  const runs = line.match(/`+/g) ?? [];
  const fence = '`'.repeat(runs.reduce((longest, run) => Math.max(longest, run.length), 0) + 1);
  // A backslash before the one that guards a pipe would undo it; a space of no width keeps them apart.
  const cell = line.replaceAll('\\|', '\\\u200b|').replaceAll('|', '\\|');
  // Spaces inside the fence keep a backtick, or a text that is nothing, apart from it.
  const space = line.trim() === '' || line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${fence}${space}${cell}${space}${fence}`;
}
