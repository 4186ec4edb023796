import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { EndedError } from './deadline.js';

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly origin: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer | undefined;
}

/**
 * The head of an answer, with its body still to be read; destroying the body ends the connection's part in it.
 * The body has no backpressure: it is to be read or destroyed at once, and nothing awaited between two pieces but the
 * next one, so that what waits in memory stays small.
 */
export interface HttpAnswer {
  readonly kind: 'answer';
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable;
}

/** An answer with its body; that is null where it was cut off, or longer than what was to be taken. */
export interface WholeAnswer extends Omit<HttpAnswer, 'kind' | 'body'> {
  readonly kind: 'whole';
  readonly body: Buffer | null;
}

/** No answer. */
export interface HttpFault {
  readonly kind: 'fault';
  /** Whether any of the request may have left this machine; false is certain. */
  readonly sent: boolean;
  readonly error: Error;
}

/**
 * One HTTP exchange: no redirects, no repeats, no limits of its own but `signal`, which ends it at any point; never
 * rejects. The body fails where the connection does or the announced length is not reached.
 */
export function send(
  dispatcher: Dispatcher,
  {
    url,
    signal,
    ...rest
  }: Omit<HttpRequest, 'origin' | 'path'> & {
    readonly url: URL;
    readonly signal: AbortSignal;
  },
): Promise<HttpAnswer | HttpFault> {
  const request = { ...rest, origin: url.origin, path: url.pathname + url.search };
  if (signal.aborted) return Promise.resolve(notBegun(asError(signal.reason)));
  return new Promise((resolve) => {
    let ended = false;
    let answer: Readable | undefined;
    const stop = () => end(asError(signal.reason));
    signal.addEventListener('abort', stop, { once: true });
    const end = dispatch(dispatcher, request, {
      head(status, headers) {
        answer = new Readable({
          read() {},
          destroy(error, done) {
            signal.removeEventListener('abort', stop);
            if (!ended) end(error ?? new Error('no longer wanted'));
            done(error);
          },
        });
        // Whoever reads the body hears of its failure; if nobody does, it is not a crash.
        answer.on('error', () => {});
        resolve({ kind: 'answer', status, headers, body: answer });
      },
      data(chunk) {
        // Never paused: undici 7 crashes the process when a connection ends whose answer is (nodejs/undici#5360).
        answer?.push(chunk);
      },
      done() {
        ended = true;
        answer?.push(null);
      },
      fail(error, sent) {
        ended = true;
        signal.removeEventListener('abort', stop);
        if (answer) answer.destroy(error);
        else resolve({ kind: 'fault', sent, error });
      },
    });
  });
}

/**
 * The same for a small answer, which is taken whole: an exchange that takes longer than `timeout` milliseconds, or whose
 * `signal` aborts, is ended, and an answer that is longer than `limit` bytes is cut off.
 */
export function sendForWhole(
  dispatcher: Dispatcher,
  request: HttpRequest,
  limits: {
    readonly signal: AbortSignal | undefined;
    readonly timeout: number;
    readonly limit: number;
  },
): Promise<WholeAnswer | HttpFault> {
  const { signal, timeout, limit } = limits;
  if (signal?.aborted) return Promise.resolve(notBegun(new EndedError('aborted')));
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    let answer: WholeAnswer | undefined;
    const settle = (settled: WholeAnswer | HttpFault) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      resolve(settled);
    };
    const stop = () => end(new EndedError('aborted'));
    const timer = setTimeout(() => end(new EndedError('timeout')), timeout);
    signal?.addEventListener('abort', stop, { once: true });
    const end = dispatch(dispatcher, request, {
      head(status, headers) {
        answer = { kind: 'whole', status, headers, body: null };
      },
      data(chunk) {
        chunks.push(chunk);
        length += chunk.length;
        if (length > limit) end(new Error(`the answer is longer than ${limit} bytes`));
      },
      done() {
        if (answer) settle({ ...answer, body: Buffer.concat(chunks, length) });
      },
      fail: (error, sent) => settle(answer ?? { kind: 'fault', sent, error }),
    });
  });
}

function notBegun(error: Error): HttpFault {
  return { kind: 'fault', sent: false, error };
}

/** What hears of an exchange; one of `done` and `fail` comes, once and last. */
interface Hearer {
  head(status: number, headers: IncomingHttpHeaders): void;
  data(chunk: Buffer): void;
  done(): void;
  /** `sent`: whether any of the request may have left this machine; false is certain. */
  fail(error: Error, sent: boolean): void;
}

/** Begins an exchange; returns what ends it, for a reason, wherever it is by then. */
function dispatch(
  dispatcher: Dispatcher,
  { method, origin, path, headers, body }: HttpRequest,
  hearer: Hearer,
): (reason: Error) => void {
  let sent = false;
  let over = false;
  let reason: Error | null = null;
  let live: Dispatcher.DispatchController | undefined;
  const fail = (error: Error) => {
    if (over) return;
    over = true;
    hearer.fail(error, sent);
  };
  dispatcher.dispatch(
    {
      origin,
      path,
      method,
      headers,
      body,
      headersTimeout: 0,
      bodyTimeout: 0,
    },
    {
      // Called when the connection stands, just before the head is written.
      onRequestStart(controller) {
        // While it was still connecting there was nothing to abort.
        if (reason) return controller.abort(reason);
        // A GET may be moved to another socket when its own turns out to be stale; a POST never.
        if (sent && method === 'POST') return controller.abort(new Error('the connection was lost'));
        sent = true;
        live = controller;
      },
      onResponseStart(_controller, status, answerHeaders) {
        if (status >= 200 && !over) hearer.head(status, answerHeaders);
      },
      onResponseData(_controller, chunk) {
        if (!over) hearer.data(chunk);
      },
      onResponseEnd() {
        if (over) return;
        over = true;
        hearer.done();
      },
      onResponseError(_controller, error) {
        fail(error);
      },
    },
  );
  return (why) => {
    if (over) return;
    reason = why;
    live?.abort(why);
    fail(why);
  };
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}
