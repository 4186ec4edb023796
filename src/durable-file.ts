import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What to write, whole or in pieces that follow each other. */
type Content = string | Uint8Array | readonly Uint8Array[];

function isInPieces(content: Content): content is readonly Uint8Array[] {
  return Array.isArray(content);
}

/**
 * Replaces a file so that after a crash either the old or the new content is there, whole:
 * written beside it, synced, renamed, and the folder synced.
 * Throws the file system's own error (`ENOSPC`, `EACCES`, …), leaving the old file alone.
 */
export async function writeDurably(path: string, content: Content, mode = 0o666): Promise<void> {
  await replace(path, content, { mode, sync: true });
  await syncFolder(dirname(path));
}

/** Replaces a file as `writeDurably` does, whole, but only a crash of processes is survived, not a loss of power. */
export function writeWhole(path: string, content: Content): Promise<void> {
  return replace(path, content, { mode: 0o666, sync: false });
}

async function replace(
  path: string,
  content: Content,
  { mode, sync }: { readonly mode: number; readonly sync: boolean },
): Promise<void> {
  const beside = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const file = await open(beside, 'wx', mode);
    try {
      if (isInPieces(content)) await writePieces(file, content);
      else await file.writeFile(content);
      if (sync) await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

async function writePieces(file: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
  const total = pieces.reduce((sum, { length }) => sum + length, 0);
  const { bytesWritten } = await file.writev(pieces);
  // A disk that is nearly full takes a part; to write the rest says why not more.
  if (bytesWritten < total) await file.writeFile(Buffer.concat(pieces).subarray(bytesWritten));
}

/** Puts a finished file in its place, whatever is there, on disk before anyone hears of it. Throws the file system's own error. */
export async function putInPlace(from: string, to: string): Promise<void> {
  await syncFile(from);
  await rename(from, to);
  await syncFolder(dirname(to));
}

/** Has what was written to a file on disk. Throws the file system's own error. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes a rename or a new file in `folder` survive a crash. Windows has no such call and needs none. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
