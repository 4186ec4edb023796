import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** A request as it came over the connection. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Number of its connection, from 1. */
  readonly connection: number;
}

export interface RawServer {
  readonly port: number;
  readonly origin: string;
  /** All requests so far, in order. */
  readonly requests: readonly RawRequest[];
  /** Number of connections so far. */
  readonly connections: () => number;
  close(): Promise<void>;
}

/** Answers request number `count`, from 1, with anything that a socket allows. */
export type Script = (request: RawRequest, socket: Socket, count: number) => void;

/**
 * A server on a loopback port that reads HTTP/1.1 requests and leaves the answers, byte for byte, to a script:
 * it can cut, reset, lie and stay silent as no well-behaved server would.
 */
export async function startRawServer(script: Script): Promise<RawServer> {
  const requests: RawRequest[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    readRequests(socket, connections, (request) => {
      requests.push(request);
      script(request, socket, requests.length);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    requests,
    connections: () => connections,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Sends a whole answer with its length and keeps the connection open; an object is sent as JSON. */
export function reply(
  socket: Socket,
  status: number,
  content: string | Buffer | object = '',
  headers: Record<string, string> = {},
): void {
  const isText = typeof content === 'string' || Buffer.isBuffer(content);
  const body = Buffer.from(isText ? content : JSON.stringify(content));
  const all = { 'content-length': String(body.length), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 ${status} Scripted\r\n${lines.join('')}\r\n`);
  socket.write(body);
}

function readRequests(socket: Socket, connection: number, take: (request: RawRequest) => void): void {
  let pending = Buffer.alloc(0);
  const onData = (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    for (;;) {
      const end = pending.indexOf('\r\n\r\n');
      if (end < 0) return;
      const [start = '', ...lines] = pending.subarray(0, end).toString('latin1').split('\r\n');
      const headers = Object.fromEntries(
        lines.map((line) => [
          line.slice(0, line.indexOf(':')).toLowerCase(),
          line.slice(line.indexOf(':') + 1).trim(),
        ]),
      );
      const total = end + 4 + Number(headers['content-length'] ?? 0);
      if (pending.length < total) return;
      const body = pending.subarray(end + 4, total).toString('utf8');
      pending = pending.subarray(total);
      const [method = '', path = ''] = start.split(' ');
      // Bytes after a CONNECT belong to the tunnel.
      if (method === 'CONNECT') socket.off('data', onData);
      take({ method, path, headers, body, connection });
      if (method === 'CONNECT') return;
    }
  };
  socket.on('data', onData);
}
