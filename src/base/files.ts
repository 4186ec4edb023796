import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { closeSync, createReadStream, existsSync, openSync, readSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';

/** Result of a call to the file system; null if the file or a folder on its path is missing. Throws every other error. */
export function nullIfMissing<T>(call: () => T): T | null {
  try {
    return call();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}

/**
 * Tree that a shot list may name files in: the git repository that holds the list, or the list's own folder if there is
 * no repository. The argument and the result are absolute paths; links are resolved.
 */
export function findTree(folder: string): string {
  const home = realpathSync.native(folder);
  for (let at = home; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (dirname(at) === at) return home;
  }
}

/** First bytes of a file, at most `length`. Throws the file system's error. */
export function beginningOf(path: string, length: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(file, bytes, 0, length, 0));
  } finally {
    closeSync(file);
  }
}

/** True if a file that begins with these bytes is a text; its last character may be cut. */
export function isText(bytes: Buffer): boolean {
  if (bytes.some((byte) => byte < 9 || (byte > 13 && byte < 32))) return false;
  return [0, 1, 2, 3].some((cut) => isUtf8(bytes.subarray(0, bytes.length - cut)));
}

/** True if `path` is `tree` or inside it; both are absolute with links resolved. */
export function isInside(path: string, tree: string): boolean {
  const steps = relative(tree, path);
  return steps === '' || (steps !== '..' && !steps.startsWith(`..${sep}`) && !isAbsolute(steps));
}

/**
 * True if a file of this name, with any ending, is a device on Windows. Data written to a device is lost, and reading
 * from it may never end (Microsoft's "Naming Files, Paths, and Namespaces").
 */
export function isDeviceName(name: string): boolean {
  return /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(name);
}

/**
 * SHA-256 of a file, 64 hex digits. Memory does not depend on its size. Rejects with the file system's error, or with the
 * reason of `signal`. `onBytes` is called with the number of bytes of each piece that is read.
 */
export async function hashFile(
  path: string,
  {
    onBytes,
    signal,
  }: {
    readonly onBytes?: ((bytes: number) => void) | undefined;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<string> {
  const hash = createHash('sha256');
  // 1 MiB: larger pieces are no faster.
  for await (const piece of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    signal?.throwIfAborted();
    hash.update(piece as Buffer);
    onBytes?.((piece as Buffer).length);
  }
  return hash.digest('hex');
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'there is no permission to write there',
  EPERM: 'there is no permission to write there',
  EROFS: 'the file system is read-only',
  // Node's answer to a folder that cannot be made on a read-only file system.
  ENOENT: 'the folder cannot be made there; perhaps the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a part of its path is a file',
  EEXIST: 'there is a file of that name',
};

/** Reason why a file could not be written, as the end of a sentence; the system's own message for unknown codes. */
export function whyNotWritten(error: NodeJS.ErrnoException): string {
  return REASONS[error.code ?? ''] ?? error.message;
}

/** True if another program's last message, such as ffmpeg's, is the C library's text for ENOSPC or EDQUOT. */
export function saysDiskFull(message: string): boolean {
  return /No space left|quota exceeded/i.test(message);
}

/** True if the file system threw the error; false if it is our own bug. */
export function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'errno' in error && 'syscall' in error;
}
