import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** The few things a journal asks of its file; a test may stand in for it. */
export interface JournalFile {
  /** Adds bytes at the end, all or none of them as far as a later reader can tell. */
  append(bytes: Uint8Array): Promise<void>;
  /** Returns when all that was appended survives a loss of power. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export type OpenJournalFile = (path: string, length: number) => Promise<JournalFile>;

/** Opens a file for appending after its first `length` bytes; what stands behind them (a torn line) is cut off. */
export async function openJournalFile(path: string, length: number): Promise<JournalFile> {
  const handle = await open(path, constants.O_RDWR | constants.O_CREAT, 0o666);
  try {
    const { size } = await handle.stat();
    if (size > length) {
      await handle.truncate(length);
      await handle.sync();
    }
  } catch (error) {
    await handle.close();
    throw error;
  }
  return new SyncedFile(handle, length);
}

class SyncedFile implements JournalFile {
  readonly #handle: FileHandle;
  #length: number;

  constructor(handle: FileHandle, length: number) {
    this.#handle = handle;
    this.#length = length;
  }

  async append(bytes: Uint8Array): Promise<void> {
    try {
      let written = 0;
      while (written < bytes.length) {
        const position = this.#length + written;
        const { bytesWritten } = await this.#handle.write(bytes, written, bytes.length - written, position);
        written += bytesWritten;
      }
      this.#length += bytes.length;
    } catch (error) {
      // A full disk may have taken half of it. Nobody was told that it is there, so it must not be:
      // a `submitting` left behind would look like a submission nobody knows the end of.
      await this.#handle.truncate(this.#length).catch(() => {});
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
