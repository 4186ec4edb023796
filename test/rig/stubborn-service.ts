import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** Answers one call. */
type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface Stubborn {
  /** Answers a submission; accepts it immediately by default. */
  submit?: Answer;
  /** Answers a poll; by default the request is in the queue or cancelled. */
  ask?: Answer;
  /** Answers a cancellation; by default the request is cancelled. */
  cancel?: Answer;
  /** Most open connections; further ones are cut. */
  connections?: number;
}

/** Starts a server with RunComfy's API whose requests stay in the queue forever; a script changes its answers. */
export async function startStubborn(): Promise<{
  /** A test may change it at any time. */
  readonly script: Stubborn;
  readonly env: Readonly<Record<string, string>>;
  /** Ids of the accepted requests, in order. */
  readonly accepted: readonly string[];
  readonly cancelled: ReadonlySet<string>;
  readonly origin: string;
}> {
  const script: Stubborn = {};
  const accepted: string[] = [];
  const cancelled = new Set<string>();
  const submit: Answer = (_request, response) => {
    accepted.push(`req-${accepted.length + 1}`);
    json(response, 200, { request_id: accepted.at(-1) });
  };
  const ask: Answer = ({ url = '' }, response) => {
    const id = idIn(url);
    if (!accepted.includes(id)) return json(response, 404, { message: 'no such request' });
    json(response, 200, {
      request_id: id,
      status: cancelled.has(id) ? 'cancelled' : 'in_queue',
      queue_position: 3,
    });
  };
  const cancel: Answer = ({ url = '' }, response) => {
    const id = idIn(url);
    cancelled.add(id);
    json(response, 200, { request_id: id, status: 'cancelled', outcome: 'cancelled' });
  };
  const server = createServer((request, response) => {
    if (request.method === 'GET') return (script.ask ?? ask)(request, response);
    request.resume().on('end', () => {
      const isCancel = request.url?.endsWith('/cancel');
      (isCancel ? (script.cancel ?? cancel) : (script.submit ?? submit))(request, response);
    });
  });
  let open = 0;
  server.on('connection', (socket) => {
    open += 1;
    socket.on('close', () => {
      open -= 1;
    });
    if (open > (script.connections ?? Number.POSITIVE_INFINITY)) socket.destroy();
  });
  server.listen(0, '127.0.0.1', 1024);
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const env = { RUNCOMFY_MODEL_API_BASE: `${origin}/v1`, RUNCOMFY_API_TOKEN: 'stubborn-token-41c6' };
  return { script, env, accepted, cancelled, origin };
}

/** The request id in a path. */
export function idIn(url: string): string {
  return /\/requests\/([^/]+)\//.exec(url)?.[1] ?? '';
}

export function json(response: ServerResponse, status: number, body: object): void {
  const headers = { 'content-type': 'application/json' };
  response.writeHead(status, headers).end(JSON.stringify(body));
}
