import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../durable-file.js';
import { checkClip } from '../media/check-clip.js';
import { runChild } from '../media/child.js';
import type { Ffmpeg } from '../media/ffmpeg.js';
import { animaticArgs } from './animatic.js';
import { captions, frameOf } from './captions.js';
import { isFileTrouble, whyNotWritten } from './file-trouble.js';
import { FONTS } from './fonts.js';
import type { AnimaticShot } from './shot.js';
import { FRAME_RATE, framesIn } from './timing.js';

/** Renders a shot to a file, or says in a sentence why it could not. Never throws for what a disk or ffmpeg does. */
export type Render = (shot: AnimaticShot, options: RenderOptions) => Promise<RenderResult>;

export interface RenderOptions {
  /** The emulator's folder, absolute: pictures and fonts are in it. */
  readonly folder: string;
  /** The MP4 to make, relative to the folder, with forward slashes. */
  readonly to: string;
  readonly signal: AbortSignal;
}

export type RenderResult = { readonly ok: true } | { readonly ok: false; readonly message: string };

/** Renders in progress, relative to the emulator's folder. */
const WORK = 'work';

/** A render takes seconds; one that takes this long hangs. */
const LONGEST_MS = 300_000;

/**
 * Removes what killed processes left of their renders. What is younger than the longest render stays: it may belong
 * to another process that is still at it. Throws the file system's own error.
 */
export async function clearLeftovers(folder: string, now: number): Promise<void> {
  const work = join(folder, WORK);
  await mkdir(work, { recursive: true });
  for (const name of await readdir(work)) {
    const file = await stat(join(work, name)).catch(() => null);
    if (file && file.mtimeMs < now - LONGEST_MS) await rm(join(work, name), { force: true });
  }
}

/** Why this ffmpeg cannot make animatics, or null. */
export function missingAbility(ffmpeg: Ffmpeg): string | null {
  const filters = ['perspective', 'overlay', 'loop', 'fade', 'aevalsrc'].filter(
    (name) => !ffmpeg.filters.has(name),
  );
  if (filters.length > 0) return `the ffmpeg at ${ffmpeg.path} lacks the filters ${filters.join(', ')}`;
  return ffmpeg.encoders.has('libx264')
    ? null
    : `the ffmpeg at ${ffmpeg.path} cannot write H.264 (no libx264)`;
}

/** What is worth telling once about animatics made with this ffmpeg, or null. */
export function captionWarning(ffmpeg: Ffmpeg): string | null {
  if (ffmpeg.filters.has('ass')) return null;
  return `The ffmpeg at ${ffmpeg.path} has no libass: animatics will have no captions.`;
}

/** Renders with this ffmpeg: without libass, without captions. */
export function renderWith(ffmpeg: Ffmpeg): Render {
  const lack = missingAbility(ffmpeg);
  if (lack) return async () => ({ ok: false, message: `${lack}.` });
  return async (shot, { folder, to, signal }) => {
    // A name of its own: a former process, killed, may still be writing to its own.
    const name = `${WORK}/${randomBytes(8).toString('hex')}`;
    const files = {
      captions: ffmpeg.filters.has('ass') ? `${name}.ass` : null,
      fonts: FONTS,
      out: `${name}.mp4`,
    };
    try {
      await mkdir(join(folder, WORK), { recursive: true });
      if (files.captions) await writeFile(join(folder, files.captions), captions(shot));
      const stop = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]);
      const child = await runChild(ffmpeg.path, {
        args: animaticArgs(shot, files),
        cwd: folder,
        signal: stop,
      });
      if (!child.ok) return { ok: false, message: `The animatic could not be rendered: ${child.message}` };
      const problem = await checkClip(join(folder, files.out), expectedOf(shot));
      if (problem) return { ok: false, message: `The animatic did not come out right: ${problem}.` };
      await keep(join(folder, files.out), join(folder, to));
      return { ok: true };
    } catch (error) {
      if (!isFileTrouble(error)) throw error;
      return { ok: false, message: `The animatic could not be written: ${whyNotWritten(error)}.` };
    } finally {
      await Promise.all(
        [files.captions, files.out].map((file) => file && rm(join(folder, file), { force: true })),
      );
    }
  };
}

function expectedOf(shot: AnimaticShot) {
  return { ...frameOf(shot), frames: framesIn(shot.seconds), frameRate: FRAME_RATE, audio: shot.audio };
}

/** The finished clip under its own name, on disk before anyone hears of it. */
async function keep(from: string, to: string): Promise<void> {
  await mkdir(join(to, '..'), { recursive: true });
  const file = await open(from, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(from, to);
  await syncFolder(join(to, '..'));
}
