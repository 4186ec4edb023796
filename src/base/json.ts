/** Any value that JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** True if the value is an object and no list. */
export function isObject(json: Json | undefined): json is JsonObject {
  return typeof json === 'object' && json !== null && !isList(json);
}

/** True if the value is a list; narrows to a readonly one, unlike `Array.isArray`. */
export function isList(json: Json | undefined): json is readonly Json[] {
  return Array.isArray(json);
}

/** A string of a JSON text, with the colon after it if it is the name of a field. */
const STRING = /"(?:[^"\\]|\\.)*"(\s*:)?/g;

/**
 * A name that an object of a JSON text has more than once, or null. `value` is the text, parsed: it has only the last of
 * the fields with that name.
 */
export function repeatedName(text: string, value: Json): string | null {
  // Most texts have as many ends of names as names; a string may look like one.
  if (text.match(/"\s*:/g)?.length === namesIn(value)) return null;
  const left = new Map<string, number>();
  for (const [token, colon = ''] of text.matchAll(STRING)) {
    if (colon === '') continue;
    const name = JSON.parse(token.slice(0, -colon.length)) as string;
    left.set(name, (left.get(name) ?? 0) + 1);
  }
  countDown(value, left);
  return [...left].find(([, count]) => count > 0)?.[0] ?? null;
}

function namesIn(value: Json | undefined): number {
  let count = 0;
  if (isList(value)) for (const one of value) count += namesIn(one);
  else if (isObject(value)) for (const name in value) count += 1 + namesIn(value[name]);
  return count;
}

/** Takes the names in a value out of the counts. */
function countDown(value: Json, counts: Map<string, number>): void {
  if (isList(value)) for (const one of value) countDown(one, counts);
  else if (isObject(value)) {
    for (const [name, one] of Object.entries(value)) {
      counts.set(name, (counts.get(name) ?? 0) - 1);
      countDown(one, counts);
    }
  }
}

/** Canonical JSON (RFC 8785): the same text for the same value, in any order of its names. */
export function canonicalJson(value: Json): string {
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  let fields = '';
  // RFC 8785 sorts names by UTF-16 units, as `sort` does by default.
  for (const name of Object.keys(value).sort()) {
    fields += `${fields && ','}${JSON.stringify(name)}:${canonicalJson(value[name] as Json)}`;
  }
  return `{${fields}}`;
}
