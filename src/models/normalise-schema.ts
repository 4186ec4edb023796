import { isList, isObject, type Json, type JsonObject } from '../base/json.js';
import { readDefault } from './schema-default.js';
import { enumOf, isOfType, limits, texts, typesOf } from './schema-keywords.js';

/** Deeper and larger schemas than any input seen; a hostile one must not exhaust memory or stack. Our choice. */
const DEEPEST = 8;
const MOST_SCHEMAS = 1000;

/** Field names as models have them; what else there may be has no place in a request of ours. */
const FIELD = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

/** Keywords whose presence shows that an object is a schema, and not a map of fields without its wrapping. */
const KEYWORDS = ['type', 'properties', 'items', 'enum', '$ref', 'anyOf', 'oneOf', 'allOf', 'const'];

/**
 * The input schema of a live catalog as a JSON Schema (draft-07) of the kind that `schemas/models/` has: known
 * keywords only, unknown types left open, references put in place, sample values left out. What the service
 * prints is often no valid JSON Schema; what cannot be understood is dropped, because the service checks it again.
 * Null where there are no fields to be found in it. Never throws, and its size is bounded.
 */
export function normaliseSchema(json: Json): JsonObject | null {
  const root = rootOf(json);
  if (!root) return null;
  const schema = new Normaliser(root).object(root, 0);
  if (Object.keys(schema.properties as JsonObject).length === 0) return null;
  return { $schema: 'http://json-schema.org/draft-07/schema#', ...schema };
}

/** The object that holds the fields, out of what it may be wrapped in. */
function rootOf(json: Json): JsonObject | null {
  if (!isObject(json)) return null;
  if (isObject(json.properties)) return json;
  for (const wrapping of ['input_schema', 'input', 'schema']) {
    const inner = json[wrapping];
    if (isObject(inner) && isObject(inner.properties)) return { ...definitionsOf(json), ...inner };
  }
  return isBareFields(json) ? { properties: json } : null;
}

function definitionsOf({ definitions, $defs }: JsonObject): JsonObject {
  return { ...(definitions !== undefined && { definitions }), ...($defs !== undefined && { $defs }) };
}

class Normaliser {
  readonly #root: JsonObject;
  #schemas = 0;

  constructor(root: JsonObject) {
    this.#root = root;
  }

  /** A schema of an object with named fields; fields that are not named are refused unless it says otherwise. */
  object(json: JsonObject, depth: number): JsonObject {
    const fields = isObject(json.properties) ? json.properties : {};
    const required = requiredOf(json, fields);
    const properties: Record<string, Json> = {};
    for (const [name, field] of Object.entries(fields)) {
      if (!FIELD.test(name) || this.#schemas >= MOST_SCHEMAS) continue;
      properties[name] = this.#field(field, { depth: depth + 1, required: required.includes(name) });
    }
    const kept = required.filter((name) => Object.hasOwn(properties, name));
    return {
      type: 'object',
      ...texts(json),
      additionalProperties: json.additionalProperties === true || Object.keys(properties).length === 0,
      ...(kept.length > 0 && { required: kept }),
      properties,
    };
  }

  #field(written: Json, { depth, required }: { depth: number; required: boolean }): JsonObject {
    this.#schemas += 1;
    if (depth > DEEPEST || !isObject(written)) return {};
    const json = this.#resolve(written);
    const types = typesOf(json);
    const type = types[0];
    if (type === 'object' || (type === undefined && isObject(json.properties)))
      return this.object(json, depth);
    const values = enumOf(json);
    // A list of values says more than a type that contradicts it.
    const fits = values.length === 0 || values.every((value) => types.some((type) => isOfType(value, type)));
    const schema: JsonObject = {
      ...texts(json),
      ...(types.length > 0 && fits && { type: types.length === 1 ? (type as string) : types }),
      ...(values.length > 0 && { enum: values }),
      ...limits(json, types),
      ...(types.includes('array') && { items: this.#items(json.items, depth + 1) }),
    };
    const usual = required ? undefined : readDefault(json.default, schema);
    return usual === undefined ? schema : { ...schema, default: usual };
  }

  /** What stands in a list: a schema, or its fields without their wrapping. */
  #items(json: Json | undefined, depth: number): JsonObject {
    if (!isObject(json)) return {};
    if (!isBareFields(json)) return this.#field(json, { depth, required: false });
    this.#schemas += 1;
    return depth > DEEPEST ? {} : this.object({ properties: json }, depth);
  }

  /** Puts in place what a schema refers to, and takes the one that counts of several alternatives. */
  #resolve(json: JsonObject): JsonObject {
    let schema = json;
    // References may lead to references, in a ring even.
    for (let step = 0; step < DEEPEST; step += 1) {
      const inner = this.#referred(schema) ?? only(schema);
      if (!inner) break;
      const { $ref, anyOf, oneOf, allOf, ...beside } = schema;
      schema = { ...inner, ...beside };
    }
    return schema;
  }

  #referred({ $ref }: JsonObject): JsonObject | undefined {
    if (typeof $ref !== 'string') return undefined;
    const [, place, name] = /^#\/(definitions|\$defs)\/([^/]+)$/.exec($ref) ?? [];
    if (place === undefined || name === undefined) return undefined;
    const all = this.#root[place];
    const found = isObject(all) && Object.hasOwn(all, name) ? all[name] : undefined;
    return isObject(found) ? found : undefined;
  }
}

/** The alternative that is not `null`, which generators write for what may be left out; none where there are more. */
function only({ anyOf, oneOf, allOf }: JsonObject): JsonObject | undefined {
  const alternatives = [anyOf, oneOf, allOf].find(isList) ?? [];
  const real = alternatives.filter(isObject).filter(({ type }) => type !== 'null');
  return real.length === 1 ? real[0] : undefined;
}

function requiredOf(json: JsonObject, fields: JsonObject): readonly string[] {
  const listed = isList(json.required) ? json.required.filter((name) => typeof name === 'string') : [];
  const marked = Object.keys(fields).filter((name) => {
    const field = fields[name];
    return isObject(field) && field.required === true;
  });
  return [...new Set([...listed, ...marked])];
}

/** Fields as the O3 model's document prints them in `items`: each name with its schema, nothing around them. */
function isBareFields(json: JsonObject): boolean {
  const entries = Object.entries(json);
  const isSchema = KEYWORDS.some((name) => typeof json[name] === 'string' || isList(json[name]));
  if (isSchema || isObject(json.properties) || entries.length === 0) return false;
  return entries.every(([name, field]) => FIELD.test(name) && isObject(field));
}
