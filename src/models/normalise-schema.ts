import { isList, isObject, type Json, type JsonObject } from '../base/json.js';
import {
  enumOf,
  isOfType,
  limitsOf,
  serviceDefaultIn,
  titleAndDescription,
  typesOf,
} from './schema-keywords.js';

/** Limits above any schema seen, so that a hostile one cannot exhaust memory or stack. Our choice. */
const DEEPEST = 8;
const MOST_SCHEMAS = 1000;

/** Field names as models have them; other names are dropped. */
const FIELD = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

/** Keywords that tell a schema from a bare map of fields. */
const KEYWORDS = ['type', 'properties', 'items', 'enum', '$ref', 'anyOf', 'oneOf', 'allOf', 'const'];

/**
 * Input schema of the service's catalog as a JSON Schema (draft-07) in the form of `schemas/models/`: known keywords only,
 * unknown types left open, references resolved, sample values left out. The catalog often prints invalid JSON Schema; parts
 * that cannot be understood are dropped, because the service checks them again. Null if no fields are found. Never throws,
 * and the size of the result is bounded.
 */
export function normaliseSchema(json: Json): JsonObject | null {
  const root = rootOf(json);
  if (!root) return null;
  const schema = new Normaliser(root).object(root, 0);
  if (Object.keys(schema.properties as JsonObject).length === 0) return null;
  return { $schema: 'http://json-schema.org/draft-07/schema#', ...schema };
}

/** Schema that holds the fields, without a wrapper; null if there is none. */
function rootOf(json: Json): JsonObject | null {
  if (!isObject(json)) return null;
  if (isObject(json.properties)) return json;
  for (const wrapper of ['input_schema', 'input', 'schema']) {
    const inner = json[wrapper];
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

  /** Schema of an object with named fields; it refuses other fields unless the catalog allows them. */
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
      ...titleAndDescription(json),
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
    // An enumeration that contradicts the type is trusted more.
    const fits = values.length === 0 || values.every((value) => types.some((type) => isOfType(value, type)));
    const schema: JsonObject = {
      ...titleAndDescription(json),
      ...(types.length > 0 && fits && { type: types.length === 1 ? (type as string) : types }),
      ...(values.length > 0 && { enum: values }),
      ...limitsOf(json, types),
      ...(types.includes('array') && { items: this.#items(json.items, depth + 1) }),
    };
    const assumed = required ? undefined : serviceDefaultIn(json.default, schema);
    return assumed === undefined ? schema : { ...schema, default: assumed };
  }

  /** Schema of a list's items, which may also be given as bare fields. */
  #items(json: Json | undefined, depth: number): JsonObject {
    if (!isObject(json)) return {};
    if (!isBareFields(json)) return this.#field(json, { depth, required: false });
    this.#schemas += 1;
    return depth > DEEPEST ? {} : this.object({ properties: json }, depth);
  }

  /** Replaces a reference by its target, and alternatives by the only one that is not `null`. */
  #resolve(json: JsonObject): JsonObject {
    let schema = json;
    // References may lead to references, and even to themselves.
    for (let step = 0; step < DEEPEST; step += 1) {
      const inner = this.#referenced(schema) ?? onlyAlternative(schema);
      if (!inner) break;
      const { $ref, anyOf, oneOf, allOf, ...beside } = schema;
      schema = { ...inner, ...beside };
    }
    return schema;
  }

  #referenced({ $ref }: JsonObject): JsonObject | undefined {
    if (typeof $ref !== 'string') return undefined;
    const [, place, name] = /^#\/(definitions|\$defs)\/([^/]+)$/.exec($ref) ?? [];
    if (place === undefined || name === undefined) return undefined;
    const all = this.#root[place];
    const found = isObject(all) && Object.hasOwn(all, name) ? all[name] : undefined;
    return isObject(found) ? found : undefined;
  }
}

/** The only alternative besides `null`, which generators add to optional fields; undefined if there are several. */
function onlyAlternative({ anyOf, oneOf, allOf }: JsonObject): JsonObject | undefined {
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

/** True for bare fields, as the O3 model's document prints them in `items`: a map from names to schemas. */
function isBareFields(json: JsonObject): boolean {
  const entries = Object.entries(json);
  const isSchema = KEYWORDS.some((name) => typeof json[name] === 'string' || isList(json[name]));
  if (isSchema || isObject(json.properties) || entries.length === 0) return false;
  return entries.every(([name, field]) => FIELD.test(name) && isObject(field));
}
