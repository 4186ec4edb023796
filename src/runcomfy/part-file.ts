import { createHash, type Hash } from 'node:crypto';
import { ftruncateSync, writeSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from '../durable-file.js';

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
  readonly #file: FileHandle;
  #hash: Hash = createHash('sha256');
  #bytes = 0;

  private constructor(to: string, file: FileHandle) {
    this.#to = to;
    this.#file = file;
  }

  /**
   * Begins anew: what an earlier process left is removed, for nobody knows any more what it is part of. A link that
   * somebody laid there is not followed.
   */
  static async open(to: string): Promise<PartFile> {
    const path = `${to}.part`;
    const file = await open(path, 'wx').catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw new DiskError(error);
      await onDisk(rm(path, { force: true }));
      return onDisk(open(path, 'wx'));
    });
    return new PartFile(to, file);
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
      written += nowOnDisk(() => writeSync(this.#file.fd, chunk, from, chunk.length - from, at));
    }
    this.#bytes += chunk.length;
  }

  /** Forgets what was written. */
  restart(): void {
    if (this.#bytes === 0) return;
    nowOnDisk(() => ftruncateSync(this.#file.fd));
    this.#hash = createHash('sha256');
    this.#bytes = 0;
  }

  /**
   * Puts the file in its place so that it survives a crash; returns its SHA-256, 64 hex digits. Null where `accept` will
   * not have it: then what stood in that place before still does, and it may be written anew.
   */
  async finish(accept: (path: string) => Promise<boolean>): Promise<string | null> {
    await onDisk(this.#file.sync());
    if (!(await accept(`${this.#to}.part`))) return null;
    await onDisk(this.#file.close());
    await onDisk(rename(`${this.#to}.part`, this.#to));
    await onDisk(syncFolder(dirname(this.#to)));
    return this.#hash.digest('hex');
  }

  /** Removes it, after a failure that has its own message: one more is of no use. */
  async discard(): Promise<void> {
    await this.#file.close().catch(() => {});
    await rm(`${this.#to}.part`, { force: true }).catch(() => {});
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
