import { nearest } from '../base/text.js';
import type { Finding, Path } from './finding.js';

/** A value that a `${name}` in a text may stand for. */
export type Variable = string | number | boolean;

/** What `${…}` may say: variables by name, and the columns of a row as `row.column`. */
export type Variables = ReadonlyMap<string, Variable>;

/** A `${…}`, closed or not, or the `$${` that stands for its sign. */
const REFERENCE = /\$\$\{|\$\{([^{}]*)(\}?)/g;

/** The name that every reference to a row's column begins with. */
const ROW = 'row.';

/** Whether a text names a column of a row, or says how one is named. */
export function mentionsRow(text: string): boolean {
  return text.includes('${') && /\$\{\s*row\./.test(text);
}

/** A row's cells as what `${row.column}` may say. */
export function rowVariables(row: Variables): [name: string, value: Variable][] {
  return [...row].map(([column, value]) => [`${ROW}${column}`, value]);
}

/** Finds what is wrong with a reference; `path` leads from where the search began to the text. */
export type OnUnknown = (path: Path, finding: Finding) => void;

export interface FillOptions {
  readonly variables: Variables;
  /** Whether a text is left as it is, for another pass that knows more; no text is filled in twice. */
  readonly isLater?: (text: string) => boolean;
  readonly onUnknown: OnUnknown;
  /** Where the value stands; what its texts become depends on their field. */
  readonly path?: Path;
}

/**
 * A value with every `${name}` in its texts filled in. A text that is one reference and nothing else becomes what its
 * field takes, so that a number stays a number, and `--set length=7` is one.
 */
export function fillIn(
  value: unknown,
  { variables, isLater = () => false, onUnknown, path: start = [] }: FillOptions,
): unknown {
  const path = [...start];
  return fill(value);

  function fill(part: unknown): unknown {
    if (typeof part === 'string') return part.includes('${') && !isLater(part) ? fillText(part) : part;
    if (typeof part !== 'object' || part === null) return part;
    return Array.isArray(part) ? part.map((item, index) => fillInside(index, item)) : fillMap(part);
  }

  /** The map itself where it has nothing to fill in, which is most often so. */
  function fillMap(map: object): object {
    const changed: [string, unknown][] = [];
    for (const [key, item] of Object.entries(map)) {
      const filled = fillInside(key, item);
      if (filled !== item) changed.push([key, filled]);
    }
    return changed.length > 0 ? Object.fromEntries([...Object.entries(map), ...changed]) : map;
  }

  function fillInside(key: string | number, item: unknown): unknown {
    path.push(key);
    const filled = fill(item);
    path.pop();
    return filled;
  }

  function fillText(text: string): Variable {
    const whole = /^\$\{([^{}]*)\}$/.exec(text)?.[1]?.trim();
    const known = whole === undefined ? undefined : variables.get(whole);
    if (known !== undefined) return asTaken(path, known);
    return text.replace(REFERENCE, (match, written = '', end = '') => {
      if (match.startsWith('$$')) return match.slice(1);
      const name = written.trim();
      const value = end ? variables.get(name) : undefined;
      if (value !== undefined) return String(value);
      onUnknown([...path], end ? unknown(name, match, [...variables.keys()]) : unclosed(match));
      return match;
    });
  }
}

const NUMBERS: ReadonlySet<unknown> = new Set([
  'duration',
  'cfg_scale',
  'takes',
  'select',
  'use',
  'transition',
  'budget',
  'retries',
]);
const BOOLEANS: ReadonlySet<unknown> = new Set(['audio', 'split']);

/** A value as the field at the end of `path` takes it, where it can; a model's own input keeps its kind. */
function asTaken(path: Path, value: Variable): Variable {
  const field = path.findLast((key) => typeof key === 'string');
  if (field === undefined || path.includes('input')) return value;
  if (NUMBERS.has(field)) return isNumber(value) ? Number(value) : value;
  if (BOOLEANS.has(field)) return isBoolean(value) ? /true/i.test(String(value)) : value;
  return String(value);
}

function isNumber(value: Variable): boolean {
  return typeof value === 'string' && /^\s*-?\d+(\.\d+)?\s*$/.test(value);
}

function isBoolean(value: Variable): boolean {
  return typeof value === 'string' && /^\s*(true|false)\s*$/i.test(value);
}

function unknown(name: string, match: string, names: readonly string[]): Finding {
  const isColumn = name.startsWith(ROW);
  const columns = names.filter((one) => one.startsWith(ROW));
  if (isColumn && columns.length === 0) {
    const hint = '`each:` on the shot names one; $${ is for the sign itself';
    return {
      code: 'SL106',
      message: `\`${match}\` is a column of a table, and there is none here`,
      part: match,
      hint,
    };
  }
  const all = isColumn ? columns : names;
  const meant = nearest(name, all);
  const known = all.length > 0 ? `known here: ${all.slice(0, 20).join(', ')}` : 'there are no variables here';
  return {
    code: 'SL106',
    message: `nothing is called \`${match}\``,
    part: match,
    hint: `${meant ? `did you mean \${${meant}}?` : known}; $\${ is for the sign itself`,
  };
}

function unclosed(match: string): Finding {
  const [part = match] = match.split(/\s/);
  return {
    code: 'SL106',
    message: `\`${part}\` has no closing brace`,
    part,
    hint: 'write ${name}; $${ is for the sign itself',
  };
}
