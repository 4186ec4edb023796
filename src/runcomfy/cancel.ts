import { isObject, type Json } from '../base/json.js';
import {
  errorCodeIn,
  faultError,
  isTemporary,
  printableLine,
  replyError,
  statusInCode,
  statusOfWord,
  unreadableError,
} from './answers.js';
import type { CancelAnswer } from './service.js';
import { postRepeatable, type Reply, type Wire } from './wire.js';

/**
 * Asks once for a request to be cancelled. The call does not wait for the end of a pause after a 429: it is sent when a
 * run is stopped, so waiting would mean not sending it, and each cancellation saves the price of a render. Cancelling twice
 * is harmless, so it uses a shared connection; opening hundreds of new ones would take too long.
 */
export async function cancel(
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
  const coded = statusInCode(errorCodeIn(reply.json));
  const status = reply.status < 300 && coded !== null ? coded : reply.status;
  // 409: the request's state does not allow it.
  if (status < 300 || status === 409) {
    const outcome = cancelOutcomeIn(reply.json, status === 409);
    return outcome ?? { kind: 'unreachable', ...unreadableError(reply) };
  }
  const error = replyError(reply, { status, subject: `the request ${requestId}` });
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
