import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { AvcConfig } from '../../media/avc-config.js';
import type { Ffmpeg } from '../../media/ffmpeg.js';
import type { FilmItem } from './film.js';
import type { Piece } from './pieces.js';
import type { FilmShape } from './shape.js';

/** A film to be made, all of it decided, and what it takes to make it. */
export interface FilmJob {
  readonly items: readonly FilmItem[];
  readonly pieces: readonly Piece[];
  readonly shape: FilmShape;
  /** What the copied pieces have in common; null where nothing is copied. */
  readonly config: AvcConfig | null;
  readonly title: string;
  /** Absolute path of the music; null for none. */
  readonly music: string | null;
  /** LUFS to bring the sound to; null to leave it. */
  readonly loudness: number | null;
  readonly ffmpeg: Ffmpeg;
  /** A folder to work in, absolute. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Called as it goes on, with what is being done, and how much of it is done. */
  readonly onStep: (step: string, done: number, all: number) => void;
}

/** Why there is no film, as the end of a sentence. */
export interface Trouble {
  readonly message: string;
}

/** What is left of a process that was killed; a live one writes to its folder more often than that, milliseconds. */
const LEFT_AFTER = 3_600_000;

/**
 * Gives a task a folder of its own beside a file that it makes, and removes the folder whatever happens. Folders that
 * killed processes left there are removed too. Throws the file system's own errors.
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
    if (found && found.mtimeMs < now - LEFT_AFTER)
      await rm(join(parent, other.name), { recursive: true, force: true });
  }
}
