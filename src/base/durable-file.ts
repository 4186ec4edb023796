import { randomBytes } from 'node:crypto';
import { closeSync, fsync, openSync, renameSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

/** Resolves when the bytes of an open file, or the names in an open folder, survive a loss of power. */
export const syncOpen: (fd: number) => Promise<void> = promisify(fsync);

/**
 * Replaces a file so that after a crash either the old or the new content is there, whole:
 * written beside it, synced, renamed, and the folder synced.
 * Throws the file system's own error (`ENOSPC`, `EACCES`, …), leaving the old file alone.
 */
export async function writeDurably(path: string, content: string | Uint8Array, mode = 0o666): Promise<void> {
  const beside = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const file = await open(beside, 'wx', mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Moves a finished file to its place, replacing any file there; resolves when it is on disk. Throws the file system's own error. */
export async function putInPlace(from: string, to: string): Promise<void> {
  await syncFile(from);
  renameSync(from, to);
  await syncFolder(dirname(to));
}

/** Resolves when the bytes of a file are on disk. Throws the file system's own error. */
export async function syncFile(path: string): Promise<void> {
  await syncAt(path, 'r+');
}

/** Makes a rename or a new file in `folder` survive a crash. Windows has no such call and needs none. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform !== 'win32') await syncAt(folder, 'r');
}

/** Makes a folder and the ones above it that are missing, so that they survive a crash. Throws the file system's own error. */
export async function makeFolders(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
}

async function syncAt(path: string, flags: string): Promise<void> {
  const fd = openSync(path, flags);
  try {
    await syncOpen(fd);
  } finally {
    closeSync(fd);
  }
}
