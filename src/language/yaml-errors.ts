import type { Document, YAMLError } from 'yaml';
import type { Finding, Lines, SpannedFinding } from './diagnostic.js';

/** Most problems reported for one file that YAML cannot read: after the first few, each follows from the last. */
const MOST_PROBLEMS = 20;

/** A common mistake: patterns that recognise it, and the message about it. */
interface Mistake {
  /** Error codes of the parser; any if absent. */
  readonly codes?: readonly string[];
  /** Line of the parser's error; its first group is the character to point at. */
  readonly line?: RegExp;
  /** Message of the parser. */
  readonly parserMessage?: RegExp;
  message(found: { parserMessage: string; character: string }): string;
  readonly hint?: string;
}

/** Text before a value on its line: dashes, and a field's name. */
const LEAD = String.raw`^\s*(?:- +)*(?:[\w-]+:\s+)?`;
const FIELD = String.raw`^\s*(?:- +)*[\w-]+`;
const IN_QUOTES = 'put the whole text in quotes';
const SAME_COLUMN = 'the fields of one shot begin at the same column';

/** Git's marks around the two sides of a merge. */
const CONFLICT = /^(?:<{7}|={7}|>{7})(?: |$)/;

/** Mistakes from the most specific to the most general; the first match is reported. */
const MISTAKES: readonly Mistake[] = [
  {
    line: CONFLICT,
    message: () => 'git has left both sides of a merge in this file',
    hint: 'keep one side, and take out the lines of <, = and >',
  },
  {
    line: /^\s*([`~])(?=\1\1)/,
    message: () => 'this line is a fence of Markdown, not a part of the list',
    hint: 'take out the lines of ``` above and below the list',
  },
  {
    line: /^\s*(\/(?=[/*])|-(?=-(?!-))|;)/,
    message: () => 'a comment begins with #',
    hint: 'write # in place of these characters',
  },
  {
    // Word processors turn a dash at the start of a line into another character.
    line: /^\s*([–—−•*·])\s/,
    message: ({ character }) => `a shot begins with a dash; this is another character, ${character}`,
    hint: 'type a plain - and a space after it',
  },
  {
    // Spaces copied from web pages and word processors; YAML reads them as letters.
    line: /^\s*[\u00a0\u2000-\u200b\u202f\u3000]|:[\u00a0\u2000-\u200b\u202f\u3000]/,
    message: () => 'there is a no-break space here; YAML needs a plain one',
    hint: 'type the spaces of this line again',
  },
  { line: /^\s*-[^\s-]/, message: () => 'a dash needs a space after it' },
  {
    codes: ['MULTILINE_IMPLICIT_KEY', 'MISSING_CHAR'],
    line: new RegExp(`${FIELD}:[^\\s]`),
    message: () => 'a colon needs a space after it',
  },
  {
    codes: ['MISSING_CHAR'],
    parserMessage: /closing "/,
    message: () => 'the quote that opens here is not closed',
    hint: 'put a double quote at the end of the text',
  },
  {
    codes: ['MISSING_CHAR'],
    parserMessage: /closing '/,
    message: () => 'the quote that opens here is not closed',
    hint: "put a single quote at the end of the text, and double the apostrophes in it: it''s",
  },
  {
    codes: ['UNEXPECTED_TOKEN'],
    line: new RegExp(`${LEAD}["']`),
    message: () => 'there is text after the closing quote',
    hint: `${IN_QUOTES}; inside double quotes write \\" for a quote, inside single quotes ''`,
  },
  {
    codes: [
      'UNEXPECTED_TOKEN',
      'BAD_ALIAS',
      'BAD_SCALAR_START',
      'BLOCK_AS_IMPLICIT_KEY',
      'TAG_RESOLVE_FAILED',
    ],
    // A dash at the start of a line begins an entry; after a field's name it is text.
    line: new RegExp(`(?:${LEAD}(?![?-])|${FIELD}:\\s+)([@\`%,*&!|>{[\\]}?-])`),
    // An extra bracket at the end of a line is another mistake.
    parserMessage: /^(?!Unexpected (?:flow|scalar token)).*/,
    message: ({ character }) => `text cannot begin with ${character} without quotes`,
    hint: IN_QUOTES,
  },
  {
    codes: ['MISSING_CHAR', 'BAD_INDENT', 'BLOCK_AS_IMPLICIT_KEY'],
    parserMessage: /indicator|same column|block sequence/,
    message: () => 'this line does not begin at the column of the lines it belongs to',
    hint: `${SAME_COLUMN}, and so do the dashes before shots`,
  },
  {
    codes: ['BLOCK_AS_IMPLICIT_KEY', 'MULTILINE_IMPLICIT_KEY'],
    line: new RegExp(`${FIELD}:\\s+\\S.*:(?:\\s|$)`),
    message: () => 'the text has a colon and a space in it, which YAML takes for a field',
    hint: `${IN_QUOTES}, or begin it with \`>-\` on a line of its own`,
  },
  {
    codes: ['BLOCK_AS_IMPLICIT_KEY', 'MULTILINE_IMPLICIT_KEY'],
    line: new RegExp(`${FIELD}:\\s+\\S`),
    message: () => 'this field has a value, but the line below it is indented more',
    hint: `${SAME_COLUMN}; a text of several lines with a colon in it goes in quotes`,
  },
  {
    codes: ['MISSING_CHAR', 'MULTILINE_IMPLICIT_KEY'],
    line: /^[^:]*$/,
    parserMessage: /mplicit/,
    message: () => 'this line has no colon',
    hint: 'a field is `name: value`; a text of several lines is indented more than its field',
  },
  {
    codes: ['BAD_INDENT'],
    parserMessage: /end with a (.)$/,
    message: ({ parserMessage }) => `a ${parserMessage.at(-1)} is missing before this`,
  },
  { codes: ['BLOCK_IN_FLOW'], message: () => 'a comma is missing before the next field' },
  { codes: ['TAB_AS_INDENT'], message: () => 'a tab cannot indent a line', hint: 'use spaces' },
  {
    codes: ['BAD_DQ_ESCAPE'],
    message: () => 'inside double quotes, \\ begins an escape such as \\n; this escape does not exist',
    hint: 'write \\\\ for a backslash, or put the text in single quotes',
  },
  {
    codes: ['MULTIPLE_DOCS'],
    message: () => 'a second document begins here; a shot list is one',
    hint: 'take out the lines --- and ...',
  },
  {
    codes: ['TAG_RESOLVE_FAILED'],
    message: ({ parserMessage }) =>
      `a shot list has no use for the tag ${parserMessage.replace(/^.*: /, '')}`,
    hint: 'take it out; text that begins with ! goes in quotes',
  },
  { codes: ['NON_STRING_KEY'], message: () => 'only text can be a key' },
];

/** Explains the parser's errors to people who know storyboards better than YAML. */
export function explainYaml(
  yaml: Document,
  { text, lines }: { text: string; lines: Lines },
): readonly SpannedFinding[] {
  const errors: readonly YAMLError[] = [...yaml.errors, ...yaml.warnings];
  const deep = errors.find(({ code }) => code === 'RESOURCE_EXHAUSTION');
  if (deep) {
    // The limit depends on the machine's stack, so only the line is known.
    const from = lines.startOf(lines.lineOf(deep.pos[0]));
    return [
      { from, to: from + 1, code: 'SL009', message: 'from this line on, the file is nested too deeply' },
    ];
  }
  // Several errors on one line are one mistake; the first explains it best.
  const seen = new Set<number>();
  const problems: SpannedFinding[] = oldVersion(yaml, text);
  for (const error of errors) {
    const { from, to } = error.message.startsWith('Missing closing')
      ? openingQuote(error, text)
      : spanOf(error);
    const number = lines.lineOf(from);
    if (seen.has(number)) continue;
    seen.add(number);
    const line = lines.textOf(number);
    const { column, ...finding } = explainError(error, line);
    // Text is wrong at its first character, not where the parser gives up.
    const start = column === undefined ? undefined : lines.startOf(number) + column - 1;
    problems.push({ ...finding, ...(start === undefined ? { from, to } : { from: start, to: start + 1 }) });
    // Later errors follow from the conflict.
    if (problems.length === MOST_PROBLEMS || CONFLICT.test(line)) break;
  }
  return problems;
}

function explainError(
  { code, message: parserMessage }: YAMLError,
  line: string,
): Finding & { readonly column?: number } {
  for (const mistake of MISTAKES) {
    if (mistake.codes && !mistake.codes.includes(code)) continue;
    if (mistake.parserMessage && !mistake.parserMessage.test(parserMessage)) continue;
    const found = mistake.line ? mistake.line.exec(line) : undefined;
    if (found === null) continue;
    const character = found?.[1] ?? '';
    const message = mistake.message({ parserMessage, character });
    return { code: 'SL006', message, hint: mistake.hint, ...(character && { column: found?.[0].length }) };
  }
  return { code: 'SL006', message: `YAML cannot read this: ${parserMessage}` };
}

/** Refuses YAML 1.1, which reads `yes` as true and `010` as eight. */
function oldVersion({ directives }: Document, text: string): SpannedFinding[] {
  const { version } = directives?.yaml ?? { version: '1.2' };
  if (version === '1.2') return [];
  const from = text.indexOf('%YAML');
  const message = `shot lists are YAML 1.2, not ${version}`;
  return [{ from, to: from + `%YAML ${version}`.length, code: 'SL006', message, hint: 'take this line out' }];
}

/** Place of the quote that the parser finds unclosed: the last of its kind that begins a text. */
function openingQuote(error: YAMLError, text: string): { from: number; to: number } {
  const quote = error.message.includes('"') ? '"' : "'";
  const before = text.slice(0, error.pos[0]);
  const opens = [...before.matchAll(new RegExp(`(?:^|[-:,[{]\\s*)(${quote})`, 'g'))].at(-1);
  if (!opens) return spanOf(error);
  const from = opens.index + opens[0].length - 1;
  return { from, to: from + 1 };
}

function spanOf({ pos: [from, to] }: YAMLError): { from: number; to: number } {
  return { from, to };
}
