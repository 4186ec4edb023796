import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, copyFile, link, lstat, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFile, syncFolder } from '../../base/durable-file.js';
import { hashFile } from '../../base/files.js';
import { type DeliveredFile, type DeliveryRecord, TIMELINE_EXTENSIONS } from './record.js';

const OWNER_WRITES = 0o200;

/** State of a delivered file: unchanged, changed, or missing. */
export type FileState = 'same' | 'other' | 'none';

/** Compares a file with the delivered one, by its hash. Throws errors of the file system, except for a missing file. */
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
 * Copies a clip to a free name, through a temporary file whose hash is checked. Returns false, and leaves no file, if the
 * hash differs from the recorded one. Throws errors of the file system; `EEXIST` if the name is taken.
 */
export async function copyClip(
  from: string,
  folder: string,
  { file, sha256 }: DeliveredFile,
): Promise<boolean> {
  const beside = join(folder, `.${file}.${randomBytes(4).toString('hex')}.tmp`);
  try {
    await copyFile(from, beside, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    // The copy of a read-only clip is read-only too, and could not be synced.
    await chmod(beside, (await stat(beside)).mode | OWNER_WRITES);
    if ((await hashFile(beside)) !== sha256) return false;
    await placeNew(beside, join(folder, file));
    return true;
  } finally {
    await rm(beside, { force: true });
  }
}

/** Writes a text to a free name. Throws errors of the file system; `EEXIST` if the name is taken. */
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

/** Gives a finished and synced file its name. Throws `EEXIST` if the name is taken. */
async function placeNew(from: string, to: string): Promise<void> {
  await syncFile(from);
  try {
    // Unlike `rename`, `link` never replaces a file.
    await link(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error;
    // Network shares and memory cards often do not support links.
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

/** Files of a folder that are not in its record, by lower-case name: the SHA-256 of a possible copy of a clip, else null. */
export type OtherFiles = ReadonlyMap<string, string | null>;

/**
 * Finds files of a folder that are not in its record: files of the user, and of deliveries whose record is lost. Hashes only
 * files of the same size as one of `clips`. Throws errors of the file system, except for a missing folder.
 */
export async function otherFiles(
  folder: string,
  {
    record,
    clips,
  }: { readonly record: DeliveryRecord; readonly clips: readonly Pick<DeliveredFile, 'bytes'>[] },
): Promise<OtherFiles> {
  const known = new Set(
    [...record.clips, ...record.timelines.flatMap(({ files }) => files)].map(({ file }) =>
      file.toLowerCase(),
    ),
  );
  const sizes = new Set(clips.map(({ bytes }) => bytes));
  const others = new Map<string, string | null>();
  for (const name of await namesIn(folder)) {
    if (known.has(name.toLowerCase())) continue;
    const found = await lstat(join(folder, name));
    const isLike = found.isFile() && sizes.has(found.size);
    others.set(name.toLowerCase(), isLike ? await hashFile(join(folder, name)) : null);
  }
  return others;
}

/** Names of temporary files of deliveries. */
const EXTENSIONS = [...Object.values(TIMELINE_EXTENSIONS), 'json'].join('|');
const TEMPORARY = new RegExp(`^(?:\\..+|.+\\.(?:${EXTENSIONS}))\\.[0-9a-f]{8}\\.tmp$`);
/** Age at which a temporary file is left over from a killed process, milliseconds. Live processes write more often. */
const LEFTOVER_AGE = 3_600_000;

/** Removes the temporary files of killed deliveries. Throws errors of the file system, except for a missing folder. */
export async function removeLeftovers(folder: string, now: number): Promise<void> {
  for (const name of (await namesIn(folder)).filter((one) => TEMPORARY.test(one))) {
    const found = await lstat(join(folder, name)).catch(() => null);
    // A copy may have the modification time of its original, but not the change time.
    if (found?.isFile() && found.ctimeMs < now - LEFTOVER_AGE) await rm(join(folder, name), { force: true });
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
