import type { ServiceError } from '../../runcomfy/service.js';
import type { RunContext } from '../context.js';
import type { Job } from '../job.js';
import { lateClip, unfetchedNotice } from '../messages.js';
import { withDeadline } from '../waits.js';
import { type TakenClip, takeClip } from './take-clip.js';

/** Without anything new for so long a download is worth a word, seconds. A slow one is none of our business. */
const STALLED = 10;

/**
 * Fetches one clip to `to`, an absolute path, within the run's time for that. While faults are tried against, or nothing
 * arrives, that is said; where the time runs out, the answer's message says that and the last fault.
 */
export async function downloadClip(
  run: RunContext,
  job: Job,
  { url, to }: { readonly url: string; readonly to: string },
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
    takeClip({ ...deps, service }, { url, to, onProgress, onFault, signal: deadline.signal });
  try {
    const answer = await run.stillTrying.during(take, say);
    if (answer.kind !== 'unreachable' || !deadline.over()) return answer;
    return { ...answer, message: lateClip(seconds, arrival.fault) };
  } finally {
    deadline.end();
  }
}

/** How far a clip has come, and what has kept it since. */
class Arrival {
  /** The last one since anything new arrived, in a sentence. */
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
    // A server that sends the same beginning again and again brings nothing new.
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

  /** Why it does not arrive, in a sentence; null while it does. */
  trouble(): string | null {
    const seconds = Math.floor((this.#now() - this.#at) / 1000);
    if (seconds < STALLED) return null;
    return this.fault ?? `Nothing has arrived for ${seconds} s.`;
  }
}
