import { constants, createReadStream, fstatSync, writeSync } from 'node:fs';
import { type FileHandle, open, truncate } from 'node:fs/promises';
import { foldInto, type KeyState } from './fold.js';
import { readRecord } from './record.js';

/** File operations of a journal; tests replace them. */
export interface JournalFile {
  /** Adds bytes at the end. If it throws, a later reader finds none of them, or every further call throws too. */
  append(bytes: Uint8Array): Promise<void>;
  /** Resolves when all appended bytes survive a loss of power. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export type OpenJournalFile = (path: string, length: number) => Promise<JournalFile>;

/**
 * Opens a file for appending. A torn line after its first `length` bytes is cut off. Whole lines after them stay: the
 * previous holder of the directory added them after the file was read.
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

/** Length of the whole lines at the start of a tail, bytes; 0 if it is only the blanks that a loss of power leaves. */
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
        // Synchronous: a few lines go to the system's cache, and `sync` waits for the disk.
        written += writeSync(fd, bytes, written, bytes.length - written);
      }
    } catch (error) {
      // A full disk may have taken half of the bytes. A `submitting` among them would look like a submission
      // without an answer, so they are removed.
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

/** Content of a journal on disk. */
export type ReadJournal =
  | {
      readonly kind: 'read';
      readonly service: string;
      readonly fold: Map<string, KeyState>;
      /** Bytes of the whole lines; a torn line may follow. */
      readonly length: number;
    }
  /** There is no file, or no whole line in it. */
  | { readonly kind: 'none' }
  | { readonly kind: 'unreadable'; readonly message: string };

/** Longest line that is read, bytes: far above any record, far below the memory of any machine. */
const LONGEST_LINE = 16 * 1024 * 1024;

/**
 * Reads a journal line by line. Memory depends on its longest line and its fold. A last line without a line end is left
 * out: it was never synced, so no action followed from it. Blank space at the end is left out too: a loss of power may
 * leave it in a growing file. Anything else that cannot be read is a failure that names the line. Throws the file
 * system's errors, except for a missing file.
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
  /** Number of the last line that was read, from 1. */
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
    if (this.#blank > 0) return 'the line before it is empty';
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
      if (this.line > 1) return '`open` is allowed only in the first line';
      this.service = read.record.service;
      return null;
    }
    if (this.line === 1) return 'the first line must say which service the journal belongs to';
    return foldInto(this.fold, [read.record])?.problem ?? null;
  }
}

/** True if there are only zeros and white space. */
function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0 || byte === 0x20 || (byte >= 0x09 && byte <= 0x0d));
}
