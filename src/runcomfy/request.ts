import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** Ends the request at any point. */
  readonly signal: AbortSignal;
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

/** No answer. */
export interface HttpFault {
  readonly kind: 'fault';
  /** Whether any of the request may have left this machine; false is certain. */
  readonly sent: boolean;
  readonly error: Error;
}

/**
 * One HTTP exchange: no redirects, no repeats, no limits of its own; never rejects.
 * The body fails where the connection does or the announced length is not reached.
 */
export function send(dispatcher: Dispatcher, request: HttpRequest): Promise<HttpAnswer | HttpFault> {
  const { method, url, headers, body, signal } = request;
  return new Promise((resolve) => {
    let sent = false;
    let ended = false;
    let live: Dispatcher.DispatchController | undefined;
    let answer: Readable | undefined;

    const fail = (error: Error) => {
      signal.removeEventListener('abort', stop);
      if (answer) answer.destroy(error);
      else resolve({ kind: 'fault', sent, error });
    };
    const stop = () => {
      const reason = asError(signal.reason);
      live?.abort(reason);
      // While it is still connecting there is nothing to abort yet; `onRequestStart` sees to that.
      fail(reason);
    };
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });

    dispatcher.dispatch(
      {
        origin: url.origin,
        path: url.pathname + url.search,
        method,
        headers,
        body,
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      {
        // Called when the connection stands, just before the head is written.
        onRequestStart(controller) {
          if (signal.aborted) return controller.abort(asError(signal.reason));
          // A GET may be moved to another socket when its own turns out to be stale; a POST never.
          if (sent && method === 'POST') return controller.abort(new Error('the connection was lost'));
          sent = true;
          live = controller;
        },
        onResponseStart(controller, status, answerHeaders) {
          if (status < 200) return;
          answer = new Readable({
            read() {},
            destroy(error, done) {
              signal.removeEventListener('abort', stop);
              if (!ended) controller.abort(error ?? new Error('no longer wanted'));
              done(error);
            },
          });
          // Whoever reads the body hears of its failure; if nobody does, it is not a crash.
          answer.on('error', () => {});
          resolve({ kind: 'answer', status, headers: answerHeaders, body: answer });
        },
        onResponseData(_controller, chunk) {
          // Never paused: undici 7 crashes the process when a connection ends whose answer is (nodejs/undici#5360).
          answer?.push(chunk);
        },
        onResponseEnd() {
          ended = true;
          answer?.push(null);
        },
        onResponseError(_controller, error) {
          fail(error);
        },
      },
    );
  });
}

/** Reads a body of at most `limit` bytes; rejects when it is longer or cut off. */
export function readBody(body: Readable, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    body.on('data', (chunk: Buffer) => {
      length += chunk.length;
      chunks.push(chunk);
      // Destroys the connection too.
      if (length > limit) body.destroy(new Error(`the answer is longer than ${limit} bytes`));
    });
    body.on('end', () => resolve(Buffer.concat(chunks, length)));
    body.on('error', reject);
    body.on('close', () => reject(new Error('the answer was cut off')));
  });
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}
