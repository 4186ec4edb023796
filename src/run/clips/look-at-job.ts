import { type RunContext, record } from '../context.js';
import type { Job } from '../job.js';
import { lookAtClip, stillsIn, unseenClips } from './look-at-clip.js';

/** Those of so many jobs that have clips here which nobody looked at yet. */
export function unseenJobs(run: RunContext, jobs: readonly Job[]): readonly Job[] {
  // One has just come in, or all are looked through.
  const hasStill = jobs.length > 1 ? stillsIn(run.directory) : undefined;
  return jobs.filter(({ key, ids }) => {
    const known = ids.length > 0 && run.deps.look ? run.journal.get(key) : undefined;
    const where = { directory: run.directory, hasStill };
    return known?.state === 'done' && unseenClips(known, where).length > 0;
  });
}

/** Compares a job's clips with what was asked for, keeps their stills, and journals and reports what was found. */
export async function lookAtJob(run: RunContext, job: Job): Promise<void> {
  const { journal, directory, folder, aspect, deps, brakes, reporter } = run;
  const { look } = deps;
  const known = journal.get(job.key);
  if (!look || !known) return;
  const looking = { directory, folder, aspect, fold: journal.fold, look, signal: brakes.allStopped };
  for (const clip of unseenClips(known, { directory })) {
    if (brakes.allStopped.aborted) return;
    const looked = await lookAtClip(known, clip, looking);
    if (looked.kind === 'stopped') return;
    if (looked.kind === 'facts') reporter.unseen(looked.why);
    const { check } = looked;
    // Without an ffmpeg, a clip stays unseen: that is no news each time.
    if (clip.check && (looked.kind === 'facts' || isSame(clip.check, check))) continue;
    await record(run, job, { type: 'looked', sha256: clip.sha256, ...check });
    reporter.checked(job, { file: clip.file, ...check });
  }
}

function isSame(one: object, other: object): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
