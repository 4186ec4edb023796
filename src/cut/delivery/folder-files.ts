import { createHash, randomBytes } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { chmod, copyFile, link, lstat, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFile, syncFolder } from '../../base/durable-file.js';
import type { DeliveredFile, DeliveryRecord } from './record.js';

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

/** Files of a folder that its record does not name, by their names in small letters: the SHA-256 of what may be a clip's copy, else null. */
export type OtherFiles = ReadonlyMap<string, string | null>;

/**
 * What else lies in a folder: files of people, and of deliveries whose record is not here. Only what is as long as one of
 * `clips` is read. Throws the file system's own errors, but for a folder that is not there.
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

/** What is written beside its place until it is whole; 8 hex digits are ours. */
const HALF_WRITTEN = /^(?:\..+|.+\.(?:xml|otio|json))\.[0-9a-f]{8}\.tmp$/;
/** A live process writes to its file more often than that, milliseconds. */
const LEFT_AFTER = 3_600_000;

/** Removes what deliveries that were killed left half written. Throws the file system's own errors, but for a folder that is not there. */
export async function removeHalfWritten(folder: string, now: number): Promise<void> {
  for (const name of (await namesIn(folder)).filter((one) => HALF_WRITTEN.test(one))) {
    const found = await lstat(join(folder, name)).catch(() => null);
    // A copy may have been given its original's time; when it changed is its own.
    if (found?.isFile() && found.ctimeMs < now - LEFT_AFTER) await rm(join(folder, name), { force: true });
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
