import { formatNumber, formatSeconds, formatTotal } from '../base/units.js';
import type { Difference } from '../plan/diff.js';
import type { FieldChange } from '../plan/field-changes.js';
import { amounts } from './diff.js';
import {
  countWords,
  differenceWords,
  fieldWords,
  type NamedDiff,
  NOTHING_NEW,
  submitWords,
} from './diff-words.js';
import { codeCell, codeSpan } from './markdown.js';

/** Most rows of the table: a comment on GitHub holds 65,536 characters, and a reviewer reads fewer. */
const MOST_ROWS = 50;
const MOST_FIELDS = 6;

/**
 * A diff as a comment for a pull request, in GitHub's Markdown. Texts from lists are code spans, in which nothing is
 * markup, a link or a mention.
 */
export function formatDiffMarkdown({ diff, title, against, unpriced }: NamedDiff): string {
  const { differences, before, after } = diff;
  const heading = `**${codeSpan(title)}**, compared with ${codeSpan(against)}`;
  if (differences.length === 0) return `${heading}\n\nNo difference.\n`;
  const hidden = differences.length - MOST_ROWS;
  const table = [
    '| | shot | what is different | length | cost |',
    '|---|---|---|--:|--:|',
    ...differences.slice(0, MOST_ROWS).map(tableRow),
    ...(hidden > 0 ? [`| | … | ${formatNumber(hidden)} more | | |`] : []),
  ];
  const sums = [
    '| | submissions | length | cost |',
    '|---|--:|--:|--:|',
    `| before | ${before.submissions} | ${formatSeconds(before.seconds)} | ${formatTotal(before)} |`,
    `| after | ${after.submissions} | ${formatSeconds(after.seconds)} | ${formatTotal(after)} |`,
    `| difference | ${signed(after.submissions - before.submissions)} | ${signed(after.seconds - before.seconds)} s | ${differenceWords(diff)} |`,
  ];
  const unknown = unpriced.length > 0 ? [`No price is known for ${unpriced.map(codeSpan).join(', ')}.`] : [];
  const words = [`**${submitWords(diff)}**`, `${countWords(diff)}.`, ...unknown].join(' ');
  return `${[heading, '', words, '', ...table, '', ...sums].join('\n')}\n`;
}

function tableRow(one: Difference): string {
  const { kind, id, was, submits, after } = one;
  const hidden = one.changes.length - MOST_FIELDS;
  const what = [
    ...(after && !submits ? [NOTHING_NEW] : []),
    ...one.changes.slice(0, MOST_FIELDS).map(fieldLine),
    ...(hidden > 0 ? [`${hidden} more`] : []),
  ].join('<br>');
  const { seconds, usd } = amounts(one);
  const cost = kind === 'renamed' || kind === 'edited' ? '' : usd;
  const name = was === null ? codeCell(id) : `${codeCell(was)} → ${codeCell(id)}`;
  return `| ${kind} | ${name} | ${what} | ${seconds} | ${cost} |`;
}

function fieldLine(change: FieldChange): string {
  const { name, before, after } = fieldWords(change);
  return `${codeCell(name)}: ${change.before ? codeCell(before) : before} → ${change.after ? codeCell(after) : after}`;
}

function signed(number: number): string {
  return number > 0 ? `+${number}` : String(number);
}
