import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { putInPlace } from '../../base/durable-file.js';
import type { MediaFacts } from '../../media/facts.js';
import type { DownloadAnswer, ResultAnswer, Service, ServiceError } from '../../runcomfy/service.js';
import { placeOf, type RunContext, type RunDeps, record } from '../context.js';
import { CannotWrite } from '../directory/obstacle.js';
import type { Job } from '../job.js';
import { goneMessage, lateClip, twinNotice, unfetchedNotice } from '../messages.js';
import { CLIPS } from '../records/record-file.js';
import type { ClipOfOtherAttempt, KeyState } from '../records/render.js';
import { resultOf } from '../requests/follow-request.js';
import { stopOnAccountError } from '../requests/submit-shot.js';
import { withDeadline } from '../waits.js';
import { hashOf } from './local-copies.js';
import { clipIsHere, clipName, clipsAreHere } from './recorded-clips.js';

/** A clip to fetch. */
interface Wanted {
  readonly url: string;
  readonly index: number;
  /** Relative to the run directory. */
  readonly file: string;
  /** Hash of the clip if it was fetched before: other bytes are not taken for it. */
  readonly sha256: string | null;
  readonly details: { readonly request_id: string | null; readonly usd: number | null };
}

/** Statuses for a link that has expired or moved. */
const STALE_LINK: ReadonlySet<number | null> = new Set([403, 404, 410]);

/**
 * Puts every missing clip of a rendered submission in its place: from this machine, or else from the service. Records a
 * clip that is new. The record of a known clip stays, even if the clip cannot be fetched again. Never submits. Reports the
 * shot's end. `stale` is true for links of an earlier run. Throws `CannotWrite` if the disk fails.
 */
export async function fetchClips(run: RunContext, job: Job, { stale }: { stale: boolean }): Promise<void> {
  const known = run.records.get(job.key);
  if (!known) return;
  const { directory } = run;
  await run.copies.take(job.key);
  const details = { request_id: known.requestId, usd: known.cost };
  const isHere = clipsAreHere(known, directory);
  const links = isHere ? { urls: [], trouble: null } : await linksOf(run, job, stale);
  if (!links) return;
  if (!isHere) {
    run.reporter.shot(job, 'downloading', details);
    mkdirSync(join(directory, CLIPS), { recursive: true });
  }
  const first = await fetchMissing(run, job, links.urls);
  // A link of this run may have expired: the service is asked once for another.
  const fresh = first && STALE_LINK.has(first.status) && !stale ? await linksOf(run, job, true) : null;
  const isOther = fresh && fresh.urls.join(' ') !== links.urls.join(' ');
  const gone = isOther ? await fetchMissing(run, job, fresh.urls) : first;
  if (gone) await endGone(run, job, { gone, trouble: (fresh ?? links).trouble });
  if (run.reporter.endOf(job.key) !== undefined) return;
  const { requestId, cost, outputs } = run.records.get(job.key) ?? known;
  const file = outputs[0]?.file ?? null;
  run.reporter.end(job, 'done', { request_id: requestId, usd: cost, file });
}

/**
 * Ends a job whose clip was refused: for good, unless the service could not be asked for a link that works, or another
 * branch's clip of it is here.
 */
async function endGone(
  run: RunContext,
  job: Job,
  { gone, trouble }: { readonly gone: ServiceError; readonly trouble: ServiceError | null },
): Promise<void> {
  const known = run.records.get(job.key);
  if (!known) return;
  const details = { request_id: known.requestId, usd: known.cost };
  if (trouble && STALE_LINK.has(gone.status)) {
    const why = stopOnAccountError(run, trouble) ? '' : ` ${trouble.message}`;
    const message = `Rendered, but not here yet: its link has expired, and the service names no other.${why} ${PAID_FOR}`;
    run.reporter.end(job, 'unfinished', { ...details, message });
    return;
  }
  const twin = twinOf(known, run.directory);
  if (twin !== null) {
    await record(run, job, { type: 'chosen', request_id: twin });
    run.reporter.notice('info', twinNotice(known, { why: gone.message, twin }));
    return;
  }
  const message = goneMessage(known, { why: gone.message, ...placeOf(run) });
  run.reporter.end(job, 'failed', { ...details, message });
}

