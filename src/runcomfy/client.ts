import type { Effects } from '../base/effects.js';
import { isObject, type Json, type JsonObject } from '../base/json.js';
import type { Connections } from '../http/connections.js';
import { findProxies, type Proxies } from '../http/proxies.js';
import { type HttpFault, startDeadline } from '../http/request.js';
import { waitToRetry } from '../http/retry.js';
import type { AllowedHost } from './allowed-hosts.js';
import {
  balanceIn,
  catalogPageIn,
  errorCodeIn,
  faultError,
  isRequestId,
  isTemporary,
  printableLine,
  replyError,
  serviceErrorOf,
  stoppedError,
  unreadableError,
} from './answers.js';
import { download } from './download.js';
import { isAccountError, statusOfCode, statusOfWord } from './meanings.js';
import { Pace } from './pace.js';
import { requestIdIn, requestStateIn } from './request-state.js';
import { checkDownload } from './result-file.js';
import type {
  BalanceAnswer,
  CancelAnswer,
  CatalogAnswer,
  CatalogQuery,
  ResultAnswer,
  Service,
  ServiceError,
  SubmitAnswer,
} from './service.js';
import {
  postOnce,
  postRepeatable,
  type Reply,
  sendGet,
  type Timeouts,
  tokenHider,
  type Wire,
} from './wire.js';

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

/** Slowest upload that is waited for, bytes per millisecond: about half a megabit a second. Our choice. */
const SLOWEST_UPLOAD = 64;

/**
 * Sends one POST, once. It is billed, there is no idempotency key, and nothing on the way may repeat it. The answer is
 * `not-sent` only if nothing can have been accepted, and `unknown` in every doubt.
 */
async function submit(
  wire: Wire,
  call: {
    model: string;
    body: JsonObject;
    signal: AbortSignal | undefined;
    /** Asks the service about the state of a request. */
    queryState: (requestId: string) => Promise<ResultAnswer>;
  },
): Promise<SubmitAnswer> {
  const { model, signal } = call;
  const body = Buffer.from(JSON.stringify(call.body));
  if (signal?.aborted)
    return { kind: 'not-sent', retryAfter: null, ...stoppedError('the submission was sent') };
  const timeout = wire.timeouts.submit + body.length / SLOWEST_UPLOAD;
  const reply = await postOnce(wire, { path: `/models/${model}`, body, signal, timeout });
  if (reply.kind === 'fault') {
    const error = faultError(reply, wire.base.host);
    return reply.sent ? { kind: 'unknown', ...error } : { kind: 'not-sent', retryAfter: null, ...error };
  }
  const answer = readSubmitReply(reply, model);
  if (answer.status === 429) wire.pace.rateLimited(reply.retryAfter);
  else wire.pace.answered();
  if (answer.kind === 'accepted') {
    const { requestId, trouble } = answer;
    return { kind: 'accepted', requestId, ...(trouble && { trouble }) };
  }
  const requestId = requestIdIn(reply.json, { numbers: true });
  // Trouble with the account stops all submissions, so it is told without another question.
  if (answer.kind === 'not-sent' || requestId === null || isAccountError(answer)) return answer;
  return unlessKnown(answer, { requestId, known: await call.queryState(requestId) });
}

/** Settles an answer that names an id: a mere tracing id, or a request that was accepted after all. The service knows. */
function unlessKnown(
  answer: SubmitAnswer & { kind: 'refused' | 'unknown' },
  { requestId, known }: { requestId: string; known: ResultAnswer },
): SubmitAnswer {
  if (known.kind === 'state') return { kind: 'accepted', requestId };
  return known.kind === 'unreachable' && answer.kind === 'refused'
    ? { ...namingRequest(answer, requestId), kind: 'unknown' }
    : answer;
}

/** Meaning of an answer to a submission of `model`; pure. An accepted one keeps its HTTP status. */
export function readSubmitReply(
  reply: Reply,
  model: string,
): Exclude<SubmitAnswer, { kind: 'accepted' }> | (SubmitAnswer & { kind: 'accepted'; status: number }) {
  const requestId = requestIdIn(reply.json);
  const error = replyError(reply, `the model ${model}`);
  const status = error.status ?? reply.status;
  const isSuccess = reply.status >= 200 && reply.status < 300;
  // In a 2xx the id counts even beside an error code: polling it tells the truth, and dropping it could lose an accepted
  // submission or pay for it twice. Outside 2xx an id promises nothing, as errors carry tracing ids.
  if (isSuccess && requestId !== null) {
    const coded = statusOfCode(error.code);
    const isTrouble = coded?.isKnown && coded.status < 500;
    return { kind: 'accepted', requestId, status: reply.status, ...(isTrouble && { trouble: error }) };
  }
  // A fault after the request was made would name it.
  const mayBeAccepted = reply.status >= 500 && requestId !== null;
  if (status === 429 && !mayBeAccepted) return { kind: 'not-sent', retryAfter: reply.retryAfter, ...error };
  // 408 may come from a gateway that stopped waiting while the service went on.
  if (status >= 400 && status < 500 && status !== 408 && !mayBeAccepted) return { kind: 'refused', ...error };
  return { kind: 'unknown', ...(status < 300 ? unreadableError(reply) : namingRequest(error, requestId)) };
}

