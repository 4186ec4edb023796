import { constants, createReadStream, fstatSync, writeSync } from 'node:fs';
import { type FileHandle, open, truncate } from 'node:fs/promises';
import { foldInto, type KeyState } from './fold.js';
import { readRecord } from './record.js';

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

/** What a journal on disk says. */
export type ReadJournal =
  | {
      readonly kind: 'read';
      readonly service: string;
      readonly fold: Map<string, KeyState>;
      /** Bytes of whole lines; what follows is a torn one. */
      readonly length: number;
    }
  /** There is no file, or nothing whole in it. */
  | { readonly kind: 'none' }
  | { readonly kind: 'unreadable'; readonly message: string };

/** Longest line taken, bytes: far above any record, far below what memory holds. */
const LONGEST_LINE = 16 * 1024 * 1024;

/**
 * Reads a journal line by line, in memory bounded by its longest line and its fold. A last line without its end is
 * left out: it was never synced, so nothing was done on its strength; and so is blank space at the end, which a loss of
 * power may leave in a file that was about to grow. Anything else that cannot be read is a
 * failure that names the line; the file system's errors are thrown, but for a missing file.
 */
export async function readJournal(path: string): Promise<ReadJournal> {
  const reader = new Reader();
  try {
    for await (const chunk of createReadStream(path)) {
      const problem = reader.take(chunk as Buffer);
      if (problem !== null)
        return { kind: 'unreadable', message: `${path}, line ${reader.line}: ${problem}.` };
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { kind: 'none' };
    throw error;
  }
  const { service, fold, length } = reader;
  return service === null ? { kind: 'none' } : { kind: 'read', service, fold, length };
}

class Reader {
  readonly fold = new Map<string, KeyState>();
  service: string | null = null;
  /** Number of the line last looked at, from 1. */
  line = 0;
  /** Bytes of the whole lines so far. */
  length = 0;
  #blank = 0;
  #parts: Buffer[] = [];
  #partLength = 0;
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true });

  take(chunk: Buffer): string | null {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      this.#keep(chunk.subarray(start, end));
      const line = Buffer.concat(this.#parts);
      this.#parts = [];
      this.#partLength = 0;
      const problem = this.#takeLine(line);
      if (problem !== null) return problem;
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
    if (this.#partLength <= LONGEST_LINE) return null;
    this.line += 1;
    return 'it is too long to be a record';
  }

  #keep(part: Buffer): void {
    this.#parts.push(part);
    this.#partLength += part.length;
  }

  #takeLine(bytes: Buffer): string | null {
    this.line += 1;
    if (isBlank(bytes)) {
      this.#blank += bytes.length + 1;
      return null;
    }
    if (this.#blank > 0) return 'there is nothing in the line before it';
    this.length += bytes.length + 1;
    let text: string;
    try {
      text = this.#utf8.decode(bytes);
    } catch {
      return 'it is not UTF-8';
    }
    const read = readRecord(text);
    if (!read.ok) return read.problem;
    if (read.record.type === 'open') {
      if (this.line > 1) return '`open` stands only in the first line';
      this.service = read.record.service;
      return null;
    }
    if (this.line === 1) return 'the first line must say which service the journal belongs to';
    return foldInto(this.fold, [read.record])?.problem ?? null;
  }
}

/** Zeros and white space only. */
function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0 || byte === 0x20 || (byte >= 0x09 && byte <= 0x0d));
}
