import pLimit from 'p-limit';
import type { Service } from '../../runcomfy/service.js';
import type { RunDeps } from '../context.js';
import { resultOf } from '../requests/follow-request.js';
import { withDeadline } from '../waits.js';
import type { RecordedClip } from './recorded-clips.js';

/**
 * Answer to the question if a clip could be fetched again: `other` if the service's file has another length or none,
 * `unsure` if the service does not answer.
 */
export type Copies = 'fetchable' | 'last-copy' | 'other' | 'unsure';

/** Questions at a time. */
const QUESTIONS = 8;
/** Time for an answer, seconds. Without one, the clip is kept. */
const PATIENCE = 10;

/** Asks the service for each clip if it still has it. Answers are in the order of the clips. */
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
    // One unanswered question is enough for a service that is down.
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
    // The recorded link may have expired, so the request's current link counts.
    const now = answer?.kind === 'state' ? resultOf(answer.request).outputs[index] : undefined;
    const link = now ?? url;
    if (link === null) return 'last-copy';
    const check = await service.checkDownload(link, deadline.signal);
    if (check.kind === 'available') return check.bytes === bytes ? 'fetchable' : 'other';
    return check.kind === 'unreachable' ? 'unsure' : 'last-copy';
  } finally {
    deadline.end();
  }
}
