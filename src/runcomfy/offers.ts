import { startDeadline } from '../http/deadline.js';
import { rest } from '../http/deps.js';
import { backoff } from '../http/retry.js';
import { wholeLength } from '../http/whole-length.js';
import { askForFile, type Cut, isDocument, type Refused, refused, withoutFile } from './ask-for-file.js';
import type { OfferAnswer } from './service.js';
import type { Wire } from './wire.js';

/** How often a file is asked about before the server counts as down. Our choice. */
const OFFER_FAULTS = 4;

/**
 * Whether a result file could be fetched right now: its first byte is asked for, and nothing kept. A few times where a
 * fault may pass, since that would look like a clip that is gone.
 */
export async function offers(wire: Wire, url: string, signal: AbortSignal | undefined): Promise<OfferAnswer> {
  for (let fault = 0; ; fault += 1) {
    const answer = await offersOnce(wire, { url, signal });
    if (answer.kind !== 'cut') return answer;
    const { retryAfter, ...error } = answer;
    const { random } = wire.deps;
    const isOver = fault + 1 >= OFFER_FAULTS || signal?.aborted === true;
    if (isOver || !(await rest(wire.deps, backoff({ fault, random, retryAfter }), signal))) {
      return { ...error, kind: 'unreachable' };
    }
  }
}

async function offersOnce(
  wire: Wire,
  { url, signal }: { readonly url: string; readonly signal: AbortSignal | undefined },
): Promise<Extract<OfferAnswer, { readonly kind: 'offered' }> | Refused | Cut> {
  if (!URL.canParse(url)) return refused(null, 'The service named a result that is no URL.');
  const deadline = startDeadline(wire.timeouts.answer, signal);
  try {
    const answer = await askForFile(wire, { url: new URL(url), headers: { range: 'bytes=0-0' }, deadline });
    if (answer.kind !== 'answer') return answer;
    answer.body.destroy();
    if (answer.status !== 200 && answer.status !== 206) return withoutFile(wire, answer, new URL(url).host);
    return isDocument(answer)
      ? refused(answer.status, 'The result is a text, no video.')
      : { kind: 'offered', bytes: wholeLength(answer) };
  } finally {
    deadline.clear();
  }
}
