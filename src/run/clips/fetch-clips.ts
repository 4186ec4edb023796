import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceError } from '../../runcomfy/service.js';
import { type RunContext, record } from '../context.js';
import { CannotWrite } from '../directory/obstacle.js';
import { type Job, outputIsHere } from '../job.js';
import type { KeyState } from '../journal/fold.js';
import { resultOf } from '../requests/follow-request.js';
import { withDeadline } from '../waits.js';
import { CLIPS, clipName } from './clip-name.js';
import { copyClip } from './copy-clip.js';
import { downloadClip } from './download-clip.js';

/** A clip's place in its submission. */
interface Wanted {
  readonly url: string;
  /** Relative to the run directory. */
  readonly file: string;
  readonly details: { readonly request_id: string | null; readonly usd: number | null };
}

/** What a service answers for a link that has run out or moved. */
const STALE_LINK: ReadonlySet<number | null> = new Set([403, 404, 410]);

/**
 * Fetches every clip of a rendered submission that is not here, checks that it is a video, and journals it. Never
 * submits. Reports the shot's end. `stale` links are from a former run. Throws `CannotWrite` when the disk will not
 * take it.
 */
export async function fetchClips(run: RunContext, job: Job, { stale }: { stale: boolean }): Promise<void> {
  await copyFromElsewhere(run, job);
  const known = await withOutputs(run, job, stale);
  if (!known) return;
  const details = { request_id: known.requestId, usd: known.cost };
  run.reporter.shot(job, 'downloading', details);
  mkdirSync(join(run.directory, CLIPS), { recursive: true });
  const first = await fetchMissing(run, job, known);
  // A link of this very run may have run out: once, the service is asked for another.
  const fresh = first && STALE_LINK.has(first.status) && !stale ? await withOutputs(run, job, true) : null;
  const gone = fresh && urlsOf(fresh) !== urlsOf(known) ? await fetchMissing(run, job, fresh) : first;
  if (gone) {
    await admit(run, job);
    const message = `Rendered, but it cannot be fetched: ${gone.message} Run again to ask for it again; it is not rendered again.`;
    run.reporter.end(job, 'failed', { ...details, message });
  }
  if (run.reporter.endOf(job.key) !== undefined) return;
  const file = run.journal.get(job.key)?.outputs[0]?.file ?? null;
  run.reporter.end(job, 'done', { ...details, file });
}

/** What another run has already needs no download. */
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

/** Returns why the service will not give a clip, if so; what else is in the way has been reported. */
async function fetchMissing(run: RunContext, job: Job, known: KeyState): Promise<ServiceError | null> {
  const details = { request_id: known.requestId, usd: known.cost };
  for (const [index, output] of known.outputs.entries()) {
    if (outputIsHere(output, run.directory)) continue;
    // Named once, by the shot it was first rendered for, and never renamed.
    const file = output.file ?? clipName(known, index);
    const problem = await fetchOne(run, job, { url: output.url, file, details });
    if (problem) return problem;
    if (run.reporter.endOf(job.key) !== undefined) return null;
  }
  return null;
}

/** A clip that was here, is not, and cannot be fetched: journal and manifest no longer say that it is here. */
async function admit(run: RunContext, job: Job): Promise<void> {
  const known = run.journal.get(job.key);
  if (known?.state !== 'done') return;
  const { outputs, cost } = known;
  await record(run, job, { type: 'completed', outputs: outputs.map(({ url }) => url), cost });
  for (const output of outputs) {
    if (!outputIsHere(output, run.directory)) continue;
    const { url, file, bytes, sha256, media } = output;
    if (file === null || bytes === null || sha256 === null || media === null) continue;
    await record(run, job, { type: 'downloaded', url, file, bytes, sha256, media });
  }
}

function urlsOf({ outputs }: KeyState): string {
  return outputs.map(({ url }) => url).join(' ');
}

/** Long enough for a service that answers; without its answer, the links of then are tried. Seconds. */
export const ASK_AGAIN = 60;

/**
 * What is known of the job, with at least one output. Where none was named, or the links are from another day and may
 * have moved or run out, the service is asked again.
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
  // Who has less time for the clip has no more for its link.
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
      // Something came, if only an empty file or an error page.
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

/** Said once: the next run may fetch it again, and find the same. */
async function flagUnreadable(run: RunContext, job: Job, url: string): Promise<void> {
  const output = run.journal.get(job.key)?.outputs.find((one) => one.url === url);
  if (!output || output.check || output.sha256 !== null) return;
  const flags = [{ code: 'unreadable', message: 'what the service sent is no video' }] as const;
  await record(run, job, { type: 'looked', sha256: null, url, pictures: false, flags });
}
