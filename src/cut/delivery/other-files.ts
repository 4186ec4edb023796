import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hashFile } from './copy-clip.js';
import type { DeliveredFile, DeliveryRecord } from './record.js';

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
