import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { lockFiles } from './lock.js';

/** What `writeDurably` calls the files of a run while they are written. */
const UNFINISHED = /^(?:manifest(?:\.[\w.-]+)?\.json|journal\.ndjson)\.[0-9a-f]{8}\.tmp$/;

/** Locks that were being taken, or given back, when their process was killed. */
const LOCK = /^lock(?:-[0-9a-f]{16}\.tmp|\.[0-9a-f]{16})$/;

/**
 * Removes what runs that were killed left half written. Only for who holds the lock. Throws the file system's own error.
 */
export async function sweep(directory: string): Promise<void> {
  for (const name of await halfWritten(directory)) await rm(join(directory, name), { force: true });
}

/** Names of the files that `sweep` would remove. */
export async function halfWritten(directory: string): Promise<readonly string[]> {
  const held = new Set(await lockFiles(directory));
  const names = await readdir(directory);
  return names.filter(
    (name) => UNFINISHED.test(name) || (LOCK.test(name) && !held.has(join(directory, name))),
  );
}
