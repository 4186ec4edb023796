import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { codingsIn, decode } from './content-coding.js';

/** One HTTP request. */
export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer | undefined;
}

/**
 * Head of an answer, with its body still to be read. Destroying the body ends the exchange. The body has no
 * backpressure: read it or destroy it immediately, and await nothing between two pieces except the next piece, so that
 * few bytes wait in memory.
 */
export interface HttpAnswer {
  readonly kind: 'answer';
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable;
}

/** Answer whose body is read; `text` is null if the body was cut off, was too long or could not be unpacked. */
export interface TextAnswer extends Omit<HttpAnswer, 'kind' | 'body'> {
  readonly kind: 'text';
  readonly text: string | null;
}

/** Failure of a request that got no answer. */
export interface HttpFault {
  readonly kind: 'fault';
  /** False only if no byte of the request can have left this machine. */
  readonly sent: boolean;
  readonly error: Error;
}

/**
 * One HTTP exchange: no redirects, no repetition, and no limit except `signal`, which ends it at any point. Never
 * rejects. The body fails if the connection breaks or if it is shorter than the announced length.
 */
export function sendRequest(
  dispatcher: Dispatcher,
  { url, method, headers, body, signal }: HttpRequest & { readonly signal: AbortSignal },
): Promise<HttpAnswer | HttpFault> {
  if (signal.aborted) return Promise.resolve({ kind: 'fault', sent: false, error: asError(signal.reason) });
  return new Promise((resolve) => {
    let sent = false;
    let over = false;
    let cancelled: Error | null = null;
    let answer: Readable | undefined;
    let controller: Dispatcher.DispatchController | undefined;
    const end = (error: Error | null) => {
      if (over) return;
      over = true;
      signal.removeEventListener('abort', stop);
      if (error === null) answer?.push(null);
      else if (answer) answer.destroy(error);
      else resolve({ kind: 'fault', sent, error });
    };
    const cancel = (error: Error) => {
      if (over) return;
      cancelled = error;
      controller?.abort(error);
      end(error);
    };
    const stop = () => cancel(asError(signal.reason));
    signal.addEventListener('abort', stop, { once: true });
    const target = { origin: url.origin, path: url.pathname + url.search };
    dispatcher.dispatch(
      { ...target, method, headers, body, headersTimeout: 0, bodyTimeout: 0 },
      {
        // undici calls this when the connection is made, just before it writes the head.
        onRequestStart(started) {
          // An exchange cancelled while it was still connecting had no controller to abort.
          if (cancelled) return started.abort(cancelled);
          // undici may move a GET from a stale socket to another one; a POST must never be sent twice.
          if (sent && method === 'POST') return started.abort(new Error('the connection was lost'));
          sent = true;
          controller = started;
        },
        onResponseStart(_controller, status, answerHeaders) {
          if (status < 200 || over) return;
          answer = new Readable({
            read() {},
            destroy(error, done) {
              cancel(error ?? new Error('no longer wanted'));
              done(error);
            },
          });
          // A reader of the body sees its failure; without a reader, the failure must not end the process.
          answer.on('error', () => {});
          resolve({ kind: 'answer', status, headers: answerHeaders, body: answer });
        },
        onResponseData(_controller, chunk) {
          // Never paused: undici 7 crashes the process when the connection of a paused answer ends (nodejs/undici#5360).
          if (!over) answer?.push(chunk);
        },
        onResponseEnd() {
          end(null);
        },
        onResponseError(_controller, error) {
          end(error);
        },
      },
    );
  });
}

/**
 * Sends a request like `sendRequest` and reads the answer's body as text. Ends an exchange that takes longer than `timeout`
 * milliseconds. Returns no text for a body longer than `limit` bytes, packed or unpacked.
 */
