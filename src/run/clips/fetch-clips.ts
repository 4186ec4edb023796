import { createHash } from 'node:crypto';
import { constants, createReadStream, mkdirSync } from 'node:fs';
import { copyFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { syncFile, syncFolder } from '../../base/durable-file.js';
import { asFetched } from '../../manifest/manifest.js';
import type { RecordedFile } from '../../manifest/verify.js';
import type { MediaFacts } from '../../media/facts.js';
import type { ServiceError } from '../../runcomfy/service.js';
import { type RunContext, record } from '../context.js';
import { CannotWrite } from '../directory/obstacle.js';
import { type Job, outputIsHere } from '../job.js';
import type { KeyState } from '../journal/fold.js';
import { resultOf } from '../requests/follow-request.js';
import type { RunDeps } from '../run-options.js';
import { withDeadline } from '../waits.js';
import { downloadClip } from './download-clip.js';
import { CLIPS, clipName } from './recorded-clips.js';

/** A clip to fetch. */
interface Wanted {
  readonly url: string;
  /** Relative to the run directory. */
  readonly file: string;
  readonly details: { readonly request_id: string | null; readonly usd: number | null };
}

/** Statuses for a link that has expired or moved. */
const STALE_LINK: ReadonlySet<number | null> = new Set([403, 404, 410]);

/**
 * Fetches every missing clip of a rendered submission, checks that it is a video, and journals it. Never submits.
 * Reports the shot's end. `stale` is true for links of an earlier run. Throws `CannotWrite` if the disk fails.
 */
export async function fetchClips(run: RunContext, job: Job, { stale }: { stale: boolean }): Promise<void> {
  await copyFromElsewhere(run, job);
  const known = await withOutputs(run, job, stale);
  if (!known) return;
  const details = { request_id: known.requestId, usd: known.cost };
  run.reporter.shot(job, 'downloading', details);
  mkdirSync(join(run.directory, CLIPS), { recursive: true });
  const first = await fetchMissing(run, job, known);
  // A link of this run may have expired: the service is asked once for another.
  const fresh = first && STALE_LINK.has(first.status) && !stale ? await withOutputs(run, job, true) : null;
  const gone = fresh && urlsOf(fresh) !== urlsOf(known) ? await fetchMissing(run, job, fresh) : first;
  if (gone) {
    await recordMissing(run, job);
    const message = `Rendered, but it cannot be fetched: ${gone.message} Run again to ask for it again; it is not rendered again.`;
    run.reporter.end(job, 'failed', { ...details, message });
  }
  if (run.reporter.endOf(job.key) !== undefined) return;
  const file = run.journal.get(job.key)?.outputs[0]?.file ?? null;
  run.reporter.end(job, 'done', { ...details, file });
}

/** Copies the clips that another run directory has. */
async function copyFromElsewhere(run: RunContext, job: Job): Promise<void> {
  const clips = run.elsewhere.get(job.key) ?? [];
  const known = run.journal.get(job.key);
  for (const [index, output] of (known?.outputs ?? []).entries()) {
    const clip = clips[index];
    if (!known || !clip || outputIsHere(output, run.directory)) continue;
    const file = clipName(known, index);
    mkdirSync(join(run.directory, CLIPS), { recursive: true });
    const media = await copyClip(clip, { to: join(run.directory, file), probeVideo: run.deps.probeVideo });
    if (media === null) continue;
    const { bytes, sha256 } = clip;
    await record(run, job, { type: 'downloaded', url: output.url, file, bytes, sha256, media });
  }
}

/** Fetches the missing clips. Returns the service's refusal of one, if any; other problems are reported. */
async function fetchMissing(run: RunContext, job: Job, known: KeyState): Promise<ServiceError | null> {
  const details = { request_id: known.requestId, usd: known.cost };
  for (const [index, output] of known.outputs.entries()) {
    if (outputIsHere(output, run.directory)) continue;
    // A clip keeps its first name.
    const file = output.file ?? clipName(known, index);
    const problem = await fetchOne(run, job, { url: output.url, file, details });
    if (problem) return problem;
    if (run.reporter.endOf(job.key) !== undefined) return null;
  }
  return null;
}

/** Records that a clip which was here is missing and cannot be fetched. */
async function recordMissing(run: RunContext, job: Job): Promise<void> {
  const known = run.journal.get(job.key);
  if (known?.state !== 'done') return;
  const { outputs, cost } = known;
  await record(run, job, { type: 'completed', outputs: outputs.map(({ url }) => url), cost });
  for (const output of outputs) {
    if (!outputIsHere(output, run.directory)) continue;
    const clip = asFetched(output);
    if (!clip) continue;
    const { check: _, ...file } = clip;
    await record(run, job, { type: 'downloaded', ...file });
  }
}

function urlsOf({ outputs }: KeyState): string {
  return outputs.map(({ url }) => url).join(' ');
}

/** Time for the service to name links again, seconds. Without an answer, the old links are tried. */
export const ASK_AGAIN = 60;

/**
 * State of the job, with at least one output; null if the service names none. Asks the service again if no output was
 * named, or if the links are of an earlier run and may have moved or expired.
 */
async function withOutputs(run: RunContext, job: Job, stale: boolean): Promise<KeyState | null> {
  const known = run.journal.get(job.key);
  if (!known || (known.outputs.length > 0 && !stale)) return known ?? null;
  const fresh = known.requestId === null ? null : await askAgain(run, known.requestId);
  if (fresh && fresh.outputs.length > 0) {
    if (fresh.outputs.join(' ') !== urlsOf(known)) await record(run, job, { type: 'completed', ...fresh });
    return run.journal.get(job.key) ?? null;
  }
  if (known.outputs.length > 0) return known;
  const message = 'The service says it is done, but names no video. Run again to ask once more.';
  run.reporter.end(job, 'failed', { request_id: known.requestId, usd: known.cost, message });
  return null;
}

async function askAgain(run: RunContext, requestId: string): Promise<ReturnType<typeof resultOf> | null> {
  const { allStopped } = run.brakes;
  const seconds = Math.min(ASK_AGAIN, run.timeouts.download);
  const deadline = withDeadline({ signal: allStopped, seconds, sleep: run.deps.sleep });
  try {
    const answer = await run.service.result(requestId, deadline.signal);
    return answer.kind === 'state' ? resultOf(answer.request) : null;
  } finally {
    deadline.end();
  }
}

/** Fetches one clip. Returns the service's refusal; any other trouble is reported as the shot's end. */
async function fetchOne(run: RunContext, job: Job, wanted: Wanted): Promise<ServiceError | null> {
  const to = join(run.directory, wanted.file);
  const answer = await downloadClip(run, job, { url: wanted.url, to });
  const { url, file, details } = wanted;
  switch (answer.kind) {
    case 'taken': {
      const { bytes, sha256, media } = answer;
      await record(run, job, { type: 'downloaded', url, file, bytes, sha256, media });
      return null;
    }
    case 'no-video': {
      await flagUnreadable(run, job, url);
      const message =
        'What the service sent is no whole video, and was not kept. Run again to fetch it again; it is not rendered again by itself.';
      run.reporter.end(job, 'failed', { ...details, message });
      return null;
    }
    case 'refused':
      // The service sent a file, such as an empty one or an error page.
      if (answer.status === 200) await flagUnreadable(run, job, url);
      return answer;
    case 'in-the-way': {
      const message = `Rendered, but not here yet. ${answer.message}`;
      run.reporter.end(job, 'unfinished', { ...details, message });
      return null;
    }
    case 'unreachable': {
      const why = run.brakes.allStopped.aborted ? '' : ` ${answer.message}`;
      const message = `Rendered, but not here yet.${why} It is paid for: run again to fetch it; it is not rendered again.`;
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

/** Records that a download is no video, once: a later run may get the same file. */
async function flagUnreadable(run: RunContext, job: Job, url: string): Promise<void> {
  const output = run.journal.get(job.key)?.outputs.find((one) => one.url === url);
  if (!output || output.check || output.sha256 !== null) return;
  const flags = [{ code: 'unreadable', message: 'what the service sent is no video' }] as const;
  await record(run, job, { type: 'looked', sha256: null, url, pictures: false, flags });
}

/** Error codes of the disk that is written to. */
const FULL: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT', 'EROFS']);

/**
 * Copies a clip of another run to `to`, which is replaced only by a whole file with the recorded hash. The copies share
 * their bytes if the file system can. Returns the facts of the clip; null if it cannot be read or has another hash.
 * Throws if the disk is full.
 */
async function copyClip(
  from: RecordedFile & { readonly path: string },
  { to, probeVideo }: { readonly to: string } & Pick<RunDeps, 'probeVideo'>,
): Promise<MediaFacts | null> {
  const part = `${to}.part`;
  try {
    await copyFile(from.path, part, constants.COPYFILE_FICLONE);
    const hash = createHash('sha256');
    await pipeline(createReadStream(part), hash);
    const media = hash.digest('hex') === from.sha256 ? await probeVideo(part) : null;
    if (media === null) return null;
    await syncFile(part);
    await rename(part, to);
    await syncFolder(dirname(to));
    return media;
  } catch (error) {
    if (FULL.has((error as NodeJS.ErrnoException).code)) throw error;
    return null;
  } finally {
    await rm(part, { force: true }).catch(() => {});
  }
}
