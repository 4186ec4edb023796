import { networkCode, networkReason } from '../http/network-error.js';
import type { HttpFault } from '../http/request.js';
import { errorCodeIn, explanationIn } from './answers.js';
import type { ServiceError } from './service.js';
import type { Reply } from './wire.js';

/** The three fields of a `ServiceError`, out of a value that has more. */
export function serviceErrorOf({ status, code, message }: ServiceError): ServiceError {
  return { status, code, message };
}

/** Error of a 4xx or 5xx, or of a body that stands for one; the message includes the service's explanation. */
export function replyError(reply: Reply, options: { status: number; subject: string }): ServiceError {
  const { status, subject } = options;
  const said = explanationIn(reply.json);
  const first = `${statusSentence(status, subject)} (${status})${said === '' ? '' : `: ${said}`}`;
  // The service's explanation rarely ends in a full stop, and advice may follow it.
  const message = `${first}${/[.?!…]$/.test(first) ? '' : '.'}${statusAdvice(status)}`;
  return { status, code: errorCodeIn(reply.json), message };
}

/** Error of an answer that came but cannot be read. */
export function unreadableError(reply: Reply): ServiceError {
  const message = `The service answered (${reply.status}), but the answer was cut off or is not in its usual form.`;
  return { status: reply.status, code: errorCodeIn(reply.json), message };
}

/** Error of a request to `host` that got no answer. */
export function faultError(fault: HttpFault, host: string): ServiceError {
  const message = `No answer from ${host}: ${networkReason(fault.error)}.`;
  return { status: null, code: networkCode(fault.error), message };
}

/** Error of a call that the caller stopped before `what` happened. */
export function stoppedError(what: string): ServiceError {
  return { status: null, code: 'aborted', message: `Stopped before ${what}.` };
}

/** True if the same request may succeed later: timeouts, rate limits and the service's own faults. */
export function isTemporary(status: number): boolean {
  return status >= 500 || status === 408 || status === 425 || status === 429;
}

function statusSentence(status: number, subject: string): string {
  if (status === 401 || status === 403) return 'The service did not accept the token';
  if (status === 402) return 'The balance of the account is too low';
  if (status === 404 || status === 410) return `The service does not know ${subject}`;
  if (status === 413) return 'The service finds the request too large';
  if (status === 429) return 'The service asks for fewer requests';
  if (status === 400 || status === 422) return 'The service rejected the input';
  if (status >= 500) return 'The service has a fault of its own';
  if (status >= 400) return 'The service refused the request';
  if (status >= 300) return 'The service answered with a redirect, which is not followed';
  return 'The service answered in an unusual way';
}

function statusAdvice(status: number): string {
  if (status === 401 || status === 403)
    return ' Run `shotlist login`, or set RUNCOMFY_API_TOKEN to a valid token.';
  if (status === 402) return ' Add funds at runcomfy.com, then run the same command again.';
  if (status >= 300 && status < 400) return ' Look at RUNCOMFY_MODEL_API_BASE.';
  return '';
}
