import type { Document, YAMLError } from 'yaml';
import type { Code } from './codes.js';

interface YamlProblem {
  readonly code: Code;
  readonly message: string;
  readonly hint?: string;
  /** Offsets into the text. */
  readonly from: number;
  readonly to: number;
}

/** Most problems told of one file that YAML cannot read: after the first few, each follows from the last. */
const MOST = 20;

/** The parser's errors in words for people who know storyboards better than YAML; empty when it is well-formed. */
export function explainYaml(yaml: Document.Parsed | Document, text: string): readonly YamlProblem[] {
  const errors: readonly YAMLError[] = [...yaml.errors, ...yaml.warnings];
  const deep = errors.find(({ code }) => code === 'RESOURCE_EXHAUSTION');
  if (deep)
    return [{ ...spanOf(deep), code: 'SL009', message: 'the file is nested too deeply to read here' }];
  const lines = new Set<string>();
  const problems: YamlProblem[] = [];
  for (const error of errors) {
    // Several errors at one place are one mistake; the first says it best.
    const line = lineAt(text, error.pos[0]);
    if (lines.has(line)) continue;
    lines.add(line);
    problems.push({ ...spanOf(error), ...explainOne(error, line) });
    if (problems.length === MOST) break;
  }
  return problems;
}

function explainOne(error: YAMLError, line: string): Pick<YamlProblem, 'code' | 'message' | 'hint'> {
  const quote = 'put the whole text in quotes';
  switch (error.code) {
    case 'DUPLICATE_KEY':
      return { code: 'SL007', message: 'this key stands twice in one map', hint: 'keep one of them' };
    case 'BAD_SCALAR_START':
      return {
        code: 'SL006',
        message: `plain text cannot begin with ${line.match(/:\s+([@`%])/)?.[1] ?? 'this sign'}`,
        hint: quote,
      };
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'MULTILINE_IMPLICIT_KEY':
      return {
        code: 'SL006',
        message: 'a colon followed by a space makes this a map inside a text',
        hint: `${quote}, or begin it with \`>-\` on a line of its own`,
      };
    case 'TAB_AS_INDENT':
      return { code: 'SL006', message: 'a tab cannot indent', hint: 'use spaces' };
    case 'MULTIPLE_DOCS':
      return {
        code: 'SL006',
        message: 'a second document begins here; a shot list is one',
        hint: 'take out the ---',
      };
    case 'TAG_RESOLVE_FAILED':
      return {
        code: 'SL006',
        message: `${error.message.toLowerCase()}`,
        hint: 'text that begins with ! goes in quotes',
      };
    case 'NON_STRING_KEY':
      return { code: 'SL006', message: 'only text can be a key' };
    case 'MISSING_CHAR':
      return {
        code: 'SL006',
        message: error.message.replace('"quote', 'double quote').replace("'quote", 'single quote'),
      };
    case 'UNEXPECTED_TOKEN':
      if (/^\s*(- )?[\w-]+:\s*["']/.test(line)) {
        return {
          code: 'SL006',
          message: 'there is text after the closing quote',
          hint: `${quote}; inside double quotes write \\" for a quote, inside single quotes ''`,
        };
      }
      return { code: 'SL006', message: `YAML cannot read this: ${error.message}` };
    default:
      return { code: 'SL006', message: `YAML cannot read this: ${error.message}` };
  }
}

function spanOf({ pos: [from, to] }: YAMLError): { from: number; to: number } {
  return { from, to };
}

function lineAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', Math.max(0, offset - 1)) + 1;
  const end = text.indexOf('\n', offset);
  return text.slice(start, end < 0 ? undefined : end);
}
