import { nearest } from '../nearest.js';
import type { Finding } from './finding.js';

/** A value that a `${name}` in a text may stand for. */
export type Variable = string | number | boolean;

/** What `${…}` may say: variables by name, and the columns of a row as `row.column`. */
export type Variables = ReadonlyMap<string, Variable>;

/** A `${…}`, or a `$${…}` that stands for itself. */
const REFERENCE = /\$?\$\{([^{}]*)\}/g;

/** The name that every reference to a row's column begins with. */
export const ROW = 'row.';

/** Finds what is wrong with a reference; `path` leads from where the search began to the text. */
export type OnUnknown = (path: readonly (string | number)[], finding: Finding) => void;

/**
 * A value with every `${name}` in its texts filled in. A text that is one reference and nothing else becomes the
 * variable's own value, so that a number stays a number. Names that `isLater` keeps are left for another pass.
 */
export function fillIn(
  value: unknown,
  {
    variables,
    isLater,
    onUnknown,
  }: { variables: Variables; isLater: (name: string) => boolean; onUnknown: OnUnknown },
): unknown {
  const fill = (part: unknown, path: readonly (string | number)[]): unknown => {
    if (typeof part === 'string') return part.includes('${') ? fillText(part, path) : part;
    if (Array.isArray(part)) return part.map((item, index) => fill(item, [...path, index]));
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, item]) => [key, fill(item, [...path, key])]));
  };
  const fillText = (text: string, path: readonly (string | number)[]): Variable => {
    const whole = /^\$\{([^{}]*)\}$/.exec(text)?.[1]?.trim();
    if (whole !== undefined && variables.has(whole)) return variables.get(whole) as Variable;
    return text.replace(REFERENCE, (match, written: string) => {
      const name = written.trim();
      if (isLater(name)) return match;
      if (match.startsWith('$$')) return match.slice(1);
      const known = variables.get(name);
      if (known === undefined) onUnknown(path, unknown(name, { match, names: variables.keys() }));
      return String(known ?? match);
    });
  };
  return fill(value, []);
}

function unknown(name: string, { match, names }: { match: string; names: Iterable<string> }): Finding {
  const all = [...names];
  const meant = nearest(name, all);
  const known = all.length > 0 ? `known here: ${all.slice(0, 20).join(', ')}` : 'there are no variables here';
  return {
    code: 'SL106',
    message: `nothing is called \`${match}\``,
    part: match,
    hint: `${meant ? `did you mean \${${meant}}?` : known}; $\${ is for the sign itself`,
  };
}
