import type { Json } from '../base/json.js';
import { type HttpFault, startDeadline } from '../http/request.js';
import { waitToRetry } from '../http/retry.js';
import {
  balanceIn,
  catalogPageIn,
  errorCodeIn,
  faultError,
  isTemporary,
  replyError,
  serviceErrorOf,
  stoppedError,
  unreadableError,
} from './answers.js';
import { statusOfCode } from './meanings.js';
import { requestStateIn } from './request-state.js';
import type { BalanceAnswer, CatalogAnswer, CatalogQuery, ResultAnswer, ServiceError } from './service.js';
import { type Reply, sendGet, type Wire } from './wire.js';

/** Answers of 404 in a row after which a request counts as forgotten: a server may not know a new one yet. Our choice. */
const REQUEST_MISSES = 3;
/** Faults after which a query of the catalog is given up: a user is waiting for it. Our choice. */
const CATALOG_FAULTS = 4;
/** Faults after which the balance is given up: a run does not need it. Our choice. */
const BALANCE_FAULTS = 2;
/** Time after which the balance is given up, whatever the faults. Our choice, milliseconds. */
const BALANCE_TIMEOUT = 5_000;

/** Asks for the state of a request, from the page `status` or `result` of the API. */
export async function queryState(
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
export async function queryCatalog(
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
export async function queryBalance(wire: Wire, signal: AbortSignal | undefined): Promise<BalanceAnswer> {
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
