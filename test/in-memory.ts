import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

/** File system in memory that Linux has. */
const MEMORY = '/dev/shm';
/** Free room that a test run needs there, bytes: several times what the clips of one run take. */
const ENOUGH = 4 * 1024 ** 3;

/**
 * Puts the temporary folders of a test run into memory where there is room. Records are synced to disk hundreds of times
 * in a run, so that a slow or busy disk would decide how long the tests take.
 */
export function setup(): (() => void) | undefined {
  if (freeBytes() < ENOUGH) return undefined;
  const folder = mkdtempSync(join(MEMORY, 'shotlist-tests-'));
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

function freeBytes(): number {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize;
  } catch {
    // Windows and macOS have no such folder.
    return 0;
  }
}