/** Request of a clip that another branch rendered of the same shot and that is here; null if there is none. */
function twinOf({ replaces, clipsOfOtherAttempts: others }: KeyState, directory: string): string | null {
  // A person who had it rendered again wants the newer one.
  if (replaces) return null;
  const isHere = (clip: ClipOfOtherAttempt) => clip.sha256 !== null && clipIsHere(clip, directory);
  const ids = new Set(others.flatMap(({ requestId }) => requestId ?? []));
  const all = (id: string) => others.filter(({ requestId }) => requestId === id);
  return [...ids].find((id) => all(id).every(isHere)) ?? null;
}

const PAID_FOR = 'It is paid for: run again to fetch it; it is not rendered again.';

/** Fetches the missing clips. Returns the service's refusal of one, if any; other problems are reported. */
async function fetchMissing(
  run: RunContext,
  job: Job,
  links: readonly (string | null)[],
): Promise<ServiceError | null> {
  const known = run.records.get(job.key);
  if (!known) return null;
  const details = { request_id: known.requestId, usd: known.cost };
  for (const [index, output] of known.outputs.entries()) {
    if (clipIsHere(output, run.directory)) continue;
    const url = links[index] ?? output.url;
    if (url === null) return { status: null, code: null, message: 'It was put here by hand, and is gone.' };
    // A clip keeps its first name.
    const file = output.file ?? clipName(known, index);
    const { sha256 } = output;
    const problem = await fetchOne(run, job, { url, index, file, sha256, details });
    if (problem) return problem;
    if (run.reporter.endOf(job.key) !== undefined) return null;
  }
  return null;
}

/** Time for the service to name links again, seconds. Without an answer, the old links are tried. */
export const ASK_AGAIN = 60;

/** Links of the outputs, in their order. `trouble` says why the service gave no fresh ones, if it may give them later. */
interface Links {
  readonly urls: readonly (string | null)[];
  readonly trouble: ServiceError | null;
}

/**
 * Links of the outputs; null if the service names none, which is reported. Asks the service again if no output was
 * named, or if the links are of an earlier run and may have moved or expired. Fresh links are not recorded.
 */
async function linksOf(run: RunContext, job: Job, stale: boolean): Promise<Links | null> {
  const known = run.records.get(job.key);
  if (!known) return null;
  const recorded = known.outputs.map(({ url }) => url);
  if (recorded.length > 0 && !stale) return { urls: recorded, trouble: null };
  const answer = known.requestId === null ? null : await askAgain(run, known.requestId);
  const fresh = answer?.kind === 'state' ? resultOf(answer.request) : null;
  if (fresh && fresh.outputs.length > 0) {
    const isNews = known.state === 'completed' && fresh.outputs.length !== recorded.length;
    if (isNews) await record(run, job, { type: 'completed', ...fresh });
    return { urls: fresh.outputs, trouble: null };
  }
  const trouble = answer?.kind === 'unreachable' || answer?.kind === 'refused' ? answer : null;
  if (recorded.length > 0) return { urls: recorded, trouble };
  const why = trouble?.message ?? NO_VIDEO;
  const message = trouble
    ? `Rendered, but not here yet. ${why} ${PAID_FOR}`
    : goneMessage(known, { why, ...placeOf(run) });
  const details = { request_id: known.requestId, usd: known.cost, message };
  run.reporter.end(job, trouble ? 'unfinished' : 'failed', details);
  return null;
}

const NO_VIDEO = 'The service says it is done, but names no video.';

