import type { Json } from '../json.js';

/** A shorter "token" is a placeholder, and would only punch holes into ordinary words. */
const SHORTEST_SECRET = 8;
/** Deeper than any answer; a hostile one must not exhaust the stack. */
const DEEPEST = 64;

/**
 * The same JSON with the token blotted out of every text and key, and what is nested more than 64 deep left
 * out. It is done before anything reads an answer, so that a service that echoes the request cannot put the
 * token, or a part of it, into a message, a log or a manifest.
 */
export function redact(json: Json, token: string, depth = 0): Json {
  if (token.length < SHORTEST_SECRET) return json;
  const clean = (text: string) => text.replaceAll(token, '[token]');
  if (typeof json === 'string') return clean(json);
  if (typeof json !== 'object' || json === null) return json;
  if (depth >= DEEPEST) return null;
  if (Array.isArray(json)) return json.map((item: Json) => redact(item, token, depth + 1));
  return Object.fromEntries(
    Object.entries(json).map(([name, item]) => [clean(name), redact(item, token, depth + 1)]),
  );
}
