import { visible } from './visible.js';

/** A code span, for text that must mean nothing: its fence is longer than any run of backticks in it. */
export function code(text: string): string {
  const line = visible(text);
  const runs = line.match(/`+/g) ?? [];
  const fence = '`'.repeat(runs.reduce((longest, run) => Math.max(longest, run.length), 0) + 1);
  // Spaces inside the fence keep a backtick, or a text that is nothing, apart from it.
  const space = line.trim() === '' || line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${fence}${space}${line}${space}${fence}`;
}

/** A code span in a table, whose cells end at a pipe even there. */
export function cell(text: string): string {
  // A backslash before the one that guards a pipe would undo it; a space of no width keeps them apart.
  return code(text).replaceAll('\\|', '\\\u200b|').replaceAll('|', '\\|');
}
