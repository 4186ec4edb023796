import type { Json, JsonObject } from '../base/json.js';

/** Longest text that can be a service's default rather than a sample of what to write, characters. Our choice. */
const LONGEST = 120;

/**
 * The default that a live schema names, where it can be what the service assumes: catalogs also print the sample
 * prompts and pictures of their playground as defaults, and those nobody assumes.
 */
export function readDefault(value: Json | undefined, schema: JsonObject): Json | undefined {
  if (typeof value === 'boolean') return schema.type === 'boolean' ? value : undefined;
  if (Array.isArray(schema.enum)) return schema.enum.includes(value) ? value : undefined;
  if (typeof value === 'number') return isWithin(value, schema) ? value : undefined;
  if (typeof value !== 'string' || schema.type !== 'string') return undefined;
  const isSample = value.trim() === '' || value.length > LONGEST || /^(https?|data):/i.test(value);
  return isSample ? undefined : value;
}

function isWithin(value: number, { type, minimum, maximum }: JsonObject): boolean {
  if (type !== 'number' && !(type === 'integer' && Number.isInteger(value))) return false;
  return value >= Number(minimum ?? value) && value <= Number(maximum ?? value);
}
