import type { Effects } from '../base/effects.js';
import type { Json } from '../base/json.js';
import type { Connections } from '../http/connections.js';
import { type HttpFault, sendForText, type TextAnswer } from '../http/request.js';
import { parseRetryAfter } from '../http/retry.js';
import type { AllowedHost } from './allowed-hosts.js';
import type { Pace } from './pace.js';

/** State that all calls of one service share. */
export interface Wire {
  /** Ends in `/v1`. */
  readonly base: URL;
  readonly token: string;
  /** Takes the token out of the service's texts. */
  readonly hideToken: HideToken;
  readonly userAgent: string;
  /** Hosts besides the service's own from which results may be fetched. */
  readonly allowedHosts: readonly AllowedHost[];
  readonly connections: () => Promise<Connections>;
  readonly pace: Pace;
  readonly deps: Effects;
  readonly timeouts: Timeouts;
}

/** Time limits, milliseconds. */
export interface Timeouts {
  /** A GET or a cancellation, from its start to the end of its answer. */
  readonly answer: number;
  /** A submission, besides the time of its upload. */
  readonly submit: number;
  /** A pause in a download, in which no bytes arrive. */
  readonly stall: number;
}

/** Answer of the service, with its body as far as it could be read. */
export interface Reply {
  readonly kind: 'reply';
  readonly status: number;
  /** Seconds. */
  readonly retryAfter: number | null;
  /** Undefined if the body was cut off, too long, or no JSON. */
  readonly json: Json | undefined;
  /** The beginning of the body, as one line, for a person; left out if there is none. */
  readonly start?: string;
}

/** A page of the catalog with its schemas has some hundred kilobytes; no answer of this service has 16 MiB. Our choice. */
const LONGEST_ANSWER = 16 * 1024 * 1024;

/** Part of an answer that tells a person what kind of answer it is. Our choice, characters. */
const LONGEST_START = 200;

/** Sends one GET on a shared connection. */
export function sendGet(
  wire: Wire,
  path: string,
  signal: AbortSignal | undefined,
): Promise<Reply | HttpFault> {
  return exchange(wire, { path, signal, timeout: wire.timeouts.answer });
}

/** Sends one POST on a connection of its own: a stale keep-alive socket would make the submission falsely unknown. */
export function postOnce(
  wire: Wire,
  options: { path: string; body: Buffer; signal: AbortSignal | undefined; timeout: number },
): Promise<Reply | HttpFault> {
  return exchange(wire, { ...options, alone: true });
}

/** Sends one POST that may safely be sent twice, on a shared connection. */
export function postRepeatable(
  wire: Wire,
  options: { path: string; body: Buffer; signal: AbortSignal | undefined },
): Promise<Reply | HttpFault> {
  return exchange(wire, { ...options, timeout: wire.timeouts.answer });
}

interface Exchange {
  /** Path after the base, with its query. */
  readonly path: string;
  readonly body?: Buffer;
  readonly signal: AbortSignal | undefined;
  /** Milliseconds. */
  readonly timeout: number;
  /** True for a connection of its own. */
  readonly alone?: boolean;
}

async function exchange(wire: Wire, options: Exchange): Promise<Reply | HttpFault> {
  const { path, body, signal, timeout, alone = false } = options;
  const connections = await wire.connections();
  const dispatcher = alone ? connections.single(wire.base.origin) : connections.shared;
  const request = {
    method: body ? ('POST' as const) : ('GET' as const),
    url: new URL(wire.base.href + path),
    headers: headersOf(wire, body !== undefined),
    body,
  };
  try {
    const answer = await sendForText(dispatcher, request, { signal, timeout, limit: LONGEST_ANSWER });
    return answer.kind === 'fault' ? answer : readReply(wire, answer);
  } finally {
    if (alone) await dispatcher.destroy();
  }
}

function headersOf(wire: Wire, hasBody: boolean): Record<string, string> {
  return {
    authorization: `Bearer ${wire.token}`,
    accept: 'application/json',
    // Compressed answers save little and can be broken in more ways.
    'accept-encoding': 'identity',
    'user-agent': wire.userAgent,
    ...(hasBody ? { 'content-type': 'application/json' } : {}),
  };
}

/** Reads an answer. Its status counts even if its body cannot be read. */
function readReply(wire: Wire, { status, headers, text }: TextAnswer): Reply {
  const retryAfter = parseRetryAfter(headers['retry-after'], wire.deps.now());
  const json = text === null ? undefined : parseJson(text);
  // Cut only after the token is hidden, and roughly before: the text may have megabytes.
  const start = wire.hideToken(text?.slice(0, LONGEST_START * 10) ?? '').slice(0, LONGEST_START);
  return {
    kind: 'reply',
    status,
    retryAfter,
    json: json === undefined ? undefined : redact(json, wire.hideToken),
    ...(start !== '' && { start }),
  };
}

/** JSON in a text; some gateways write it as a text in JSON. */
function parseJson(text: string): Json | undefined {
  try {
    const json = JSON.parse(text) as Json;
    return typeof json === 'string' ? (parseJson(json) ?? json) : json;
  } catch {
    return undefined;
  }
}

/** Replaces the token in a text. */
export type HideToken = (text: string) => string;

/** Shorter "tokens" are placeholders; hiding them would cut holes into ordinary words. Our choice, characters. */
const SHORTEST_SECRET = 8;

/**
 * Hides a token in texts: as it is, in other letter case (host names), percent-encoded, in hexadecimal, and in base64 of
 * either alphabet, alone or inside a longer text such as a whole header.
 */
export function tokenHider(token: string): HideToken {
  if (token.length < SHORTEST_SECRET) return (text) => text;
  const bytes = Buffer.from(token);
  const forms = [token, encodeURIComponent(token), bytes.toString('hex'), ...inBase64(bytes)];
  // Longest first, so that a form that begins with another one is hidden whole.
  const sorted = [...new Set(forms)].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(sorted.map(escapeRegExp).join('|'), 'gi');
  return (text) => text.replace(pattern, '[token]');
}

/** Base64 of the bytes at each of the three offsets in a group, without the letters that neighbouring bytes change. */
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

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** Deeper than any answer of the service; a hostile one must not exhaust the stack. */
const DEEPEST = 64;

/**
 * The same JSON with the token hidden in every text and key, and without values nested deeper than 64. Every answer
 * passes through here before it is read, so that a service that echoes the request cannot put the token, or a part of it,
 * into a message, a log or a manifest.
 */
export function redact(json: Json, hideToken: HideToken, depth = 0): Json {
  if (typeof json === 'string') return hideToken(json);
  if (typeof json !== 'object' || json === null) return json;
  if (depth >= DEEPEST) return null;
  if (Array.isArray(json)) return json.map((item: Json) => redact(item, hideToken, depth + 1));
  return Object.fromEntries(
    Object.entries(json).map(([name, item]) => [hideToken(name), redact(item, hideToken, depth + 1)]),
  );
}
