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
