import { nearest } from '../base/text.js';

/** What an `@name` in a prompt may stand for. */
export interface Cast {
  /** The shot's own elements, in the order in which they are sent. */
  readonly listed: readonly string[];
  /** All elements of the list. */
  readonly known: readonly string[];
}

export interface ReferenceProblem {
  readonly code: 'SL202' | 'SL203';
  readonly message: string;
  readonly hint: string;
  /** The reference as it stands in the prompt. */
  readonly part: string;
}

/**
 * Turns each `@name` into the `@Element1` that the models know, and `@@` into the sign itself. Signs inside a word,
 * as in a mail address, are left alone.
 */
export function nameElements(
  prompt: string,
  cast: Cast,
): { text: string; problems: readonly ReferenceProblem[] } {
  const problems: ReferenceProblem[] = [];
  const text = prompt.replaceAll(/@@|(?<![\p{L}\p{N}_.])@([A-Za-z0-9_-]+)/gu, (match, written?: string) => {
    if (written === undefined) return '@';
    const name = longestKnown(written, [...cast.listed, ...cast.known]) ?? written;
    const position = cast.listed.indexOf(name);
    if (position >= 0) return `@Element${position + 1}${written.slice(name.length)}`;
    const number = /^Element(\d+)$/.exec(name)?.[1];
    if (number && Number(number) >= 1 && Number(number) <= cast.listed.length) return match;
    problems.push(explainReference(name, cast));
    return match;
  });
  return { text, problems };
}

/** `@hero-` and `@hero_left` may be `hero` followed by more text, unless such a name is known. */
function longestKnown(written: string, names: readonly string[]): string | undefined {
  for (let name = written; name; name = name.replace(/[-_]+[^-_]*$|[^-_]+$/, '')) {
    if (names.includes(name)) return name;
    if (!/[-_]/.test(name)) return undefined;
  }
  return undefined;
}

function explainReference(name: string, { listed, known }: Cast): ReferenceProblem {
  if (known.includes(name)) {
    return {
      code: 'SL203',
      message: `the prompt says @${name}, but the shot does not list that element`,
      hint: `write \`elements: [${[...listed, name].join(', ')}]\` on the shot`,
      part: `@${name}`,
    };
  }
  const meant = nearest(name, known);
  return {
    code: 'SL202',
    message: `the prompt says @${name}, and there is no element \`${name}\``,
    hint: meant
      ? `did you mean @${meant}?`
      : `name it under \`elements:\`, or write @@${name} for the sign itself`,
    part: `@${name}`,
  };
}
