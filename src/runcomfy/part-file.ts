import { createHash, type Hash } from 'node:crypto';
import { closeSync, createReadStream, ftruncateSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncFolder, syncOpen } from '../base/durable-file.js';
import { codingsIn, unpack } from '../http/content-coding.js';

/** Error of the file system, such as `ENOSPC` or `EACCES`, as opposed to one of the network. */
export class DiskError extends Error {
  readonly code: string;

  constructor(cause: NodeJS.ErrnoException) {
    super(cause.message, { cause });
    this.code = cause.code ?? 'EIO';
  }
}

/**
 * File of an unfinished download, usually `<to>.part`, hashed as it is written, and renamed when it is whole. Methods fail with a
 * `DiskError`, and with no other error, if the disk refuses.
 *
 * Writes are synchronous. A connection cannot be paused (see `request.ts`), so on a disk slower than the network,
 * asynchronous writes would pile up in memory. With synchronous ones the bytes wait at the sender.
 */
export class PartFile {
  readonly #to: string;
  readonly #path: string;
  /** File descriptor; null after it is closed. */
  #fd: number | null;
  #hash: Hash = createHash('sha256');
  #bytes = 0;

  private constructor({ to, path, fd }: { readonly to: string; readonly path: string; readonly fd: number }) {
    this.#to = to;
    this.#path = path;
    this.#fd = fd;
  }

  /**
   * Begins an empty file. A file left by an earlier process is removed, as its URL is no longer known. A link in its place
   * is not followed.
   */
  static open(to: string, path = `${to}.part`): PartFile {
    return withDiskErrors(() => {
      try {
        return new PartFile({ to, path, fd: openSync(path, 'wx') });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        rmSync(path, { force: true });
        return new PartFile({ to, path, fd: openSync(path, 'wx') });
      }
    });
  }

  /**
   * The file without its content coding, in place of this one; null if it has more than `limit` bytes. Bytes that cannot be
   * unpacked stay as they are: some storage keeps a label of the upload.
   */
  async unpacked(encoding: string | undefined, limit: number): Promise<PartFile | null> {
    if (codingsIn(encoding).length === 0) return this;
    const other = PartFile.open(this.#to, `${this.#to}.unpacked.part`);
    try {
      for await (const piece of unpack(bytesOf(this.#path), encoding)) {
        if (other.bytes + piece.length > limit) {
          other.discard();
          return null;
        }
        other.write(piece);
      }
    } catch (error) {
      other.discard();
      if (error instanceof DiskError) throw error;
      return this;
    }
    this.discard();
    return other;
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds bytes at the end. */
  write(chunk: Buffer): void {
    this.#hash.update(chunk);
    let written = 0;
    while (written < chunk.length) {
      const [from, at] = [written, this.#bytes + written];
      written += withDiskErrors(() => writeSync(this.#openFd, chunk, from, chunk.length - from, at));
    }
    this.#bytes += chunk.length;
  }

  /** Drops the bytes written so far. */
  restart(): void {
    if (this.#bytes === 0) return;
    withDiskErrors(() => ftruncateSync(this.#openFd));
    this.#hash = createHash('sha256');
    this.#bytes = 0;
  }

  /**
   * Puts the file in its place so that it survives a crash; returns its SHA-256, 64 hex digits. Returns null if `accept`
   * refuses the file: a file that was in its place before is still there, and the part may be written again.
   */
  async finish(accept: (path: string) => Promise<string | null>): Promise<string | null> {
    await withDiskErrorsOf(syncOpen(this.#openFd));
    const to = await accept(this.#path);
    if (to === null) return null;
    withDiskErrors(() => {
      this.#close();
      renameSync(this.#path, to);
    });
    await withDiskErrorsOf(syncFolder(dirname(to)));
    return this.#hash.digest('hex');
  }

  /** Closes and removes the file. Ignores errors, as it is called after a failure that is reported. */
  discard(): void {
    try {
      this.#close();
    } catch {
      // The file is removed in any case.
    }
    try {
      rmSync(this.#path, { force: true });
    } catch {
      // The next run removes it.
    }
  }

  get #openFd(): number {
    if (this.#fd === null) throw new Error('a download went on after its end');
    return this.#fd;
  }

  #close(): void {
    const fd = this.#fd;
    this.#fd = null;
    if (fd !== null) closeSync(fd);
  }
}

/** Opens a file only when its bytes are wanted. */
async function* bytesOf(path: string): AsyncGenerator<Buffer> {
  yield* createReadStream(path);
}

/** Runs a synchronous action; turns its error into a `DiskError`. */
function withDiskErrors<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new DiskError(error as NodeJS.ErrnoException);
  }
}

/** Awaits an action; turns its error into a `DiskError`. */
async function withDiskErrorsOf<T>(action: Promise<T>): Promise<T> {
  try {
    return await action;
  } catch (error) {
    throw new DiskError(error as NodeJS.ErrnoException);
  }
}