export async function sendForText(
  dispatcher: Dispatcher,
  request: HttpRequest,
  limits: { readonly signal: AbortSignal | undefined; readonly timeout: number; readonly limit: number },
): Promise<TextAnswer | HttpFault> {
  const deadline = startDeadline(limits.timeout, limits.signal);
  try {
    const answer = await sendRequest(dispatcher, { ...request, signal: deadline.signal });
    if (answer.kind === 'fault') return answer;
    const { status, headers, body } = answer;
    return { kind: 'text', status, headers, text: await readText(body, headers, limits.limit) };
  } finally {
    deadline.clear();
  }
}

async function readText(body: Readable, headers: IncomingHttpHeaders, limit: number): Promise<string | null> {
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of body as AsyncIterable<Buffer>) {
      length += piece.length;
      // Leaving the loop destroys the body.
      if (length > limit) return null;
      pieces.push(piece);
    }
    return await decode(Buffer.concat(pieces, length), { encoding: headers['content-encoding'], limit });
  } catch {
    return null;
  }
}

/** Length of the whole file that an answer brings, or brings a part of (206), bytes; null if the server does not say. */
export function fileLength({ status, headers }: Pick<HttpAnswer, 'status' | 'headers'>): number | null {
  // The length is that of the packed file.
  if (codingsIn(headers['content-encoding']).length > 0) return null;
  const length =
    status === 206
      ? /^bytes \d+-\d+\/(\d{1,15})$/.exec(headers['content-range'] ?? '')?.[1]
      : /^\d{1,15}$/.exec(headers['content-length'] ?? '')?.[0];
  return length === undefined ? null : Number(length);
}

/** Time limit of an exchange. */
export interface Deadline {
  /** Aborts when the time is over or when the caller's own signal aborts; its reason is an `EndedError`. */
  readonly signal: AbortSignal;
  /** Starts the time again, because something arrived. */
  extend(): void;
  /** Stops the timer; to be called at the end. */
  clear(): void;
}

/** Starts a time limit of `ms` milliseconds that also ends together with `outer`. */
export function startDeadline(ms: number, outer: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new EndedError('timeout')), ms);
  const follow = () => controller.abort(new EndedError('aborted'));
  if (outer?.aborted) follow();
  else outer?.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    extend: () => void timer.refresh(),
    clear() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', follow);
    },
  };
}

/** An exchange ended on our side; `code` is the code of the resulting `ServiceError`. */
class EndedError extends Error {
  readonly code: 'timeout' | 'aborted';

  constructor(code: 'timeout' | 'aborted') {
    super(code);
    this.code = code;
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}

/** Reason of a network error, as the end of a sentence. */
export function networkReason(error: Error): string {
  const code = networkCode(error);
  return REASONS[code ?? ''] ?? otherReason(code);
}

/** Code of a network error, or else of its cause; null if neither has one. */
export function networkCode(error: Error): string | null {
  // undici's error for a proxy that answers CONNECT with another status than 200.
  if (error.message.startsWith('Proxy response')) return 'proxy';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.cause instanceof Error ? networkCode(error.cause) : null;
}

const REASONS: Readonly<Record<string, string>> = {
  aborted: 'it was stopped',
  timeout: 'it took too long',
  proxy: 'the proxy could not be used; look at HTTPS_PROXY and NO_PROXY',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection broke',
  EPIPE: 'the connection broke',
  UND_ERR_SOCKET: 'the connection broke',
  UND_ERR_CONNECT_TIMEOUT: 'the connection took too long',
  ETIMEDOUT: 'the connection took too long',
  ENOTFOUND: 'its name is not known; check the network',
  EAI_AGAIN: 'its name could not be looked up; check the network',
  ENETUNREACH: 'there is no way to it; check the network',
  EHOSTUNREACH: 'there is no way to it; check the network',
};

function otherReason(code: string | null): string {
  if (code === null) return 'the connection failed';
  const isTls = /CERT|SSL|TLS|SIGNED|ISSUER|UNABLE_TO/.test(code);
  return isTls ? `no safe connection could be made (${code})` : `the connection failed (${code})`;
}
