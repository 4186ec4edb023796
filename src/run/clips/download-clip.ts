import type { MediaFacts } from '../../media/facts.js';
import type { DownloadAnswer, Service, ServiceError } from '../../runcomfy/service.js';
import type { RunContext } from '../context.js';
import type { Job } from '../job.js';
import { lateClip, unfetchedNotice } from '../messages.js';
import type { RunDeps } from '../run-options.js';
import { withDeadline } from '../waits.js';
import { hashOf } from './local-copies.js';

/** Time without new bytes after which a download is reported, seconds. */
const STALLED = 10;

/**
 * Fetches one clip to `to`, an absolute path, within the run's time for a download. Reports faults and stalls meanwhile.
 * If the time runs out, the message of the answer says so and names the last fault.
 */
export async function downloadClip(
  run: RunContext,
  job: Job,
  { url, to, expected }: { readonly url: string; readonly to: string; readonly expected: string | null },
): Promise<TakenClip> {
  const { brakes, deps, reporter, service, timeouts } = run;
  const seconds = timeouts.download;
  const deadline = withDeadline({ signal: brakes.allStopped, seconds, sleep: deps.sleep });
  const arrival = new Arrival(deps.now, reporter.progress(job));
  const say = () => {
    const why = arrival.trouble();
    if (why !== null) reporter.slowed(unfetchedNotice(job.name, why));
  };
  const { onProgress, onFault } = arrival;
  const take = () =>
    takeClip({ ...deps, service }, { url, to, expected, onProgress, onFault, signal: deadline.signal });
  try {
    const answer = await run.stillTrying.during(take, say);
    if (answer.kind !== 'unreachable' || !deadline.over()) return answer;
    return { ...answer, message: lateClip(seconds, arrival.fault) };
  } finally {
    deadline.end();
  }
}

/** Progress of a download, and the reason for its pause. */
class Arrival {
  /** The last fault since new bytes arrived, in a sentence. */
  fault: string | null = null;
  #farthest = 0;
  #at: number;
  readonly #now: () => number;
  readonly #tell: (bytes: number, total: number | null) => void;

  constructor(now: () => number, tell: (bytes: number, total: number | null) => void) {
    this.#now = now;
    this.#tell = tell;
    this.#at = now();
  }

  readonly onProgress = (bytes: number, total: number | null): void => {
    // A download that starts again sends known bytes first.
    if (bytes > this.#farthest) {
      this.#farthest = bytes;
      this.#at = this.#now();
      this.fault = null;
    }
    this.#tell(bytes, total);
  };

  readonly onFault = ({ message }: ServiceError): void => {
    this.fault = message;
  };

  /** Reason why nothing arrives, in a sentence; null while bytes arrive. */
  trouble(): string | null {
    const seconds = Math.floor((this.#now() - this.#at) / 1000);
    if (seconds < STALLED) return null;
    return this.fault ?? `Nothing has arrived for ${seconds} s.`;
  }
}

export type TakenClip =
  | { readonly kind: 'taken'; readonly bytes: number; readonly sha256: string; readonly media: MediaFacts }
  /** The file that the service sent is no whole video, and was not kept. */
  | { readonly kind: 'no-video' }
  /** The file that the service sent has other bytes than the clip that was expected, and was not kept. */
  | { readonly kind: 'other-clip' }
  | Exclude<DownloadAnswer, { readonly kind: 'downloaded' | 'not-accepted' }>;

/** Fetches a clip to `to`, which is replaced only by a whole file that is a video, and has the expected bytes. */
export async function takeClip(
  { service, probeVideo }: { readonly service: Service } & Pick<RunDeps, 'probeVideo'>,
  options: {
    readonly url: string;
    /** Absolute path; its folder exists. */
    readonly to: string;
    /** SHA-256 of the clip that was fetched before, 64 hex digits; null to take any video. */
    readonly expected?: string | null;
    readonly signal: AbortSignal;
    readonly onProgress?: (bytes: number, total: number | null) => void;
    readonly onFault?: (fault: ServiceError) => void;
  },
): Promise<TakenClip> {
  const { url, expected = null, ...where } = options;
  let media: MediaFacts | null = null;
  const accept = async (path: string) => {
    media = await probeVideo(path);
    return media !== null && (expected === null || (await hashOf(path)) === expected);
  };
  const answer = await service.download(url, { ...where, accept });
  if (answer.kind === 'not-accepted') return { kind: media === null ? 'no-video' : 'other-clip' };
  if (answer.kind !== 'downloaded') return answer;
  if (media === null) throw new Error('a clip was kept without being probed');
  return { ...answer, kind: 'taken', media };
}