async function askAgain(run: RunContext, requestId: string): Promise<ResultAnswer> {
  const { allStopped } = run.brakes;
  const seconds = Math.min(ASK_AGAIN, run.timeouts.download);
  const deadline = withDeadline({ signal: allStopped, seconds, sleep: run.deps.sleep });
  try {
    return await run.service.result(requestId, deadline.signal);
  } finally {
    deadline.end();
  }
}

/** Fetches one clip. Returns the service's refusal; any other trouble is reported as the shot's end. */
async function fetchOne(run: RunContext, job: Job, wanted: Wanted): Promise<ServiceError | null> {
  const { index, details, sha256: expected } = wanted;
  // The clip of another branch may have the name, without its record here: it was paid for, and stays.
  const file = expected === null ? freeName(wanted.file, run.directory) : wanted.file;
  const to = join(run.directory, file);
  const answer = await downloadClip(run, job, { url: wanted.url, to, expected });
  switch (answer.kind) {
    case 'taken': {
      const { bytes, sha256, media } = answer;
      // The record stays as it is: a fetched copy changes no committed file.
      if (expected !== null) return null;
      const kept = await keepFirstName({ file, first: wanted.file, sha256, directory: run.directory });
      await record(run, job, { type: 'downloaded', index, file: kept, bytes, sha256, media });
      return null;
    }
    case 'other-clip': {
      const message = `What the service sends now is another video than ${file}, and was not kept.`;
      return { status: null, code: 'other-clip', message };
    }
    case 'no-video': {
      await flagUnreadable(run, job, index);
      const message = 'What the service sent is no whole video, and was not kept.';
      return { status: null, code: 'no-video', message };
    }
    case 'refused':
      // The service sent a file, such as an empty one or an error page.
      if (answer.status === 200) await flagUnreadable(run, job, index);
      return answer;
    case 'in-the-way': {
      const message = `Rendered, but not here yet. ${answer.message}`;
      run.reporter.end(job, 'unfinished', { ...details, message });
      return null;
    }
    case 'unreachable': {
      const why = run.brakes.allStopped.aborted ? '' : ` ${answer.message}`;
      const message = `Rendered, but not here yet.${why} ${PAID_FOR}`;
      run.reporter.end(job, 'unfinished', { ...details, message });
      return null;
    }
    case 'cannot-write': {
      const message =
        'Rendered, but it could not be written here. Run again to fetch it; it is not rendered again.';
      run.reporter.end(job, 'unfinished', { ...details, message });
      throw new CannotWrite(answer.message, { cause: answer });
    }
  }
}

/** The name of a clip, or one with a number if a file has it. */
function freeName(file: string, directory: string): string {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? file : file.replace(/\.mp4$/, `-copy${number}.mp4`);
    if (!existsSync(join(directory, name))) return name;
  }
}

/** Gives a clip its first name if the file that has the name is the same clip, as after a crash. Returns its name. */
async function keepFirstName(options: {
  readonly file: string;
  readonly first: string;
  readonly sha256: string;
  readonly directory: string;
}): Promise<string> {
  const { file, first, sha256, directory } = options;
  if (file === first || (await hashOf(join(directory, first))) !== sha256) return file;
  await putInPlace(join(directory, file), join(directory, first));
  return first;
}

/** Records that a download is no video, once: a later run may get the same file. */
async function flagUnreadable(run: RunContext, job: Job, index: number): Promise<void> {
  const output = run.records.get(job.key)?.outputs[index];
  if (!output || output.check || output.sha256 !== null) return;
  const flags = [{ code: 'unreadable', message: 'what the service sent is no video' }] as const;
  await record(run, job, { type: 'inspected', index, sha256: null, pictures: false, flags });
}

/** Time without new bytes after which a download is reported, seconds. */
const STALLED = 10;

/**
 * Fetches one clip to `to`, an absolute path, within the run's time for a download. Reports faults and stalls meanwhile.
 * If the time runs out, the message of the answer says so and names the last fault.
 */
async function downloadClip(
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

type TakenClip =
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
