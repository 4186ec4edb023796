import { escapeOf, type HiddenCharacter, hiddenCharacters } from '../base/hidden-characters.js';
import type { Finding, SpannedFinding } from './diagnostic.js';

/** The way a text is written, which decides what its characters mean and how a warning is avoided. */
export type Writing = 'double-quoted' | 'yaml' | 'cell' | 'argument';

/** A `\n` of two characters, which only double quotes read as a line break. */
const LITERAL_BREAK = '\\n';

/**
 * Warnings about a text as it is written: characters that cannot be seen, and `\n` where it is no line break. Places are
 * offsets into the text. A character that double quotes write by its number can be seen.
 */
export function textWarnings(written: string, writing: Writing): readonly SpannedFinding[] {
  const warnings = hiddenCharacters(written).map((hidden): SpannedFinding => {
    const { at, character } = hidden;
    return { from: at, to: at + character.length, ...hiddenFinding(hidden, writing) };
  });
  const at = writing === 'double-quoted' ? -1 : written.indexOf(LITERAL_BREAK);
  if (at >= 0) warnings.push({ from: at, to: at + LITERAL_BREAK.length, ...breakFinding(writing) });
  return warnings;
}

function hiddenFinding({ name, character, isSpace, count }: HiddenCharacter, writing: Writing): Finding {
  const times = count === 1 ? '' : `, ${count} times`;
  const message = isSpace
    ? `the text has ${name} in it${times}; it looks like a plain space`
    : `the text has ${name} in it${times}; it cannot be seen`;
  const change = isSpace ? 'type a plain space' : 'delete it: type the words around it again';
  const isYaml = writing === 'yaml' || writing === 'double-quoted';
  const keep = isYaml ? `; to keep it, put the text in double quotes and write ${escapeOf(character)}` : '';
  return { code: 'SL012', severity: 'warning', message, hint: `${change}${keep}` };
}

const WAYS_OUT: Readonly<Record<Writing, string>> = {
  'double-quoted': '',
  yaml: 'put the whole text in double quotes, or begin it with `|` and write it on several lines',
  cell: 'break the line inside the cell (in a spreadsheet: Alt+Enter)',
  argument: "in a shell, write the text as $'one\\ntwo'",
};

function breakFinding(writing: Writing): Finding {
  const message = 'this `\\n` is no line break: it is sent as two characters';
  return { code: 'SL013', severity: 'warning', message, hint: WAYS_OUT[writing] };
}
