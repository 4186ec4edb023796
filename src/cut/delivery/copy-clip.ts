import { createHash, randomBytes } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { chmod, copyFile, link, lstat, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFile, syncFolder } from '../../base/durable-file.js';
import type { DeliveredFile } from './record.js';

const OWNER_WRITES = 0o200;

/** What stands in a folder under the name of a delivered file. */
export type FileState = 'same' | 'other' | 'none';

/** Compares a file of a folder with what was delivered, byte for byte. Throws the file system's errors but its absence. */
export async function compareFile(
  folder: string,
  { file, bytes, sha256 }: DeliveredFile,
): Promise<FileState> {
  const path = join(folder, file);
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (!found) return 'none';
  if (!found.isFile() || found.size !== bytes) return 'other';
  return (await hashFile(path)) === sha256 ? 'same' : 'other';
}

/**
 * Copies a clip under a name that is free: beside it first, compared by its hash, then renamed. Says whether the copy is
 * what was recorded; nothing is left where it is not. Throws the file system's errors, `EEXIST` for a name that is taken.
 */
export async function copyClip(
  from: string,
  folder: string,
  { file, sha256 }: DeliveredFile,
): Promise<boolean> {
  const beside = join(folder, `.${file}.${randomBytes(4).toString('hex')}.tmp`);
  try {
    await copyFile(from, beside, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    // A clip that is kept read-only is copied as such, and could not be synced.
    await chmod(beside, (await stat(beside)).mode | OWNER_WRITES);
    if ((await hashFile(beside)) !== sha256) return false;
    await placeNew(beside, join(folder, file));
    return true;
  } finally {
    await rm(beside, { force: true });
  }
}

/** Writes a text under a name that is free. Throws the file system's errors, `EEXIST` for a name that is taken. */
export async function writeNew(path: string, text: string): Promise<void> {
  const beside = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const handle = await open(beside, 'wx');
    try {
      await handle.writeFile(text);
    } finally {
      await handle.close();
    }
    await placeNew(beside, path);
  } finally {
    await rm(beside, { force: true });
  }
}

/** SHA-256 of a text, 64 hex digits. */
export function hashText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** SHA-256 of a file, 64 hex digits. Throws the file system's own errors. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  // Pieces large enough that reading, not calling, takes the time.
  for await (const piece of createReadStream(path, { highWaterMark: 1024 * 1024 }))
    hash.update(piece as Buffer);
  return hash.digest('hex');
}

/** Gives a finished file its name, on disk before anyone hears of it; a name that is taken is an `EEXIST`. */
async function placeNew(from: string, to: string): Promise<void> {
  await syncFile(from);
  try {
    // Unlike `rename`, this replaces nothing.
    await link(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error;
    // Network shares and memory cards often have no links.
    await renameToFree(from, to);
  }
  await syncFolder(dirname(to));
}

async function renameToFree(from: string, to: string): Promise<void> {
  const found = await lstat(to).catch(() => null);
  if (found)
    throw Object.assign(new Error(`${to} exists`), { code: 'EEXIST', errno: -17, syscall: 'rename' });
  await rename(from, to);
}