/** The same error with the request's id in its message, for the person who settles an unknown submission. */
function namingRequest(error: ServiceError, requestId: string | null): ServiceError {
  if (requestId === null) return error;
  return { ...error, message: `${error.message} The answer names request ${requestId}.` };
}

/**
 * Asks once for a request to be cancelled. The call does not wait for the end of a pause after a 429: it is sent when a
 * run is stopped, so waiting would mean not sending it, and each cancellation saves the price of a render. Cancelling twice
 * is harmless, so it uses a shared connection; opening hundreds of new ones would take too long.
 */
async function cancel(
  wire: Wire,
  call: { requestId: string; signal: AbortSignal | undefined },
): Promise<CancelAnswer> {
  const { requestId, signal } = call;
  const path = `/requests/${requestId}/cancel`;
  const reply = await postRepeatable(wire, { path, body: Buffer.from('{}'), signal });
  if (reply.kind === 'fault') return { kind: 'unreachable', ...faultError(reply, wire.base.host) };
  if (reply.status === 429) wire.pace.rateLimited(reply.retryAfter);
  return readCancelReply(reply, requestId);
}

/** Meaning of an answer to a cancellation; pure. A request counts as cancelled only if the service confirms it. */
export function readCancelReply(reply: Reply, requestId: string): CancelAnswer {
  const error = replyError(reply, `the request ${requestId}`);
  const status = error.status ?? reply.status;
  // 409: the request's state does not allow it.
  if (status < 300 || status === 409) {
    const outcome = cancelOutcomeIn(reply.json, status === 409);
    return outcome ?? { kind: 'unreachable', ...unreadableError(reply) };
  }
  return { kind: isTemporary(status) ? 'unreachable' : 'refused', ...error };
}

function cancelOutcomeIn(json: Json | undefined, isConflict: boolean): CancelAnswer | null {
  const fields = isObject(json) ? json : {};
  const rawStatus = typeof fields.status === 'string' ? printableLine(fields.status) : null;
  const outcome = typeof fields.outcome === 'string' ? fields.outcome.trim().toLowerCase() : null;
  const isCancelled = (word: string | null) => word !== null && statusOfWord(word) === 'cancelled';
  const notCancellable = { kind: 'not-cancellable', rawStatus } as const;
  // A second cancellation is answered with "not cancellable" and the status "cancelled".
  if (isConflict || outcome === 'not_cancellable')
    return isCancelled(rawStatus) ? { kind: 'cancelled' } : notCancellable;
  const word = outcome ?? rawStatus;
  if (word === null) return null;
  return isCancelled(word) ? { kind: 'cancelled' } : notCancellable;
}

/** Answers of 404 in a row after which a request counts as forgotten: a server may not know a new one yet. Our choice. */
const REQUEST_MISSES = 3;
/** Faults after which a query of the catalog is given up: a user is waiting for it. Our choice. */
const CATALOG_FAULTS = 4;
/** Faults after which the balance is given up: a run does not need it. Our choice. */
const BALANCE_FAULTS = 2;
/** Time after which the balance is given up, whatever the faults. Our choice, milliseconds. */
const BALANCE_TIMEOUT = 5_000;

/** Asks for the state of a request, from the page `status` or `result` of the API. */
async function queryState(
  wire: Wire,
  query: { requestId: string; page: string; signal: AbortSignal | undefined; faults?: number },
): Promise<ResultAnswer> {
  const { requestId, page, signal, faults = Number.POSITIVE_INFINITY } = query;
  const answer = await getUntilAnswered(wire, {
    path: `/requests/${requestId}/${page}`,
    subject: `the request ${requestId}`,
    parse: ({ json, status }) => requestStateIn(json, { requestId, status, hosts: wire }),
    signal,
    misses: REQUEST_MISSES,
    faults,
  });
  return answer.kind === 'answer' ? { kind: 'state', request: answer.value } : answer;
}

/** Asks for a page of the catalog, or for one model of it. */
async function queryCatalog(
  wire: Wire,
  query: CatalogQuery,
  signal: AbortSignal | undefined,
): Promise<CatalogAnswer> {
  const isOne = 'model' in query;
  const answer = await getUntilAnswered(wire, {
    path: isOne ? `/models/${query.model}` : `/models?${searchOf(query)}`,
    subject: isOne ? `the model ${query.model}` : 'its catalog',
    parse: ifSuccess(catalogPageIn),
    signal,
    misses: 1,
    faults: CATALOG_FAULTS,
  });
  return answer.kind === 'answer' ? { kind: 'models', ...answer.value } : answer;
}

