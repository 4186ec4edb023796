import pLimit from 'p-limit';
import type { Service } from '../../runcomfy/service.js';
import { resultOf } from '../requests/follow-request.js';
import type { RunDeps } from '../run-options.js';
import { withDeadline } from '../waits.js';
import type { RecordedClip } from './recorded-clips.js';

/**
 * Whether a clip could be fetched again: `other` where what the service has is of another length or does not say its own,
 * `unsure` where the service does not answer.
 */
export type Copies = 'fetchable' | 'last-copy' | 'other' | 'unsure';

/** Questions at a time. */
const QUESTIONS = 8;
/** Nothing is lost where nobody answers: the clip stays. Seconds. */
const PATIENCE = 10;

/** Asks the service of each clip whether it would still give it, today; in the order of the clips. */
export async function askForCopies(
  clips: readonly RecordedClip[],
  options: {
    readonly service: Service;
    readonly deps: Pick<RunDeps, 'sleep'>;
    readonly signal: AbortSignal;
    readonly onAsked?: () => void;
  },
): Promise<readonly Copies[]> {
  const limit = pLimit(QUESTIONS);
  let isDown = false;
  const ask = async (clip: RecordedClip) => {
    // A service that is down is not waited for again and again.
    const copies = isDown ? 'unsure' : await askForCopy(clip, options);
    isDown ||= copies === 'unsure';
    options.onAsked?.();
    return copies;
  };
  return Promise.all(clips.map((clip) => limit(() => ask(clip))));
}

async function askForCopy(
  { requestId, url, index, bytes }: RecordedClip,
  { service, deps, signal }: Parameters<typeof askForCopies>[1],
): Promise<Copies> {
  const deadline = withDeadline({ signal, seconds: PATIENCE, sleep: deps.sleep });
  try {
    const answer = requestId === null ? null : await service.result(requestId, deadline.signal);
    if (answer?.kind === 'unreachable') return 'unsure';
    // The link of then may have run out; what the request leads to now counts.
    const now = answer?.kind === 'state' ? resultOf(answer.request).outputs[index] : undefined;
    const offer = await service.offers(now ?? url, deadline.signal);
    if (offer.kind === 'offered') return offer.bytes === bytes ? 'fetchable' : 'other';
    return offer.kind === 'unreachable' ? 'unsure' : 'last-copy';
  } finally {
    deadline.end();
  }
}
