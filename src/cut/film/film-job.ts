import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { AvcConfig } from '../../media/avc-config.js';
import type { Ffmpeg } from '../../media/ffmpeg.js';
import type { FilmItem } from './film.js';
import type { Piece } from './pieces.js';
import type { FilmShape } from './shape.js';

/** A film with all decisions about it, and the means to make it. */
export interface FilmJob {
  readonly items: readonly FilmItem[];
  readonly pieces: readonly Piece[];
  readonly shape: FilmShape;
  /** H.264 configuration of the copied pieces; null if nothing is copied. */
  readonly config: AvcConfig | null;
  readonly title: string;
  /** Absolute path of the music; null for none. */
  readonly music: string | null;
  /** Target loudness in LUFS; null to leave the sound unchanged. */
  readonly loudness: number | null;
  readonly ffmpeg: Ffmpeg;
  /** Absolute path of the folder to work in. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Called with the current step, and the number of its units done and in all. */
  readonly onStep: (step: string, done: number, all: number) => void;
}

/** Options that every call of ffmpeg begins with: it prints only errors, asks nothing and overwrites its own files. */
export const FFMPEG_START = ['-hide_banner', '-nostdin', '-loglevel', 'error', '-y'] as const;

/** Reason why a film cannot be made, as the end of a sentence. */
export interface FilmProblem {
  readonly message: string;
}

/** Age at which a work folder is left over from a killed process, milliseconds. Live processes write more often. */
const LEFTOVER_AGE = 3_600_000;

/**
 * Runs a task in a new folder beside the file that the task makes, then removes the folder. Removes the folders of killed
 * processes too. Throws errors of the file system.
 */
export async function inWorkFolder<T>(
  file: string,
  { now, task }: { readonly now: number; readonly task: (folder: string) => Promise<T> },
): Promise<T> {
  const parent = dirname(file);
  const name = basename(file);
  await mkdir(parent, { recursive: true });
  await removeLeftovers(parent, { name, now });
  const folder = join(parent, `${name}.${randomBytes(4).toString('hex')}.tmp`);
  await mkdir(folder);
  try {
    return await task(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function removeLeftovers(
  parent: string,
  { name, now }: { readonly name: string; readonly now: number },
): Promise<void> {
  for (const other of await readdir(parent, { withFileTypes: true })) {
    const isOurs =
      other.name.startsWith(`${name}.`) && /^\.[0-9a-f]{8}\.tmp$/.test(other.name.slice(name.length));
    if (!other.isDirectory() || !isOurs) continue;
    const found = await stat(join(parent, other.name)).catch(() => null);
    if (found && found.mtimeMs < now - LEFTOVER_AGE)
      await rm(join(parent, other.name), { recursive: true, force: true });
  }
}
