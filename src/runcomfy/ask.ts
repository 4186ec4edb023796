import type { Json } from '../base/json.js';
import { rest } from '../http/deps.js';
import type { HttpFault } from '../http/request.js';
import { backoff } from '../http/retry.js';
import { errorCodeIn, statusInCode } from './answers.js';
import { faultError, replyError, stopped, unreadable } from './errors.js';
import type { ServiceError } from './service.js';
import { get, type Reply, type Wire } from './wire.js';

export type Asked<T> =
  | { readonly kind: 'answer'; readonly value: T }
  | ({ readonly kind: 'forgotten' | 'refused' | 'unreachable' } & ServiceError);

export interface Question<T> {
  /** After the base, with its query. */
  readonly path: string;
  /** What a 404 is about, as in "the request r-1". */
  readonly subject: string;
  /** Null for JSON that is no answer to this: a passing fault. */
  readonly read: (json: Json) => T | null;
  readonly signal: AbortSignal | undefined;
  /** How many answers of 404 in a row are believed: a request just accepted may not be known everywhere yet. */
  readonly misses: number;
  /** Gives up after so many faults; without it only `signal` ends the repeating. */
  readonly faults?: number;
}

/** Asks with GET, and again after every passing fault, until there is an answer or `signal` aborts. */
export async function ask<T>(wire: Wire, question: Question<T>): Promise<Asked<T>> {
  const { signal } = question;
  let last: ServiceError = stopped('the service was asked');
  let misses = 0;
  for (let fault = 0; fault < (question.faults ?? Number.POSITIVE_INFINITY); fault += 1) {
    if (!(await wire.pace.turn(signal))) break;
    const { verdict, retryAfter } = await askOnce(wire, question);
    if (verdict.kind === 'answer' || verdict.kind === 'refused') return verdict;
    misses = verdict.kind === 'forgotten' ? misses + 1 : 0;
    if (verdict.kind === 'forgotten' && misses >= question.misses) return verdict;
    // To have been stopped says less than the fault before it.
    if (fault === 0 || !signal?.aborted) last = errorOf(verdict);
    // After a 429 the pace makes this call wait along with all the others.
    if (verdict.status === 429) continue;
    await rest(wire.deps, backoff({ fault, random: wire.deps.random, retryAfter }), signal);
  }
  return { kind: 'unreachable', ...last };
}

type Verdict<T> = Exclude<Asked<T>, { kind: 'unreachable' }> | ({ readonly kind: 'passing' } & ServiceError);

async function askOnce<T>(
  wire: Wire,
  question: Question<T>,
): Promise<{ verdict: Verdict<T>; retryAfter: number | null }> {
  const reply = await get(wire, question.path, question.signal);
  const verdict = judge(wire, reply, question);
  if (reply.kind === 'fault') return { verdict, retryAfter: null };
  if (verdict.kind !== 'answer' && verdict.status === 429) wire.pace.tooFast(reply.retryAfter);
  else wire.pace.fine();
  return { verdict, retryAfter: reply.retryAfter };
}

function judge<T>(wire: Wire, reply: Reply | HttpFault, question: Question<T>): Verdict<T> {
  if (reply.kind === 'fault') return { kind: 'passing', ...faultError(reply, wire.base.host) };
  const status = statusOf(reply);
  if (status < 300) {
    const value = reply.json === undefined ? null : question.read(reply.json);
    return value === null ? { kind: 'passing', ...unreadable(reply) } : { kind: 'answer', value };
  }
  const error = replyError(reply, { status, subject: question.subject });
  if (status === 404 || status === 410) return { kind: 'forgotten', ...error };
  const isPassing = status >= 500 || status === 408 || status === 425 || status === 429;
  return { kind: isPassing ? 'passing' : 'refused', ...error };
}

/** The status; or the one an error code stands for, in a 200 that says nothing about a request's state. */
function statusOf(reply: Reply): number {
  const { status, json } = reply;
  if (status >= 300) return status;
  const isState = typeof json === 'object' && json !== null && 'status' in json;
  const code = errorCodeIn(json);
  return isState || code === null ? status : (statusInCode(code) ?? 500);
}

function errorOf({ status, code, message }: ServiceError): ServiceError {
  return { status, code, message };
}
