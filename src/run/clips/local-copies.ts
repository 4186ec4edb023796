import { createHash } from 'node:crypto';
import { constants, createReadStream, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { copyFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { putInPlace, syncFile, syncFolder } from '../../base/durable-file.js';
import { CLIPS } from '../records/record-file.js';
import type { KeyState } from '../records/render.js';
import { clipIsHere } from './recorded-clips.js';

/** SHA-256 of a file, 64 hex digits; null if it cannot be read. */
export async function hashOf(path: string): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch {
    return null;
  }
  return hash.digest('hex');
}

/**
 * Puts the missing clips of a key in their places if they are on this machine: under another name in the run directory, as
 * after a merge of two branches or a hand's copy, or in another run directory. A clip is known by its recorded length
 * and hash. Throws if the disk is full.
 */
export async function takeLocalCopies(
  { outputs, otherClips }: KeyState,
  {
    directory,
    elsewhere,
    isRecorded,
  }: {
    readonly directory: string;
    readonly elsewhere: string | undefined;
    /** True for the path of a clip of any key. */
    readonly isRecorded: (file: string) => boolean;
  },
): Promise<void> {
  const recorded = new Set([...outputs, ...otherClips].flatMap(({ file }) => file ?? []));
  await giveWay(otherClips, { directory, recorded });
  for (const output of outputs) {
    const { file, bytes, sha256 } = output;
    if (file === null || bytes === null || sha256 === null || clipIsHere(output, directory)) continue;
    mkdirSync(join(directory, CLIPS), { recursive: true });
    const to = join(directory, file);
    if (await moveFrom(join(directory, CLIPS), { to, bytes, sha256, isRecorded })) continue;
    if (elsewhere !== undefined) await copyClip({ from: join(elsewhere, file), to, sha256 });
  }
}

/** Moves the clip of an attempt that two branches sent to its own name, so that the other's clip can have the first one. */
async function giveWay(
  otherClips: KeyState['otherClips'],
  { directory, recorded }: { readonly directory: string; readonly recorded: ReadonlySet<string> },
): Promise<void> {
  for (const other of otherClips) {
    const { file, bytes, sha256 } = other;
    if (file === null || bytes === null || sha256 === null || clipIsHere(other, directory)) continue;
    for (const name of recorded) {
      const path = join(directory, name);
      if (name === file || existsSync(join(directory, file)) || lengthOf(path) !== bytes) continue;
      if ((await hashOf(path)) === sha256) await putInPlace(path, join(directory, file));
    }
  }
}

/** Moves a file of the folder with these bytes to `to`, unless its name is that of a clip. Returns true if there was one. */
async function moveFrom(
  folder: string,
  options: {
    readonly to: string;
    readonly bytes: number;
    readonly sha256: string;
    readonly isRecorded: (file: string) => boolean;
  },
): Promise<boolean> {
  const { to, bytes, sha256, isRecorded } = options;
  for (const name of readdirSync(folder)) {
    if (!/\.mp4$/i.test(name) || isRecorded(`${CLIPS}/${name}`)) continue;
    const path = join(folder, name);
    if (lengthOf(path) !== bytes || (await hashOf(path)) !== sha256) continue;
    await putInPlace(path, to);
    return true;
  }
  return false;
}

/** Length of a plain file, bytes; null for anything else. */
function lengthOf(path: string): number | null {
  const there = statSync(path, { throwIfNoEntry: false });
  return there?.isFile() ? there.size : null;
}

/** Error codes of the disk that is written to. */
const FULL: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT', 'EROFS']);

/**
 * Copies a clip to `to`, which is replaced only by a whole file with the hash. The copies share their bytes if the file
 * system can. Returns false if the clip cannot be read or has another hash. Throws if the disk is full.
 */
export async function copyClip({
  from,
  to,
  sha256,
}: {
  readonly from: string;
  readonly to: string;
  readonly sha256: string;
}): Promise<boolean> {
  const part = `${to}.part`;
  try {
    await copyFile(from, part, constants.COPYFILE_FICLONE);
    if ((await hashOf(part)) !== sha256) return false;
    await syncFile(part);
    await rename(part, to);
    await syncFolder(dirname(to));
    return true;
  } catch (error) {
    if (FULL.has((error as NodeJS.ErrnoException).code)) throw error;
    return false;
  } finally {
    await rm(part, { force: true }).catch(() => {});
  }
}
