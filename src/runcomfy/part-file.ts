import { createHash, type Hash } from 'node:crypto';
import { closeSync, ftruncateSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncFolder, syncOpen } from '../base/durable-file.js';

/** The file system's own refusal, such as `ENOSPC` or `EACCES`; told apart from what the network does. */
export class DiskError extends Error {
  readonly code: string;

  constructor(cause: NodeJS.ErrnoException) {
    super(cause.message, { cause });
    this.code = cause.code ?? 'EIO';
  }
}

/**
 * A download on its way: `<to>.part`, hashed as it is written, and renamed when whole.
 * Every method fails with a `DiskError`, and only with that, when the disk will not have it.
 *
 * Writing does not return before the disk has the bytes: a connection cannot be paused (see `request.ts`), so on a disk
 * slower than the network they would otherwise gather in memory. This way they wait at the sender.
 */
export class PartFile {
  readonly #to: string;
  /** Its descriptor; null once it is closed. */
  #fd: number | null;
  #hash: Hash = createHash('sha256');
  #bytes = 0;

  private constructor(to: string, fd: number) {
    this.#to = to;
    this.#fd = fd;
  }

  /**
   * Begins anew: what an earlier process left is removed, for nobody knows any more what it is part of. A link that
   * somebody laid there is not followed.
   */
  static open(to: string): PartFile {
    const path = `${to}.part`;
    return nowOnDisk(() => {
      try {
        return new PartFile(to, openSync(path, 'wx'));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        rmSync(path, { force: true });
        return new PartFile(to, openSync(path, 'wx'));
      }
    });
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.#bytes;
  }

  write(chunk: Buffer): void {
    this.#hash.update(chunk);
    let written = 0;
    while (written < chunk.length) {
      const [from, at] = [written, this.#bytes + written];
      written += nowOnDisk(() => writeSync(this.#open, chunk, from, chunk.length - from, at));
    }
    this.#bytes += chunk.length;
  }

  /** Forgets what was written. */
  restart(): void {
    if (this.#bytes === 0) return;
    nowOnDisk(() => ftruncateSync(this.#open));
    this.#hash = createHash('sha256');
    this.#bytes = 0;
  }

  /**
   * Puts the file in its place so that it survives a crash; returns its SHA-256, 64 hex digits. Null where `accept` will
   * not have it: then what stood in that place before still does, and it may be written anew.
   */
  async finish(accept: (path: string) => Promise<boolean>): Promise<string | null> {
    await onDisk(syncOpen(this.#open));
    if (!(await accept(`${this.#to}.part`))) return null;
    nowOnDisk(() => {
      this.#close();
      renameSync(`${this.#to}.part`, this.#to);
    });
    await onDisk(syncFolder(dirname(this.#to)));
    return this.#hash.digest('hex');
  }

  /** Removes it, after a failure that has its own message: one more is of no use. */
  discard(): void {
    try {
      this.#close();
    } catch {
      // It is removed all the same.
    }
    try {
      rmSync(`${this.#to}.part`, { force: true });
    } catch {
      // The next run removes it.
    }
  }

  get #open(): number {
    if (this.#fd === null) throw new Error('a download went on after its end');
    return this.#fd;
  }

  #close(): void {
    const fd = this.#fd;
    this.#fd = null;
    if (fd !== null) closeSync(fd);
  }
}

function nowOnDisk<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new DiskError(error as NodeJS.ErrnoException);
  }
}

async function onDisk<T>(action: Promise<T>): Promise<T> {
  try {
    return await action;
  } catch (error) {
    throw new DiskError(error as NodeJS.ErrnoException);
  }
}
