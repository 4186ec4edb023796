import { nearestWord, normalText } from '../base/text.js';
import type { Finding, Path } from './diagnostic.js';

/** Value of a variable or of a table's cell. */
export type Variable = string | number | boolean;

/** Values by name; the columns of a table's row are called `row.column`. */
export type Variables = ReadonlyMap<string, Variable>;

/** A `${…}`, closed or not, or the escape `$${`. */
const REFERENCE = /\$\$\{|\$\{([^{}]*)(\}?)/g;

/** Prefix of a column's name in a reference. */
const ROW = 'row.';

/** True if a file's texts may refer to variables or rows; a quoted text may write `$` as `\\x24`. */
export function mayRefer(text: string): boolean {
  return text.includes('${') || text.includes('\\');
}

/** A variable as other programs write it. */
const IN_BRACES = /(?<!\$)\{\{\s*([^{}]*?)\s*\}\}/g;

/** Reports variables in the braces of other programs, at any depth of a value: nothing is filled in there. */
export function reportBraces(value: unknown, { variables, onUnknown, path = [] }: FillOptions): void {
  if (typeof value === 'string') {
    for (const [part, written = ''] of value.matchAll(IN_BRACES)) {
      const name = variableName(written);
      const hint = `write \`\${${name || 'name'}}\``;
      const isMeant = variables.has(name) || name.startsWith(ROW);
      if (isMeant)
        onUnknown(path, {
          code: 'SL106',
          message: `\`${part}\` is not how a list writes a variable`,
          hint,
          part,
        });
      else {
        const message = `\`${part}\` is no variable here: it is sent as it is written`;
        onUnknown(path, {
          code: 'SL106',
          severity: 'warning',
          message,
          hint: `${hint}, and name it under \`vars:\``,
          part,
        });
      }
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, part] of Object.entries(value)) {
      if (key !== 'notes') reportBraces(part, { variables, onUnknown, path: [...path, key] });
    }
  }
}

/** Columns that texts refer to, at any depth of a value. */
export function mentionedColumns(value: unknown): ReadonlySet<string> {
  const columns = new Set<string>();
  const visit = (part: unknown): void => {
    if (typeof part === 'string') {
      for (const [, written = ''] of part.matchAll(REFERENCE)) {
        const name = variableName(written);
        if (name.startsWith(ROW)) columns.add(name.slice(ROW.length));
      }
    } else if (typeof part === 'object' && part !== null) Object.values(part).forEach(visit);
  };
  visit(value);
  return columns;
}

/** Name of a variable or a column, however it is written: composed letters, plain spaces, nothing that cannot be seen. */
export function variableName(written: string): string {
  return normalText(written)
    .replaceAll(/\p{Zs}/gu, ' ')
    .replaceAll(/\p{Cf}/gu, '');
}

/** True if a text refers to a column of a row. */
export function mentionsRow(text: string): boolean {
  return text.includes('${') && /\$\{\s*row\./.test(text);
}

/** A row's cells, named as references name them. */
export function rowVariables(row: Variables): [name: string, value: Variable][] {
  return [...row].map(([column, value]) => [`${ROW}${column}`, value]);
}

/** Receives a wrong reference; `path` is the path of the text that holds it. */
export type OnUnknown = (path: Path, finding: Finding) => void;

/** Values to fill in, and the place to fill them in. */
export interface FillOptions {
  readonly variables: Variables;
  /** True for texts to leave for a later pass, which knows the row; no text is filled in twice. */
  readonly isLater?: ((text: string) => boolean) | undefined;
  readonly onUnknown: OnUnknown;
  /** Path of the value; the field that holds a text decides its type. */
  readonly path?: Path;
}

/**
 * Fills in every `${name}` in a value's texts. A text that is one reference and nothing else takes the type of its
 * field: a number stays a number, and `--set length=7` becomes one.
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

  /** Returns the map itself if nothing in it is filled in, which is the usual case. */
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
    const whole = /^\$\{([^{}]*)\}$/.exec(text)?.[1];
    const known = whole === undefined ? undefined : variables.get(variableName(whole));
    if (known !== undefined) return toFieldType(path, known);
    return text.replace(REFERENCE, (match, written = '', end = '') => {
      if (match.startsWith('$$')) return match.slice(1);
      const name = variableName(written);
      const value = end ? variables.get(name) : undefined;
      if (value !== undefined) return String(value);
      onUnknown([...path], end ? unknownName(name, match, [...variables.keys()]) : unclosed(match));
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

/** Converts a value to the type of the field at the end of `path`, if it can; a model's own input is not converted. */
function toFieldType(path: Path, value: Variable): Variable {
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

function unknownName(name: string, match: string, names: readonly string[]): Finding {
  const isColumn = name.startsWith(ROW);
  const columns = names.filter((one) => one.startsWith(ROW));
  if (isColumn && columns.length === 0) {
    const hint = '`each:` on the shot names one; write $${ for the characters ${';
    return {
      code: 'SL106',
      message: `\`${match}\` is a column of a table; there is no table here`,
      part: match,
      hint,
    };
  }
  const all = isColumn ? columns : names;
  const meant = nearestWord(name, all);
  const known = all.length > 0 ? `known here: ${all.slice(0, 20).join(', ')}` : 'there are no variables here';
  return {
    code: 'SL106',
    message: `nothing is called \`${match}\``,
    part: match,
    hint: `${meant ? `did you mean \${${meant}}?` : known}; write $\${ for the characters \${`,
  };
}

function unclosed(match: string): Finding {
  const [part = match] = match.split(/\s/);
  return {
    code: 'SL106',
    message: `\`${part}\` has no closing brace`,
    part,
    hint: 'write ${name}, or $${ for the characters ${',
  };
}
