import { visible } from './visible.js';

/** A code span, in which nothing is markup: its fence is longer than any run of backticks in the text. */
export function codeSpan(text: string): string {
  const line = visible(text);
  const runs = line.match(/`+/g) ?? [];
  const fence = '`'.repeat(runs.reduce((longest, run) => Math.max(longest, run.length), 0) + 1);
  // Spaces separate the fence from a backtick, and from an empty text.
  const space = line.trim() === '' || line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${fence}${space}${line}${space}${fence}`;
}

/** A code span for a table, in which pipes are escaped: they would end the cell. */
export function codeCell(text: string): string {
  // A backslash before an escaped pipe would undo the escape; a zero-width space separates them.
  return codeSpan(text).replaceAll('\\|', '\\\u200b|').replaceAll('|', '\\|');
}