/** Asks for the balance of the account. The base of `wire` is that of the Serverless API. */
async function queryBalance(wire: Wire, signal: AbortSignal | undefined): Promise<BalanceAnswer> {
  const deadline = startDeadline(BALANCE_TIMEOUT, signal);
  const ask = (path: string) =>
    getUntilAnswered(wire, {
      path,
      subject: 'the balance',
      parse: ifSuccess(balanceIn),
      signal: deadline.signal,
      misses: 1,
      faults: BALANCE_FAULTS,
    });
  try {
    // A base without a path is that of a gateway, or only RunComfy's host without the rest.
    const isHostOnly = wire.base.pathname === '/';
    let answer = await ask(isHostOnly ? 'prod/v2/balance' : '/balance');
    if (isHostOnly && answer.kind === 'forgotten') answer = await ask('balance');
    return answer.kind === 'answer' ? { kind: 'balance', ...answer.value } : answer;
  } finally {
    deadline.clear();
  }
}

function searchOf(query: Exclude<CatalogQuery, { model: string }>): string {
  const search = new URLSearchParams({ include_schema: 'true' });
  for (const name of ['search', 'category', 'limit', 'offset'] as const) {
    const value = query[name];
    if (value !== undefined) search.set(name, String(value));
  }
  return search.toString();
}

type Answer<T> =
  | { readonly kind: 'answer'; readonly value: T }
  | ({ readonly kind: 'forgotten' | 'refused' | 'unreachable' } & ServiceError);

interface Query<T> {
  /** Path after the base, with its query. */
  readonly path: string;
  /** Subject of a 404, as in "the request r-1". */
  readonly subject: string;
  /** Reads an answer; null for one that does not answer the query. In a 200 that counts as a temporary fault. */
  readonly parse: (reply: Reply) => T | null;
  readonly signal: AbortSignal | undefined;
  /** Answers of 404 in a row after which the subject counts as forgotten. */
  readonly misses: number;
  /** Faults after which the query is given up. */
  readonly faults: number;
}

/** Sends a GET, and again after every temporary fault, until there is an answer or `signal` aborts. */
async function getUntilAnswered<T>(wire: Wire, query: Query<T>): Promise<Answer<T>> {
  const { signal } = query;
  let last: ServiceError = stoppedError('the service was asked');
  let misses = 0;
  for (let fault = 0; fault < query.faults; fault += 1) {
    if (!(await wire.pace.waitForTurn(signal))) break;
    const { verdict, retryAfter } = await getOnce(wire, query);
    if (verdict.kind === 'answer' || verdict.kind === 'refused') return verdict;
    misses = verdict.kind === 'forgotten' ? misses + 1 : 0;
    if (verdict.kind === 'forgotten' && misses >= query.misses) return verdict;
    // The fault before a stop says more than the stop.
    if (fault === 0 || !signal?.aborted) last = serviceErrorOf(verdict);
    // After a 429 the pace makes this call wait together with all others.
    if (verdict.status !== 429) await waitToRetry(wire.deps, { fault, retryAfter, signal });
  }
  return { kind: 'unreachable', ...last };
}

type Verdict<T> =
  | Exclude<Answer<T>, { kind: 'unreachable' }>
  | ({ readonly kind: 'temporary' } & ServiceError);

async function getOnce<T>(
  wire: Wire,
  query: Query<T>,
): Promise<{ verdict: Verdict<T>; retryAfter: number | null }> {
  const reply = await sendGet(wire, query.path, query.signal);
  const verdict = judgeReply(wire, reply, query);
  if (reply.kind === 'fault') return { verdict, retryAfter: null };
  if (verdict.kind !== 'answer' && verdict.status === 429) wire.pace.rateLimited(reply.retryAfter);
  else wire.pace.answered();
  return { verdict, retryAfter: reply.retryAfter };
}

function judgeReply<T>(wire: Wire, reply: Reply | HttpFault, query: Query<T>): Verdict<T> {
  if (reply.kind === 'fault') return { kind: 'temporary', ...faultError(reply, wire.base.host) };
  const value = query.parse(reply);
  if (value !== null) return { kind: 'answer', value };
  const error = replyError(reply, query.subject);
  const status = error.status ?? reply.status;
  if (status < 300) return { kind: 'temporary', ...unreadableError(reply) };
  if (status === 404 || status === 410) return { kind: 'forgotten', ...error };
  return { kind: isTemporary(status) ? 'temporary' : 'refused', ...error };
}

/** Reads only answers without an error. */
function ifSuccess<T>(read: (json: Json) => T | null): Query<T>['parse'] {
  return ({ status, json }) =>
    status >= 300 || json === undefined || statusOfCode(errorCodeIn(json))?.isKnown ? null : read(json);
}
