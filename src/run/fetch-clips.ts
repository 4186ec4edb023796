import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DownloadAnswer } from '../runcomfy/service.js';
import { CLIPS, clipName } from './clip-name.js';
import { type RunContext, record, withDeadline } from './context.js';
import type { KeyState } from './fold.js';
import { resultOf } from './follow-request.js';
import { type Job, outputIsHere } from './job.js';

/** A clip could not be written: the run has to stop. */
export class CannotWrite extends Error {}

/** A clip's place in its submission. */
interface Wanted {
  readonly url: string;
  /** Relative to the run directory. */
  readonly file: string;
  readonly details: { readonly request_id: string | null; readonly usd: number | null };
}

/**
 * Fetches every clip of a rendered submission that is not here, checks that it is a video, and journals it. Never
 * submits. Reports the shot's end. `stale` links are from a former run. Throws `CannotWrite` when the disk will not
 * take it.
 */
export async function fetchClips(run: RunContext, job: Job, { stale }: { stale: boolean }): Promise<void> {
  const known = await withOutputs(run, job, stale);
  if (!known) return;
  const details = { request_id: known.requestId, usd: known.cost };
  run.reporter.shot(job, 'downloading', details);
  await mkdir(join(run.directory, CLIPS), { recursive: true });
  for (const [index, output] of known.outputs.entries()) {
    if (outputIsHere(output, run.directory)) continue;
    // Named once, by the shot it was first rendered for, and never renamed.
    const file = output.file ?? clipName(known, index);
    if (!(await fetchOne(run, job, { url: output.url, file, details }))) return;
  }
  const file = run.journal.get(job.key)?.outputs[0]?.file ?? null;
  run.reporter.end(job, 'done', { ...details, file });
}

/** Long enough for a service that answers; without its answer, the links of then are tried. Seconds. */
const ASK_AGAIN = 60;

/**
 * What is known of the job, with at least one output. Where none was named, or the links are from another day and may
 * have moved or run out, the service is asked again.
 */
async function withOutputs(run: RunContext, job: Job, stale: boolean): Promise<KeyState | null> {
  const known = run.journal.get(job.key);
  if (!known || (known.outputs.length > 0 && !stale)) return known ?? null;
  const fresh = known.requestId === null ? null : await askAgain(run, known.requestId);
  if (fresh && fresh.outputs.length > 0) {
    const same = fresh.outputs.join(' ') === known.outputs.map(({ url }) => url).join(' ');
    if (!same) await record(run, job, { type: 'completed', ...fresh });
    return run.journal.get(job.key) ?? null;
  }
  if (known.outputs.length > 0) return known;
  const message = 'The service says it is done, but names no video. Run again to ask once more.';
  run.reporter.end(job, 'failed', { request_id: known.requestId, usd: known.cost, message });
  return null;
}

async function askAgain(run: RunContext, requestId: string): Promise<ReturnType<typeof resultOf> | null> {
  const { halting } = run.brakes;
  const deadline = withDeadline({ signal: halting, seconds: ASK_AGAIN, sleep: run.deps.sleep });
  try {
    const answer = await run.service.result(requestId, deadline.signal);
    return answer.kind === 'state' ? resultOf(answer.request) : null;
  } finally {
    deadline.end();
  }
}

async function fetchOne(run: RunContext, job: Job, wanted: Wanted): Promise<boolean> {
  const to = join(run.directory, wanted.file);
  const answer = await download(run, job, { url: wanted.url, to });
  switch (answer.kind) {
    case 'downloaded':
      return keep(run, job, { ...wanted, to, bytes: answer.bytes, sha256: answer.sha256 });
    case 'refused': {
      const message = `Rendered, but it cannot be fetched: ${answer.message} It is not rendered again by itself.`;
      run.reporter.end(job, 'failed', { ...wanted.details, message });
      return false;
    }
    case 'unreachable': {
      const why = run.brakes.halting.aborted ? '' : ` ${answer.message}`;
      const message = `Rendered, but not here yet.${why} Run again to fetch it; it is not rendered again.`;
      run.reporter.end(job, 'unfinished', { ...wanted.details, message });
      return false;
    }
    case 'cannot-write': {
      const message =
        'Rendered, but it could not be written here. Run again to fetch it; it is not rendered again.';
      run.reporter.end(job, 'unfinished', { ...wanted.details, message });
      throw new CannotWrite(answer.message, { cause: answer });
    }
  }
}

async function download(
  run: RunContext,
  job: Job,
  { url, to }: { readonly url: string; readonly to: string },
): Promise<DownloadAnswer> {
  const { halting } = run.brakes;
  const deadline = withDeadline({ signal: halting, seconds: run.timeouts.download, sleep: run.deps.sleep });
  try {
    const onProgress = run.reporter.progress(job);
    return await run.service.download(url, { to, onProgress, signal: deadline.signal });
  } finally {
    deadline.end();
  }
}

async function keep(
  run: RunContext,
  job: Job,
  clip: Wanted & { readonly to: string; readonly bytes: number; readonly sha256: string },
): Promise<boolean> {
  const { url, file, bytes, sha256, details } = clip;
  const media = await run.deps.probeVideo(clip.to);
  if (media === null) {
    await rm(clip.to, { force: true });
    const message =
      'What the service sent is no video, and was not kept. It is not rendered again by itself.';
    run.reporter.end(job, 'failed', { ...details, message });
    return false;
  }
  await record(run, job, { type: 'downloaded', url, file, bytes, sha256, media });
  return true;
}
