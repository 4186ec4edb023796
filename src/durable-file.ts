import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Replaces a file so that after a crash either the old or the new content is there, whole:
 * written beside it, synced, renamed, and the folder synced.
 * Throws the file system's own error (`ENOSPC`, `EACCES`, …), leaving the old file alone.
 */
export async function writeDurably(path: string, content: string | Uint8Array, mode = 0o666): Promise<void> {
  await replace(path, content, { mode, sync: true });
  await syncFolder(dirname(path));
}

/** Replaces a file as `writeDurably` does, whole, but only a crash of processes is survived, not a loss of power. */
export function writeWhole(path: string, content: Uint8Array): Promise<void> {
  return replace(path, content, { mode: 0o666, sync: false });
}

async function replace(
  path: string,
  content: string | Uint8Array,
  { mode, sync }: { readonly mode: number; readonly sync: boolean },
): Promise<void> {
  const beside = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const file = await open(beside, 'wx', mode);
    try {
      await file.writeFile(content);
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
