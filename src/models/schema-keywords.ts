import { isList, isObject, type Json, type JsonObject } from '../base/json.js';

/**
 * The types of JSON Schema, by the words catalogs use for them. The service's own documents print `float` and `str`;
 * the rest are what other generators of such pages print.
 */
const TYPES: Readonly<Record<string, string>> = {
  string: 'string',
  str: 'string',
  text: 'string',
  uri: 'string',
  url: 'string',
  image_uri: 'string',
  video_uri: 'string',
  audio_uri: 'string',
  image: 'string',
  video: 'string',
  number: 'number',
  float: 'number',
  double: 'number',
  decimal: 'number',
  integer: 'integer',
  int: 'integer',
  long: 'integer',
  boolean: 'boolean',
  bool: 'boolean',
  array: 'array',
  list: 'array',
  image_uris: 'array',
  object: 'object',
  dict: 'object',
  map: 'object',
};

/** Longest title or description kept, characters: what a table can still show. */
const LONGEST_TEXT = 400;

/** More values than any list of choices seen. Our choice. */
const MOST_VALUES = 500;

/** The types a schema names, without those nobody knows; empty where any value may stand. */
export function typesOf({ type }: JsonObject): readonly string[] {
  const listed = isList(type) ? type.slice(0, 10) : [type];
  const named = listed.map((word) => (typeof word === 'string' ? word.toLowerCase() : ''));
  return [...new Set(named.flatMap((word) => (Object.hasOwn(TYPES, word) ? (TYPES[word] as string) : [])))];
}

/** The scalar values that are allowed, without repeats; empty where any is. */
export function enumOf(json: JsonObject): readonly Json[] {
  const listed = isList(json.enum) ? json.enum : json.const === undefined ? [] : [json.const];
  const scalar = listed.filter((value) => value !== null && typeof value !== 'object');
  return [...new Set(scalar)].slice(0, MOST_VALUES);
}

/** Whether a value is of a type of JSON Schema. */
export function isOfType(value: Json, type: string): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'array') return isList(value);
  if (type === 'object') return isObject(value);
  return typeof value === type;
}

/** Limits that go with one of the types and can be kept; a regular expression of a stranger's may take for ever. */
export function limits(json: JsonObject, types: readonly string[]): JsonObject {
  const numeric = types.includes('number') || types.includes('integer');
  const step = amountOf(json.multipleOf);
  return {
    ...(numeric && range(json, ['minimum', 'maximum'], amountOf)),
    ...(numeric && step !== undefined && step > 0 && { multipleOf: step }),
    ...(types.includes('string') && range(json, ['minLength', 'maxLength'], countOf)),
    ...(types.includes('array') && range(json, ['minItems', 'maxItems'], countOf)),
    ...(types.includes('array') && json.uniqueItems === true && { uniqueItems: true }),
  };
}

/** Both ends where they are readable and some value lies between them. */
function range(
  json: JsonObject,
  [low, high]: readonly [string, string],
  read: (value: Json | undefined) => number | undefined,
): JsonObject {
  const [least, most] = [read(json[low]), read(json[high])];
  if (least !== undefined && most !== undefined && least > most) return {};
  return { ...(least !== undefined && { [low]: least }), ...(most !== undefined && { [high]: most }) };
}

function amountOf(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function countOf(value: Json | undefined): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}

/** Title and description, on one line each. */
export function texts(json: JsonObject): JsonObject {
  const kept = ['title', 'description'].flatMap((name) => {
    const text = json[name];
    if (typeof text !== 'string') return [];
    const line = text.slice(0, LONGEST_TEXT).replace(/\s+/g, ' ').trim();
    return line === '' ? [] : [[name, line] as const];
  });
  return Object.fromEntries(kept);
}
