import type { JsonObject } from '../base/json.js';
import { errorCodeIn, requestIdIn, statusInCode } from './answers.js';
import { faultError, replyError, stopped, unreadable } from './errors.js';
import type { ResultAnswer, ServiceError, SubmitAnswer } from './service.js';
import { post, type Reply, type Wire } from './wire.js';

/** The slowest upload worth waiting for. Our choice, bytes per millisecond: about half a megabit a second. */
const SLOWEST_UPLOAD = 64;

/**
 * Sends one POST, once: it is billed, there is no idempotency key, and nothing on the way may repeat it.
 * What became of it is `not-sent` only where nothing can have been accepted, and `unknown` in every doubt.
 */
export async function submit(
  wire: Wire,
  call: {
    model: string;
    body: JsonObject;
    signal: AbortSignal | undefined;
    /** Asks the service whether it knows a request. */
    isKnown: (requestId: string) => Promise<ResultAnswer>;
  },
): Promise<SubmitAnswer> {
  const { model, signal } = call;
  const body = Buffer.from(JSON.stringify(call.body));
  if (signal?.aborted) return { kind: 'not-sent', retryAfter: null, ...stopped('the submission was sent') };
  const timeout = wire.timeouts.submit + body.length / SLOWEST_UPLOAD;
  const reply = await post(wire, { path: `/models/${model}`, body, signal, timeout });
  if (reply.kind === 'fault') {
    const error = faultError(reply, wire.base.host);
    return reply.sent ? { kind: 'unknown', ...error } : { kind: 'not-sent', retryAfter: null, ...error };
  }
  const answer = readSubmitReply(reply, model);
  if (answer.status === 429) wire.pace.tooFast(reply.retryAfter);
  else wire.pace.fine();
  if (answer.kind === 'accepted') return { kind: 'accepted', requestId: answer.requestId };
  const named = requestIdIn(reply.json);
  return answer.kind === 'refused' && named !== null
    ? refusedUnlessKnown(answer, { named, known: await call.isKnown(named) })
    : answer;
}

/** A refusal may name an id for its own tracing, or that of a request which was taken all the same: the service knows. */
function refusedUnlessKnown(
  refused: SubmitAnswer & { kind: 'refused' },
  { named, known }: { named: string; known: ResultAnswer },
): SubmitAnswer {
  if (known.kind === 'state') return { kind: 'accepted', requestId: named };
  return known.kind === 'unreachable' ? { ...withId(refused, named), kind: 'unknown' } : refused;
}

/** What an answer to a submission of `model` means; pure. An accepted one keeps its HTTP status. */
export function readSubmitReply(
  reply: Reply,
  model: string,
): Exclude<SubmitAnswer, { kind: 'accepted' }> | { kind: 'accepted'; requestId: string; status: number } {
  const requestId = requestIdIn(reply.json);
  const isSuccess = reply.status >= 200 && reply.status < 300;
  // An id wins even over an error code beside it: polling it will tell, and dropping it could lose or pay
  // twice for what was accepted. Outside 2xx an id is no promise: errors carry one for their own tracing.
  if (isSuccess && requestId !== null) return { kind: 'accepted', requestId, status: reply.status };

  const status = (requestId === null ? statusInCode(errorCodeIn(reply.json)) : null) ?? reply.status;
  const error = replyError(reply, { status, subject: `the model ${model}` });
  if (status === 429) return { kind: 'not-sent', retryAfter: reply.retryAfter, ...error };
  // 408 may come from a gateway that gave up on a service that did not.
  if (status >= 400 && status < 500 && status !== 408) return { kind: 'refused', ...error };
  return { kind: 'unknown', ...(status < 300 ? unreadable(reply) : withId(error, requestId)) };
}

/** Whoever settles an unknown submission should have all that is known about it. */
function withId(error: ServiceError, requestId: string | null): ServiceError {
  if (requestId === null) return error;
  return { ...error, message: `${error.message} The answer names request ${requestId}.` };
}
