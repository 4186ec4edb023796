import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CLIPS } from '../clips/clip-name.js';
import { lockFiles } from './lock.js';
import { namesIn } from './plain-file.js';

/** What `writeDurably` calls the files of a run while they are written. */
const UNFINISHED = /^(?:manifest(?:\.[\w.-]+)?\.json|journal\.ndjson)\.[0-9a-f]{8}\.tmp$/;

/** Locks that were being taken, or given back, when their process was killed. */
const LOCK = /^lock(?:-[0-9a-f]{16}\.tmp|\.[0-9a-f]{16})$/;

/** A download on its way. The eight digits begin the key; a clip's name ends as `clipName` says. */
const PART = /\.([0-9a-f]{8})(?:\.attempt\d+)?(?:-\d+)?\.mp4\.part$/;

/**
 * Removes what runs that were killed left half written, of clips those of some content keys. Only for who holds the
 * lock. Throws the file system's own error.
 */
export async function sweep(directory: string, keys: Iterable<string>): Promise<void> {
  const names = [...(await halfWritten(directory)), ...(await halfFetched(directory, keys))];
  for (const name of names) await rm(join(directory, name), { force: true });
}

/** Clips of some content keys that are not whole, relative to the run directory: the next run fetches them from their start. */
export async function halfFetched(directory: string, keys: Iterable<string>): Promise<readonly string[]> {
  const known = new Set([...keys].map((key) => key.slice(0, 8)));
  const names = await namesIn(join(directory, CLIPS));
  return names.filter((name) => known.has(PART.exec(name)?.[1] ?? '')).map((name) => `${CLIPS}/${name}`);
}

/** Names of the files that `sweep` would remove. */
export async function halfWritten(directory: string): Promise<readonly string[]> {
  const held = new Set(await lockFiles(directory));
  const names = await readdir(directory);
  return names.filter(
    (name) => UNFINISHED.test(name) || (LOCK.test(name) && !held.has(join(directory, name))),
  );
}
