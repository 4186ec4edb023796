import type { Json, JsonObject } from './json.js';

/** Canonical JSON (RFC 8785): the one text of a value, whatever order its names were written in. */
export function canonicalJson(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  let fields = '';
  // By UTF-16 units, as `sort` does unless told otherwise.
  for (const name of Object.keys(value).sort()) {
    fields += `${fields && ','}${JSON.stringify(name)}:${canonicalJson((value as JsonObject)[name] as Json)}`;
  }
  return `{${fields}}`;
}
