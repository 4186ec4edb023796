import type { Connections } from '../http/connections.js';
import type { Deps } from '../http/deps.js';
import { findProxies, type Proxies } from '../http/proxies.js';
import { isRequestId, readCatalog, readState } from './answers.js';
import { ask } from './ask.js';
import { cancel } from './cancel.js';
import { download } from './download.js';
import { offers } from './offers.js';
import { Pace } from './pace.js';
import { blotOut } from './redact.js';
import type { CatalogAnswer, CatalogQuery, ResultAnswer, Service, ServiceError } from './service.js';
import { submit } from './submit.js';
import type { Timeouts, Wire } from './wire.js';

export interface ServiceOptions {
  /** Where the API is, ending in `/v1`; what `findBase` found. */
  readonly base: string;
  /** What `findToken` found. */
  readonly token: string;
  readonly deps: Deps;
  /** Where proxies are named; what the service is reached through is fixed from here on. */
  readonly env?: NodeJS.ProcessEnv;
  readonly userAgent?: string;
  readonly timeouts?: Partial<Timeouts>;
  /** Hears of each pause that the service's rate limit forces on the whole run, in seconds. */
  readonly onPause?: (seconds: number) => void;
}

/** Our choice, milliseconds: an answer lost to impatience costs more than the wait. */
const TIMEOUTS: Timeouts = { answer: 30_000, submit: 120_000, stall: 30_000 };

/** How often a 404 about a request is asked again before it is believed. Our choice. */
const MISSES = 3;
/** A refusal that names a request waits for an answer about it no longer than this. Our choice. */
const KNOWN_FAULTS = 5;
/** The catalog is a convenience: nobody waits for it for long. Our choice. */
const CATALOG_FAULTS = 4;

/** As RunComfy's ids are written, and nothing that could climb out of the path. */
const MODEL_ID = /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;

/** The service at `base`. Opens no connection before the first call; throws where `env` names an unusable proxy. */
export function createService(options: ServiceOptions): Service {
  const proxies = findProxies(options.env ?? process.env);
  if (proxies.kind === 'invalid') throw new TypeError(`${proxies.message} (findBase says so first)`);
  const late = connectLate(proxies);
  const wire: Wire = {
    base: new URL(options.base),
    token: options.token,
    blot: blotOut(options.token),
    userAgent: options.userAgent ?? 'shotlist',
    connections: late.connections,
    pace: new Pace(options.deps, options.onPause),
    deps: options.deps,
    timeouts: { ...TIMEOUTS, ...options.timeouts },
  };
  return {
    origin: wire.base.origin,
    pace: wire.pace,
    async submit(model, body, signal) {
      if (!MODEL_ID.test(model)) return { kind: 'refused', ...misnamed('model', model) };
      const isKnown = (requestId: string) =>
        askState(wire, { requestId, page: 'status', signal, faults: KNOWN_FAULTS });
      return submit(wire, { model, body, signal, isKnown });
    },
    result: (requestId, signal) => askState(wire, { requestId, page: 'result?include_cost=true', signal }),
    status: (requestId, signal) => askState(wire, { requestId, page: 'status', signal }),
    async cancel(requestId, signal) {
      if (!isRequestId(requestId)) return { kind: 'refused', ...misnamed('request', requestId) };
      return cancel(wire, { requestId, signal });
    },
    catalog: (query, signal) => askCatalog(wire, query, signal),
    download: (url, where) => download(wire, url, where),
    offers: (url, signal) => offers(wire, url, signal),
    close: late.close,
  };
}

/** Connections that are prepared by the first call: to load what they are made of takes as long as a whole plan. */
function connectLate(proxies: Proxies): {
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

async function askState(
  wire: Wire,
  question: { requestId: string; page: string; signal: AbortSignal | undefined; faults?: number },
): Promise<ResultAnswer> {
  const { requestId, page, signal, faults } = question;
  if (!isRequestId(requestId)) return { kind: 'refused', ...misnamed('request', requestId) };
  const asked = await ask(wire, {
    path: `/requests/${requestId}/${page}`,
    subject: `the request ${requestId}`,
    read: (json) => readState(json, requestId),
    signal,
    misses: MISSES,
    ...(faults !== undefined && { faults }),
  });
  return asked.kind === 'answer' ? { kind: 'state', request: asked.value } : asked;
}

async function askCatalog(
  wire: Wire,
  query: CatalogQuery,
  signal: AbortSignal | undefined,
): Promise<CatalogAnswer> {
  const isOne = 'model' in query;
  if (isOne && !MODEL_ID.test(query.model)) return { kind: 'refused', ...misnamed('model', query.model) };
  const asked = await ask(wire, {
    path: isOne ? `/models/${query.model}` : `/models?${searchOf(query)}`,
    subject: isOne ? `the model ${query.model}` : 'its catalog',
    read: readCatalog,
    signal,
    misses: 1,
    faults: CATALOG_FAULTS,
  });
  return asked.kind === 'answer' ? { kind: 'models', ...asked.value } : asked;
}

function searchOf(query: Exclude<CatalogQuery, { model: string }>): string {
  const search = new URLSearchParams({ include_schema: 'true' });
  for (const name of ['search', 'category', 'limit', 'offset'] as const) {
    const value = query[name];
    if (value !== undefined) search.set(name, String(value));
  }
  return search.toString();
}

/** An id that cannot be one is not asked about: it would end up in a URL. */
function misnamed(kind: 'model' | 'request', id: string): ServiceError {
  return {
    status: null,
    code: null,
    message: `${JSON.stringify(id.slice(0, 80))} cannot be the id of a ${kind}.`,
  };
}
