import type { LookupFunction } from 'node:net';
import { buildConnector, Client, type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici';
import type { Proxies } from './proxies.js';
import { skipContinue } from './skip-continue.js';

/** How requests reach the network, by way of the environment's proxies. */
export interface Connections {
  /** Keep-alive connections, for what may be repeated. */
  readonly shared: Dispatcher;
  /** A connection for one request to `origin` alone; `destroy` it afterwards. */
  single(origin: string): Dispatcher;
  /** Ends the shared ones. */
  close(): Promise<void>;
}

/** Prepares connections; opens none. `lookup` finds the addresses of hosts that are reached without a proxy. */
export function createConnections(proxies: Proxies, lookup?: LookupFunction): Connections {
  const connect = lookup && { connect: { lookup } };
  const settings = { ...proxies, clientFactory: connectToProxy, ...connect };
  const shared = new EnvHttpProxyAgent(settings);
  // One for all, so that a TLS session can be resumed.
  const toOrigin = buildConnector({ ...connect?.connect });
  return {
    shared,
    single: (origin) =>
      proxies.httpProxy === '' && proxies.httpsProxy === ''
        ? connectPatiently(origin, { connect: toOrigin, ...ONE_REQUEST })
        : new EnvHttpProxyAgent({ ...settings, ...ONE_REQUEST, factory: connectPatiently }),
    close: () => shared.destroy(),
  };
}

/** No pipelining means no keep-alive: the socket is new, and closed after the answer. */
const ONE_REQUEST = { pipelining: 0 } as const;

/** Connections on which a "100 Continue" may come before the answer; for one request each. */
function connectPatiently(origin: string | URL, options: Client.Options): Dispatcher {
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
 * Connections to a proxy. undici 7 connects again at once, for ever, when a proxy hangs up on CONNECT,
 * because it takes the proxy's socket error for a passing one of its own; under another code it gives up.
 */
function connectToProxy(proxy: URL, options: object): Dispatcher {
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

/** The proxy did not let us through; nothing reached the service. */
class ProxyError extends Error {
  readonly code = 'proxy';
}
