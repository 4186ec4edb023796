import type { Json } from '../base/json.js';
import type { Connections } from '../http/connections.js';
import { decode } from '../http/decode.js';
import type { Deps } from '../http/deps.js';
import { type HttpFault, sendForWhole, type WholeAnswer } from '../http/request.js';
import { parseRetryAfter } from '../http/retry.js';
import type { Pace } from './pace.js';
import { type Blot, redact } from './redact.js';

/** What all calls of one service share. */
export interface Wire {
  /** Ends in `/v1`. */
  readonly base: URL;
  readonly token: string;
  /** Takes the token out of what the service says. */
  readonly blot: Blot;
  readonly userAgent: string;
  readonly connections: () => Promise<Connections>;
  readonly pace: Pace;
  readonly deps: Deps;
  readonly timeouts: Timeouts;
}

/** Milliseconds. */
export interface Timeouts {
  /** One GET, whole; and a cancellation. */
  readonly answer: number;
  /** A submission, besides the time its upload takes. */
  readonly submit: number;
  /** A download in which nothing arrives. */
  readonly stall: number;
}

/** An answer that has been read, or as much of it as came. */
export interface Reply {
  readonly kind: 'reply';
  readonly status: number;
  /** Seconds. */
  readonly retryAfter: number | null;
  /** Undefined where the body was cut off, too long, or no JSON. */
  readonly json: Json | undefined;
}

/** A page of the catalog with its schemas has some hundred kilobytes; 16 MiB is no answer of this service. */
const LONGEST_ANSWER = 16 * 1024 * 1024;

/** One GET on a shared connection. */
export function get(wire: Wire, path: string, signal: AbortSignal | undefined): Promise<Reply | HttpFault> {
  return exchange(wire, { path, signal, timeout: wire.timeouts.answer });
}

/** One POST on a connection of its own, so that a stale keep-alive socket cannot make a false unknown. */
export function post(
  wire: Wire,
  options: { path: string; body: Buffer; signal: AbortSignal | undefined; timeout: number },
): Promise<Reply | HttpFault> {
  return exchange(wire, { ...options, alone: true });
}

/** One POST that may safely be sent twice, on a shared connection. */
export function repeatable(
  wire: Wire,
  options: { path: string; body: Buffer; signal: AbortSignal | undefined },
): Promise<Reply | HttpFault> {
  return exchange(wire, { ...options, timeout: wire.timeouts.answer });
}

interface Exchange {
  readonly path: string;
  readonly body?: Buffer;
  readonly signal: AbortSignal | undefined;
  /** Milliseconds. */
  readonly timeout: number;
  /** On a connection of its own. */
  readonly alone?: boolean;
}

async function exchange(wire: Wire, options: Exchange): Promise<Reply | HttpFault> {
  const { path, body, signal, timeout, alone = false } = options;
  const connections = await wire.connections();
  const dispatcher = alone ? connections.single(wire.base.origin) : connections.shared;
  try {
    const answer = await sendForWhole(
      dispatcher,
      {
        method: body ? 'POST' : 'GET',
        origin: wire.base.origin,
        path: wire.base.pathname + path,
        headers: headersOf(wire, body !== undefined),
        body,
      },
      { signal, timeout, limit: LONGEST_ANSWER },
    );
    return answer.kind === 'fault' ? answer : await read(wire, answer);
  } finally {
    if (alone) await dispatcher.destroy();
  }
}

function headersOf(wire: Wire, hasBody: boolean): Record<string, string> {
  return {
    authorization: `Bearer ${wire.token}`,
    accept: 'application/json',
    // Compressed answers are not worth the ways in which they can be broken.
    'accept-encoding': 'identity',
    'user-agent': wire.userAgent,
    ...(hasBody ? { 'content-type': 'application/json' } : {}),
  };
}

async function read(wire: Wire, answer: WholeAnswer): Promise<Reply> {
  const { status, headers, body } = answer;
  const retryAfter = parseRetryAfter(headers['retry-after'], wire.deps.now());
  const reply = { kind: 'reply', status, retryAfter } as const;
  // Whatever went wrong with the body, the status has been seen and counts.
  if (body === null) return { ...reply, json: undefined };
  try {
    const text = await decode(body, { encoding: headers['content-encoding'], limit: LONGEST_ANSWER });
    return { ...reply, json: redact(JSON.parse(text) as Json, wire.blot) };
  } catch {
    return { ...reply, json: undefined };
  }
}
