import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { putInPlace } from '../base/durable-file.js';
import { isFileError, whyNotWritten } from '../base/files.js';
import { runChild } from '../media/child.js';
import type { Ffmpeg } from '../media/ffmpeg.js';
import { FONTS, type FontCheck, missingScripts, nameMissingScripts } from '../media/fonts.js';
import { checkClip } from '../media/probe.js';
import { type AnimaticFiles, animaticArgs, type Lettering } from './animatic.js';
import { captions, slateCard } from './captions.js';
import { frameOf } from './layout.js';
import type { AnimaticShot } from './shot.js';
import type { Slate } from './slate.js';
import { FRAME_RATE, framesIn } from './timing.js';

/** Renders a shot to a file, or returns the reason why it cannot. A failure of the disk or of ffmpeg is a result. */
export type Render = (shot: AnimaticShot, options: RenderOptions) => Promise<RenderResult>;

/** Place of a render. */
export interface RenderOptions {
  /** Absolute path of the folder of the emulator, with pictures and fonts. */
  readonly folder: string;
  /** The MP4 to write, relative to the folder, with forward slashes. */
  readonly to: string;
  readonly signal: AbortSignal;
}

/** Success, or a sentence about the failure. */
export type RenderResult = { readonly ok: true } | { readonly ok: false; readonly message: string };

/** Folder of renders in progress, relative to the folder of the emulator. */
const WORK = 'work';

/** Time after which a render counts as hanging, milliseconds: a render takes seconds. */
const LONGEST_MS = 300_000;

/**
 * Removes the half-made files of killed processes. A file younger than the longest render stays: another process may be
 * writing it. Throws the error of the file system.
 */
export async function clearLeftovers(folder: string, now: number): Promise<void> {
  const work = join(folder, WORK);
  await mkdir(work, { recursive: true });
  for (const name of await readdir(work)) {
    const file = await stat(join(work, name)).catch(() => null);
    if (file && file.mtimeMs < now - LONGEST_MS) await rm(join(work, name), { force: true });
  }
}

/** Reason why this ffmpeg cannot make animatics; null if it can. */
export function missingAbility(ffmpeg: Ffmpeg): string | null {
  const filters = ['perspective', 'overlay', 'loop', 'fade', 'geq', 'gblur', 'lutrgb', 'aevalsrc'].filter(
    (name) => !ffmpeg.filters.has(name),
  );
  if (filters.length > 0) return `the ffmpeg at ${ffmpeg.path} lacks the filters ${filters.join(', ')}`;
  return ffmpeg.encoders.has('libx264')
    ? null
    : `the ffmpeg at ${ffmpeg.path} cannot write H.264 (no libx264)`;
}

/** Warning about animatics of this ffmpeg; null for none. */
export function captionWarning(ffmpeg: Ffmpeg): string | null {
  if (ffmpeg.filters.has('ass')) return null;
  return `The ffmpeg at ${ffmpeg.path} has no libass: animatics will have no captions.`;
}

/** Renders with this ffmpeg; without captions if it has no libass. */
export function renderWith(ffmpeg: Ffmpeg): Render {
  const lack = missingAbility(ffmpeg);
  if (lack) return async () => ({ ok: false, message: `${lack}.` });
  return async (shot, { folder, to, signal }) => {
    // A random name: an ffmpeg of a killed process may still be writing to its own file.
    const name = `${WORK}/${randomBytes(8).toString('hex')}`;
    const stop = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]);
    const out = `${name}.mp4`;
    let texts: LetteringFiles | null = null;
    let shown = shot;
    try {
      await mkdir(join(folder, WORK), { recursive: true });
      if (ffmpeg.filters.has('ass')) {
        const check = {
          program: ffmpeg.path,
          folder,
          fonts: FONTS,
          file: `${name}.ask.ass`,
          signal: stop,
        };
        // The shades fit the text that is shown, which may be shorter than the prompt.
        shown = await withKnownLetters(shot, check);
        texts = letteringOf(shown, name);
      }
      const files: AnimaticFiles = { lettering: texts?.files ?? null, fonts: FONTS, out };
      for (const [file, text] of texts?.contents ?? []) await writeFile(join(folder, file), text);
      const child = await runChild(ffmpeg.path, {
        args: animaticArgs(shown, files),
        cwd: folder,
        signal: stop,
      });
      if (!child.ok) return { ok: false, message: `The animatic could not be rendered: ${child.message}` };
      const problem = await checkClip(join(folder, out), expectedOf(shot));
      if (problem) return { ok: false, message: `The animatic did not come out right: ${problem}.` };
      await moveClip(join(folder, out), join(folder, to));
      return { ok: true };
    } catch (error) {
      if (!isFileError(error)) throw error;
      return { ok: false, message: `The animatic could not be written: ${whyNotWritten(error)}.` };
    } finally {
      const written = [...(texts?.contents.keys() ?? []), out];
      await Promise.all(written.map((file) => rm(join(folder, file), { force: true })));
    }
  };
}

/** The shot with prompts in letters that this machine has fonts for. */
async function withKnownLetters(shot: AnimaticShot, check: FontCheck): Promise<AnimaticShot> {
  const missing = await missingScripts(shot.segments.map(({ prompt }) => prompt).join('\n'), check);
  if (missing.size === 0) return shot;
  const segments = shot.segments.map((part) => ({
    ...part,
    prompt: nameMissingScripts(part.prompt, missing),
  }));
  return { ...shot, segments };
}

interface LetteringFiles {
  readonly files: Lettering;
  readonly contents: ReadonlyMap<string, string>;
}

/** Names and contents of the ASS files of a shot. */
function letteringOf(shot: AnimaticShot, name: string): LetteringFiles {
  const contents = new Map([[`${name}.ass`, captions(shot)]]);
  const card = (picture: AnimaticShot['end'], label: Slate['label']) => {
    if (picture?.kind !== 'remote') return null;
    const file = `${name}.${label === 'START IMAGE' ? 'start' : 'end'}.ass`;
    contents.set(file, slateCard(shot, { url: picture.url, label }));
    return file;
  };
  const startCard = card(shot.start, 'START IMAGE');
  return { files: { captions: `${name}.ass`, startCard, endCard: card(shot.end, 'END IMAGE') }, contents };
}

function expectedOf(shot: AnimaticShot) {
  return { ...frameOf(shot), frames: framesIn(shot.seconds), frameRate: FRAME_RATE, audio: shot.audio };
}

/** Moves the finished clip to its own name, synced to disk. */
async function moveClip(from: string, to: string): Promise<void> {
  await mkdir(join(to, '..'), { recursive: true });
  await putInPlace(from, to);
}
