import type { Json } from '../base/json.js';

/** A shorter "token" is a placeholder, and would only punch holes into ordinary words. */
const SHORTEST_SECRET = 8;
/** Deeper than any answer; a hostile one must not exhaust the stack. */
const DEEPEST = 64;

/** Takes a token out of texts. */
export type Blot = (text: string) => string;

/**
 * Blots a token out of texts: as it is, in other letter case (host names), percent-encoded, in hexadecimal, and in
 * base64 of either alphabet, alone or in the middle of something longer such as a whole header.
 */
export function blotOut(token: string): Blot {
  if (token.length < SHORTEST_SECRET) return (text) => text;
  const bytes = Buffer.from(token);
  const forms = [token, encodeURIComponent(token), bytes.toString('hex'), ...inBase64(bytes)];
  // The longest first: where one form begins another, all of it goes.
  const sorted = [...new Set(forms)].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(sorted.map(escaped).join('|'), 'gi');
  return (text) => text.replace(pattern, '[token]');
}

/**
 * The same JSON with the token blotted out of every text and key, and what is nested more than 64 deep left
 * out. It is done before anything reads an answer, so that a service that echoes the request cannot put the
 * token, or a part of it, into a message, a log or a manifest.
 */
export function redact(json: Json, blot: Blot, depth = 0): Json {
  if (typeof json === 'string') return blot(json);
  if (typeof json !== 'object' || json === null) return json;
  if (depth >= DEEPEST) return null;
  if (Array.isArray(json)) return json.map((item: Json) => redact(item, blot, depth + 1));
  return Object.fromEntries(
    Object.entries(json).map(([name, item]) => [blot(name), redact(item, blot, depth + 1)]),
  );
}

/** What base64 makes of the bytes, wherever they begin in a group of three; without the letters that others share. */
function inBase64(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const shared = (before + bytes.length) % 3 === 0 ? 0 : 1;
    const own = text.slice(Math.ceil((before * 8) / 6), text.length - shared);
    return [own, own.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
