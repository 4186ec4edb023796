import { randomBytes } from 'node:crypto';
import { closeSync, fsync, openSync, renameSync, rmSync, write, writev } from 'node:fs';
import { rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

/**
 * Has what was written to an open file, or what was renamed in an open folder, on disk. Opening, closing and renaming are
 * done at once here: to hand one of them to another thread costs ten times what it takes. Only what waits for the disk is.
 */
export const syncOpen: (fd: number) => Promise<void> = promisify(fsync);
const writePieces = promisify(writev);
const writeBytes = promisify(write);

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
    const fd = openSync(beside, 'wx', mode);
    try {
      await fill(fd, isInPieces(content) ? content : [Buffer.from(content)]);
      if (sync) await syncOpen(fd);
    } finally {
      closeSync(fd);
    }
    // Some file systems (ext4) begin to write the new content out when it takes another file's place: that may wait.
    await rename(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

async function fill(fd: number, pieces: readonly Uint8Array[]): Promise<void> {
  const total = pieces.reduce((sum, { length }) => sum + length, 0);
  let { bytesWritten: written } = await writePieces(fd, pieces);
  // A disk that is nearly full takes a part; to write the rest says why not more.
  const rest = written < total ? Buffer.concat(pieces) : Buffer.alloc(0);
  while (written < total) written += (await writeBytes(fd, rest, written)).bytesWritten;
}

/** Puts a finished file in its place, whatever is there, on disk before anyone hears of it. Throws the file system's own error. */
export async function putInPlace(from: string, to: string): Promise<void> {
  await syncFile(from);
  renameSync(from, to);
  await syncFolder(dirname(to));
}

/** Has what was written to a file on disk. Throws the file system's own error. */
export async function syncFile(path: string): Promise<void> {
  await syncAt(path, 'r+');
}

/** Makes a rename or a new file in `folder` survive a crash. Windows has no such call and needs none. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform !== 'win32') await syncAt(folder, 'r');
}

async function syncAt(path: string, flags: string): Promise<void> {
  const fd = openSync(path, flags);
  try {
    await syncOpen(fd);
  } finally {
    closeSync(fd);
  }
}
