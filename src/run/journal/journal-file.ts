import { constants, fstatSync, writeSync } from 'node:fs';
import { type FileHandle, open, truncate } from 'node:fs/promises';

/** The few things a journal asks of its file; a test may stand in for it. */
export interface JournalFile {
  /**
   * Adds bytes at the end. Where it throws, none of them are there as far as a later reader can tell, or nothing can be
   * added any more.
   */
  append(bytes: Uint8Array): Promise<void>;
  /** Returns when all that was appended survives a loss of power. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export type OpenJournalFile = (path: string, length: number) => Promise<JournalFile>;

/**
 * Opens a file for appending. What stands behind its first `length` bytes without the end of a line is torn, and cut
 * off; whole lines that were added since it was read, by one from whom the directory was taken, stay.
 */
export async function openJournalFile(path: string, length: number): Promise<JournalFile> {
  const handle = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND, 0o666);
  try {
    const { size } = await handle.stat();
    if (size > length) {
      const tail = Buffer.alloc(size - length);
      const { bytesRead } = await handle.read(tail, 0, tail.length, length);
      const whole = length + wholeLines(tail.subarray(0, bytesRead));
      if (whole < size) await truncate(path, whole);
      await handle.sync();
    }
  } catch (error) {
    await handle.close();
    throw error;
  }
  return new SyncedFile(path, handle);
}

/** Bytes of the lines at the start of a tail that are records; blanks are what a loss of power leaves. */
function wholeLines(tail: Buffer): number {
  const end = tail.lastIndexOf(10) + 1;
  return tail.subarray(0, end).includes(0x7b) ? end : 0;
}

class SyncedFile implements JournalFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  #broken: { readonly cause: unknown } | null = null;

  constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  async append(bytes: Uint8Array): Promise<void> {
    if (this.#broken) throw this.#broken.cause;
    const { fd } = this.#handle;
    const { size } = fstatSync(fd);
    try {
      let written = 0;
      while (written < bytes.length) {
        // A few lines, which the system takes at once: what takes time is the disk, and that is `sync`.
        written += writeSync(fd, bytes, written, bytes.length - written);
      }
    } catch (error) {
      // A full disk may have taken half of it. Nobody was told that it is there, so it must not be:
      // a `submitting` left behind would look like a submission nobody knows the end of.
      await truncate(this.#path, size).catch((cause) => {
        this.#broken = { cause };
      });
      throw error;
    }
  }

  async sync(): Promise<void> {
    await this.#handle.datasync();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}
