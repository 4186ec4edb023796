import { createReadStream } from 'node:fs';
import { foldInto, type KeyState } from './fold.js';
import { readRecord } from './read-record.js';

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
