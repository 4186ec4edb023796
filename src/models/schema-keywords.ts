import { isList, isObject, type Json, type JsonObject } from '../base/json.js';

/**
 * Types of JSON Schema by the words that catalogs use for them. The service's own documents print `float` and `str`; other
 * generators of such pages print the rest.
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

/** Longest title or description that is kept, characters: a table can still show it. */
const LONGEST_TEXT = 400;

/** More values than any enumeration seen. Our choice. */
const MOST_VALUES = 500;

/** Types that a schema names, without unknown ones; empty if any value is allowed. */
export function typesOf({ type }: JsonObject): readonly string[] {
  const listed = isList(type) ? type.slice(0, 10) : [type];
  const named = listed.map((word) => (typeof word === 'string' ? word.toLowerCase() : ''));
  return [...new Set(named.flatMap((word) => (Object.hasOwn(TYPES, word) ? (TYPES[word] as string) : [])))];
}

/** Scalar values that a schema allows, without repeats; empty if it allows any. */
export function enumOf(json: JsonObject): readonly Json[] {
  const listed = isList(json.enum) ? json.enum : json.const === undefined ? [] : [json.const];
  const scalar = listed.filter((value) => value !== null && typeof value !== 'object');
  return [...new Set(scalar)].slice(0, MOST_VALUES);
}

/** True if a value is of a type of JSON Schema. */
export function isOfType(value: Json, type: string): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'array') return isList(value);
  if (type === 'object') return isObject(value);
  return typeof value === type;
}

/** Limits that belong to one of the types. Leaves patterns out: matching a stranger's pattern may never end. */
export function limitsOf(json: JsonObject, types: readonly string[]): JsonObject {
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

/** Both limits, as far as they are readable; none if no value is between them. */
function range(
  json: JsonObject,
  [low, high]: readonly [string, string],
  parse: (value: Json | undefined) => number | undefined,
): JsonObject {
  const [least, most] = [parse(json[low]), parse(json[high])];
  if (least !== undefined && most !== undefined && least > most) return {};
  return { ...(least !== undefined && { [low]: least }), ...(most !== undefined && { [high]: most }) };
}

function amountOf(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function countOf(value: Json | undefined): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}

/** Title and description of a schema, on one line each. */
export function titleAndDescription(json: JsonObject): JsonObject {
  const kept = ['title', 'description'].flatMap((name) => {
    const text = json[name];
    if (typeof text !== 'string') return [];
    const line = text.slice(0, LONGEST_TEXT).replace(/\s+/g, ' ').trim();
    return line === '' ? [] : [[name, line] as const];
  });
  return Object.fromEntries(kept);
}

/** Longest text that can be a service's default and not a sample text, characters. Our choice. */
const LONGEST_DEFAULT = 120;

/**
 * Default in a catalog's schema, if the service can really assume it; else undefined. Catalogs also print the sample
 * prompts and pictures of their playground as defaults.
 */
export function serviceDefaultIn(value: Json | undefined, schema: JsonObject): Json | undefined {
  if (typeof value === 'boolean') return schema.type === 'boolean' ? value : undefined;
  if (Array.isArray(schema.enum)) return schema.enum.includes(value) ? value : undefined;
  if (typeof value === 'number') return isWithin(value, schema) ? value : undefined;
  if (typeof value !== 'string' || schema.type !== 'string') return undefined;
  const isSample = value.trim() === '' || value.length > LONGEST_DEFAULT || /^(https?|data):/i.test(value);
  return isSample ? undefined : value;
}

function isWithin(value: number, { type, minimum, maximum }: JsonObject): boolean {
  if (type !== 'number' && !(type === 'integer' && Number.isInteger(value))) return false;
  return value >= Number(minimum ?? value) && value <= Number(maximum ?? value);
}
