import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** What `writeDurably` calls the files of a run while they are written. */
export const UNFINISHED = /^(?:manifest(?:\.[\w.-]+)?\.json|journal\.ndjson)\.[0-9a-f]{8}\.tmp$/;

/**
 * Removes what runs that were killed left half written. Only for who holds the lock. Throws the file system's own error.
 */
export async function sweep(directory: string): Promise<void> {
  const names = await readdir(directory);
  for (const name of names.filter((one) => UNFINISHED.test(one))) {
    await rm(join(directory, name), { force: true });
  }
}
