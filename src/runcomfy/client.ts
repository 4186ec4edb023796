import type { Effects } from '../base/effects.js';
import type { Connections } from '../http/connections.js';
import { findProxies, type Proxies } from '../http/proxies.js';
import type { AllowedHost } from './allowed-hosts.js';
import { isRequestId } from './answers.js';
import { cancel } from './cancel.js';
import { download } from './download.js';
import { Pace } from './pace.js';
import { queryBalance, queryCatalog, queryState } from './queries.js';
import { checkDownload } from './result-file.js';
import type { Service, ServiceError } from './service.js';
import { submit } from './submit.js';
import { type Timeouts, tokenHider, type Wire } from './wire.js';

/** Options of `createService`. */
export interface ServiceOptions {
  /** Base URL of the API, ending in `/v1`, as `findBaseUrl` returns it. */
  readonly base: string;
  /** Base URL of the Serverless API, as `findServerlessBase` returns it; without it, no balance is asked for. */
  readonly serverlessBase?: string;
  /** Token, as `findToken` returns it. */
  readonly token: string;
  readonly deps: Effects;
  /** Environment that names proxies; read once. */
  readonly env?: NodeJS.ProcessEnv;
  readonly userAgent?: string;
  /** Hosts besides the service's own from which results may be fetched, as `findAllowedHosts` returns them. */
  readonly allowedHosts?: readonly AllowedHost[];
  readonly timeouts?: Partial<Timeouts>;
  /** Called for each pause that the service's rate limit forces on the whole run, with its length in seconds. */
  readonly onPause?: (seconds: number) => void;
}

/** Our choice, milliseconds: an answer lost to a short timeout costs more than the wait. */
const TIMEOUTS: Timeouts = { answer: 30_000, submit: 120_000, stall: 30_000 };

/** Faults after which a request that a refusal names is not queried again. Our choice. */
const REFUSED_FAULTS = 5;

/** Ids as RunComfy writes them; other characters could change the path of a URL. */
const MODEL_ID = /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;

/** Client of the service at `base`. Opens no connection before the first call; throws if `env` names an unusable proxy. */
export function createService(options: ServiceOptions): Service {
  const proxies = findProxies(options.env ?? process.env);
  if (proxies.kind === 'invalid') throw new TypeError(`${proxies.message} (findBaseUrl reports it first)`);
  const { connections, close } = lazyConnections(proxies);
  const wire: Wire = {
    base: new URL(options.base),
    token: options.token,
    hideToken: tokenHider(options.token),
    userAgent: options.userAgent ?? 'shotlist',
    allowedHosts: options.allowedHosts ?? [],
    connections,
    pace: new Pace(options.deps, options.onPause),
    deps: options.deps,
    timeouts: { ...TIMEOUTS, ...options.timeouts },
  };
  const queryRequest = async (
    requestId: string,
    query: { page: string; signal: AbortSignal | undefined; faults?: number },
  ) =>
    isRequestId(requestId)
      ? queryState(wire, { requestId, ...query })
      : ({ kind: 'refused', ...impossibleId('request', requestId) } as const);
  return {
    origin: wire.base.origin,
    pace: wire.pace,
    async submit(model, body, signal) {
      if (!MODEL_ID.test(model)) return { kind: 'refused', ...impossibleId('model', model) };
      const faults = REFUSED_FAULTS;
      const queryRefused = (requestId: string) => queryRequest(requestId, { page: 'status', signal, faults });
      return submit(wire, { model, body, signal, queryState: queryRefused });
    },
    result: (requestId, signal) => queryRequest(requestId, { page: 'result?include_cost=true', signal }),
    status: (requestId, signal) => queryRequest(requestId, { page: 'status', signal }),
    async cancel(requestId, signal) {
      if (!isRequestId(requestId)) return { kind: 'refused', ...impossibleId('request', requestId) };
      return cancel(wire, { requestId, signal });
    },
    async balance(signal) {
      const { serverlessBase, deps } = options;
      if (serverlessBase === undefined) return { kind: 'not-asked' };
      // A pace of its own: another API's rate limit must not hold back submissions.
      return queryBalance({ ...wire, base: new URL(serverlessBase), pace: new Pace(deps) }, signal);
    },
    async catalog(query, signal) {
      if ('model' in query && !MODEL_ID.test(query.model))
        return { kind: 'refused', ...impossibleId('model', query.model) };
      return queryCatalog(wire, query, signal);
    },
    download: (url, where) => download(wire, url, where),
    checkDownload: (url, signal) => checkDownload(wire, url, signal),
    close,
  };
}

/** Connections that the first call prepares: undici is loaded only when it is needed. */
function lazyConnections(proxies: Proxies): {
  connections: () => Promise<Connections>;
  close: () => Promise<void>;
} {
  let prepared: Promise<Connections> | undefined;
  return {
    connections: () => {
      prepared ??= import('../http/connections.js').then(({ createConnections }) =>
        createConnections(proxies),
      );
      return prepared;
    },
    close: async () => (await prepared)?.close(),
  };
}

/** Error of a text that cannot be an id; it would become part of a URL, so it is not sent. */
function impossibleId(kind: 'model' | 'request', id: string): ServiceError {
  const message = `${JSON.stringify(id.slice(0, 80))} cannot be the id of a ${kind}.`;
  return { status: null, code: null, message };
}
