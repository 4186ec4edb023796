import { randomBytes } from 'node:crypto';
import { open, rm } from 'node:fs/promises';

/**
 * Room on disk that a run holds for the answers to what it has sent, since what was paid for must be written down on a
 * full disk too: a file of `bytes` bytes that is removed when they are needed.
 */
export class Reserve {
  readonly #path: string;
  readonly #bytes: number;

  constructor(path: string, bytes: number) {
    this.#path = path;
    this.#bytes = bytes;
  }

  /** Throws the file system's error where there is no such room. */
  async take(): Promise<void> {
    const file = await open(this.#path, 'w');
    try {
      // Zeros would be stored as nothing by a file system that compresses.
      await file.writeFile(randomBytes(this.#bytes));
      await file.sync();
    } catch (error) {
      await rm(this.#path, { force: true });
      throw error;
    } finally {
      await file.close();
    }
  }

  /** Gives the room back; never throws, since what needs it will say what is wrong. */
  async release(): Promise<void> {
    await rm(this.#path, { force: true }).catch(() => {});
  }
}
