import { isList, type Json, type JsonObject } from '../base/json.js';

/** What a terminal row or a log line can still hold. Our choice, characters. */
const LONGEST = 500;
/** Deeper structures than any error seen; a hostile one must not exhaust the stack. */
const DEEPEST = 6;

/** Control characters, line separators and direction marks: they could rewrite what a terminal shows. */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;

/** Someone else's text, safe to print: one line, at most 500 characters. */
export function plain(text: string): string {
  // Cut roughly first: the text may be megabytes.
  const line = text
    .slice(0, LONGEST * 4)
    .replace(UNSAFE, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
  if (line.length <= LONGEST) return line;
  // Not in the middle of a character that takes two units.
  const cut = line.slice(0, LONGEST - 1).replace(/[\ud800-\udbff]$/, '');
  return `${cut.trimEnd()}…`;
}

/**
 * An error's explanation as one line, whatever its shape: a string, `{loc, msg}` as validators write it,
 * an object with a message, or lists of those. Empty when there is nothing to say.
 */
export function flatten(json: Json | undefined, depth = 0): string {
  if (json === undefined || json === null || depth > DEEPEST) return '';
  if (typeof json !== 'object') return plain(String(json));
  if (isList(json))
    return joined(
      json.slice(0, 20).map((item) => flatten(item, depth + 1)),
      '; ',
    );
  const said = firstSaid(json, ['msg', 'message', 'error_message', 'error', 'detail', 'details'], depth);
  if (said !== '') return joined([place(json.loc ?? json.field), said], ': ');
  const pairs = Object.entries(json).slice(0, 20);
  return joined(
    pairs.map(([name, value]) => joined([name, flatten(value, depth + 1)], ': ')),
    '; ',
  );
}

function firstSaid(json: JsonObject, names: readonly string[], depth: number): string {
  for (const name of names) {
    const said = flatten(json[name], depth + 1);
    if (said !== '') return said;
  }
  return '';
}

/** Where in the input, such as `multi_prompt.0.duration`; `body` only says that it was in the body. */
function place(loc: Json | undefined): string {
  const steps = isList(loc) ? loc : [loc ?? ''];
  return plain(steps.filter((step) => step !== 'body' && typeof step !== 'object').join('.'));
}

function joined(parts: readonly string[], separator: string): string {
  return plain(parts.filter((part) => part !== '').join(separator));
}
