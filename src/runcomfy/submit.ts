import type { JsonObject } from '../base/json.js';
import {
  errorCodeIn,
  faultError,
  replyError,
  requestIdIn,
  statusInCode,
  stoppedError,
  unreadableError,
} from './answers.js';
import type { ResultAnswer, ServiceError, SubmitAnswer } from './service.js';
import { postOnce, type Reply, type Wire } from './wire.js';

/** Slowest upload that is waited for, bytes per millisecond: about half a megabit a second. Our choice. */
const SLOWEST_UPLOAD = 64;

/**
 * Sends one POST, once. It is billed, there is no idempotency key, and nothing on the way may repeat it. The answer is
 * `not-sent` only if nothing can have been accepted, and `unknown` in every doubt.
 */
export async function submit(
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
  if (answer.kind === 'accepted') return { kind: 'accepted', requestId: answer.requestId };
  const requestId = requestIdIn(reply.json);
  return answer.kind === 'refused' && requestId !== null
    ? refusedUnlessKnown(answer, { requestId, known: await call.queryState(requestId) })
    : answer;
}

/** Settles a refusal that names an id: a mere tracing id, or a request that was accepted after all. The service knows. */
function refusedUnlessKnown(
  refused: SubmitAnswer & { kind: 'refused' },
  { requestId, known }: { requestId: string; known: ResultAnswer },
): SubmitAnswer {
  if (known.kind === 'state') return { kind: 'accepted', requestId };
  return known.kind === 'unreachable' ? { ...namingRequest(refused, requestId), kind: 'unknown' } : refused;
}

/** Meaning of an answer to a submission of `model`; pure. An accepted one keeps its HTTP status. */
export function readSubmitReply(
  reply: Reply,
  model: string,
): Exclude<SubmitAnswer, { kind: 'accepted' }> | { kind: 'accepted'; requestId: string; status: number } {
  const requestId = requestIdIn(reply.json);
  const isSuccess = reply.status >= 200 && reply.status < 300;
  // In a 2xx the id counts even beside an error code: polling it tells the truth, and dropping it could lose an accepted
  // submission or pay for it twice. Outside 2xx an id promises nothing, as errors carry tracing ids.
  if (isSuccess && requestId !== null) return { kind: 'accepted', requestId, status: reply.status };

  const status = (requestId === null ? statusInCode(errorCodeIn(reply.json)) : null) ?? reply.status;
  const error = replyError(reply, { status, subject: `the model ${model}` });
  if (status === 429) return { kind: 'not-sent', retryAfter: reply.retryAfter, ...error };
  // 408 may come from a gateway that stopped waiting while the service went on.
  if (status >= 400 && status < 500 && status !== 408) return { kind: 'refused', ...error };
  return { kind: 'unknown', ...(status < 300 ? unreadableError(reply) : namingRequest(error, requestId)) };
}

/** The same error with the request's id in its message, for the person who settles an unknown submission. */
function namingRequest(error: ServiceError, requestId: string | null): ServiceError {
  if (requestId === null) return error;
  return { ...error, message: `${error.message} The answer names request ${requestId}.` };
}
