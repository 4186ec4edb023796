import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** A file of a run directory. */
export interface PlainFile {
  /** Relative to the run directory, with forward slashes. */
  readonly file: string;
  readonly bytes: number;
  /** When it was last written, milliseconds since 1970. */
  readonly at: number;
}

/** What lies under a name, if that is a file itself, no link; else null. Throws the file system's own error. */
export async function plainFile(directory: string, file: string): Promise<PlainFile | null> {
  try {
    const there = await lstat(join(directory, file));
    return there.isFile() ? { file, bytes: there.size, at: there.mtimeMs } : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Names in a folder, sorted; none where there is no such folder. Behind a link lies what is not ours to clear. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  const there = await lstat(folder).catch(() => null);
  return there?.isDirectory() ? (await readdir(folder)).sort() : [];
}
