import type { LookupFunction, Socket } from 'node:net';
import { buildConnector, Client, type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici';
import type { Proxies } from './proxies.js';

/** Connections to the network, through the environment's proxies. */
export interface Connections {
  /** Keep-alive connections, for requests that may be repeated. */
  readonly shared: Dispatcher;
  /** A new connection to `origin` for one request; call `destroy` on it afterwards. */
  single(origin: string): Dispatcher;
  /** Closes the shared connections. */
  close(): Promise<void>;
}

/** Prepares connections and opens none. `lookup` finds the addresses of hosts that are reached without a proxy. */
export function createConnections(proxies: Proxies, lookup?: LookupFunction): Connections {
  const connect = lookup && { connect: { lookup } };
  const settings = { ...proxies, clientFactory: proxyPool, ...connect };
  const shared = new EnvHttpProxyAgent(settings);
  // One connector for all single connections, so that a TLS session can be resumed.
  const connector = buildConnector({ ...connect?.connect });
  return {
    shared,
    single: (origin) =>
      proxies.httpProxy === '' && proxies.httpsProxy === ''
        ? singleRequestClient(origin, { connect: connector, ...ONE_REQUEST })
        : new EnvHttpProxyAgent({ ...settings, ...ONE_REQUEST, factory: singleRequestClient }),
    close: () => shared.destroy(),
  };
}

/** Without pipelining there is no keep-alive: the socket is new, and it is closed after the answer. */
const ONE_REQUEST = { pipelining: 0 } as const;

/** Client for one request, whose answer may follow a "100 Continue". */
function singleRequestClient(origin: string | URL, options: Client.Options): Dispatcher {
  const connect =
    typeof options.connect === 'function' ? options.connect : buildConnector({ ...options.connect });
  return new Client(origin, {
    ...options,
    connect: (target, done) =>
      connect(target, (...outcome) => {
        const [error, socket] = outcome;
        if (error === null) skipContinue(socket);
        done(...outcome);
      }),
  });
}

/**
 * Connections to a proxy. If a proxy hangs up on CONNECT, undici 7 reconnects without delay and without end, because it
 * takes the proxy's socket error for a temporary error of its own. Under another error code it gives up.
 */
function proxyPool(proxy: URL, options: object): Dispatcher {
  const pool = new Pool(proxy, options);
  const connect = pool.connect.bind(pool);
  return Object.assign(pool, {
    connect: async (target: Dispatcher.ConnectOptions) => {
      try {
        return await connect(target);
      } catch (cause) {
        throw new ProxyError('the proxy could not be used', { cause });
      }
    },
  });
}

/** The proxy did not connect us; nothing reached the service. */
class ProxyError extends Error {
  readonly code = 'proxy';
}

/** Start of an interim answer "100 Continue", with any minor version. */
const CONTINUE = /^HTTP\/1\.\d 100[ \r]/;
/** Length of the start by which an interim answer is recognised, bytes. */
const CONTINUE_LENGTH = 'HTTP/1.1 100 '.length;
/** undici's own limit for the head of an answer, bytes. */
const LONGEST_HEAD = 16 * 1024;
const END_OF_HEAD = '\r\n\r\n';

/**
 * Removes each "100 Continue" before the first answer from what is read from the socket. Gateways send it unasked, and a
 * client must accept it (RFC 9110, 15.2). undici 7 hangs up instead, which would turn an accepted submission into an
 * unknown one.
 */
function skipContinue(socket: Socket): void {
  const read = socket.read.bind(socket);
  let pending: Buffer = Buffer.alloc(0);
  socket.read = (size?: number) => {
    const bytes: Buffer | null = read(size);
    if (bytes === null) return null;
    const { answer, undecided } = withoutContinue(Buffer.concat([pending, bytes]));
    pending = undecided;
    if (answer !== null) socket.read = read;
    return answer;
  };
}

/** Cuts the interim answers off. `answer` is null while more bytes are needed to recognise what follows them. */
function withoutContinue(bytes: Buffer): { undecided: Buffer; answer: Buffer | null } {
  let rest = bytes;
  for (;;) {
    const start = rest.subarray(0, CONTINUE_LENGTH).toString('latin1');
    const isContinue = CONTINUE.test(start);
    const end = isContinue ? rest.indexOf(END_OF_HEAD) : -1;
    const isAnswer = start.length === CONTINUE_LENGTH && !isContinue;
    if (isAnswer || (end < 0 && rest.length > LONGEST_HEAD)) {
      return { undecided: Buffer.alloc(0), answer: rest };
    }
    if (end < 0) return { undecided: rest, answer: null };
    rest = rest.subarray(end + END_OF_HEAD.length);
  }
}
