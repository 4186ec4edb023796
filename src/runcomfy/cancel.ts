import { isObject, type Json } from '../base/json.js';
import { plain } from '../http/text.js';
import { errorCodeIn, readStatus, statusInCode } from './answers.js';
import { faultError, replyError, unreadable } from './errors.js';
import type { CancelAnswer } from './service.js';
import { type Reply, repeatable, type Wire } from './wire.js';

/**
 * Asks once for a request to be cancelled. It does not wait for a pause after a 429 to end: it is sent on the
 * way out, when waiting means that it is never sent, and each one saves the price of a render. To ask twice is
 * harmless, so it goes over a shared connection: hundreds of new ones would take the time there is.
 */
export async function cancel(
  wire: Wire,
  call: { requestId: string; signal: AbortSignal | undefined },
): Promise<CancelAnswer> {
  const { requestId, signal } = call;
  const path = `/requests/${requestId}/cancel`;
  const reply = await repeatable(wire, { path, body: Buffer.from('{}'), signal });
  if (reply.kind === 'reply' && reply.status === 429) wire.pace.tooFast(reply.retryAfter);
  if (reply.kind === 'fault') return { kind: 'unreachable', ...faultError(reply, wire.base.host) };
  return readCancelReply(reply, requestId);
}

/** What an answer to a cancellation means; pure. Cancelled is only what the service confirms. */
export function readCancelReply(reply: Reply, requestId: string): CancelAnswer {
  const { json, status } = reply;
  const coded = statusInCode(errorCodeIn(json));
  const effective = status < 300 && coded !== null ? coded : status;
  // 409: the request's state does not allow it.
  if (effective < 300 || effective === 409) {
    const read = readOutcome(json, effective === 409);
    return read ?? { kind: 'unreachable', ...unreadable(reply) };
  }
  const error = replyError(reply, { status: effective, subject: `the request ${requestId}` });
  const isPassing = effective >= 500 || effective === 408 || effective === 429;
  return { kind: isPassing ? 'unreachable' : 'refused', ...error };
}

function readOutcome(json: Json | undefined, isConflict: boolean): CancelAnswer | null {
  const word = isObject(json) && typeof json.status === 'string' ? plain(json.status) : null;
  const outcome =
    isObject(json) && typeof json.outcome === 'string' ? json.outcome.trim().toLowerCase() : null;
  const kept = { kind: 'not-cancellable', rawStatus: word } as const;
  // The second of two is told that there is nothing left to cancel.
  if (isConflict || outcome === 'not_cancellable') return isCancelled(word) ? { kind: 'cancelled' } : kept;
  const state = outcome ?? word;
  if (state === null) return null;
  return isCancelled(state) ? { kind: 'cancelled' } : kept;
}

function isCancelled(word: string | null): boolean {
  return word !== null && readStatus(word) === 'cancelled';
}
