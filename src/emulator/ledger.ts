import { type FileHandle, mkdir, open, truncate } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFolder } from '../base/durable-file.js';
import type { Json } from '../base/json.js';

/** A line of `requests.ndjson`. */
export type LedgerRecord = AcceptedRecord | EndedRecord;

/** Record of an accepted request, which is on disk before the answer to its POST leaves. Each request has exactly one. */
export interface AcceptedRecord {
  readonly type: 'accepted';
  /** UTC, ISO 8601 with milliseconds. */
  readonly at: string;
  readonly id: string;
  /** Full model id. */
  readonly model: string;
  /** SHA-256 of the input as it was sent, in canonical JSON (RFC 8785); 64 hex digits. */
  readonly input_sha256: string;
  /** The input, with references to files in place of data URIs. */
  readonly input: Json;
}

/** Record of the end of a request. */
export interface EndedRecord {
  readonly type: 'ended';
  readonly at: string;
  readonly id: string;
  readonly status: 'completed' | 'failed' | 'cancelled';
  /** Reason of a failure, else null. */
  readonly error: string | null;
  /** USD; null where the rate is unknown. */
  readonly cost: number | null;
}

/** State of the emulator: an append-only file with one JSON record per line. */
export class Ledger {
  readonly #file: FileHandle;
  readonly #path: string;
  #size: number;
  #waiting: Pending[] = [];
  #writing: Promise<void> | null = null;

  private constructor({ file, path, size }: { file: FileHandle; path: string; size: number }) {
    this.#file = file;
    this.#path = path;
    this.#size = size;
  }

  /**
   * Opens the ledger at `path`, or makes it, and calls `read` with each record in order. A torn last line, left by a
   * crash, is removed. Throws the error of the file system, or `UnreadableLedger`.
   */
  static async open(path: string, read: (record: LedgerRecord) => void): Promise<Ledger> {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, 'a+');
    try {
      const whole = await readRecords({ file, path, read });
      // By path: Windows cannot truncate through a handle that was opened for appending.
      await truncate(path, whole);
      await syncFolder(dirname(path));
      return new Ledger({ file, path, size: whole });
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Resolves when the record is on disk. Records that arrive together share one sync. */
  append(record: LedgerRecord): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ line: `${JSON.stringify(record)}\n`, resolve, reject });
      this.#writing ??= this.#write();
    });
  }

  /** Resolves when all records are on disk and the file is closed. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#file.close();
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        const bytes = Buffer.from(batch.map(({ line }) => line).join(''));
        await this.#file.appendFile(bytes);
        await this.#file.datasync();
        this.#size += bytes.length;
        for (const { resolve } of batch) resolve();
      } catch (error) {
        // A full disk may have taken a part of the batch, which must not join the next record.
        await truncate(this.#path, this.#size).catch(() => {});
        for (const { reject } of batch) reject(error);
      }
    }
    this.#writing = null;
  }
}

interface Pending {
  readonly line: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** A line of a ledger that is not a record, other than a torn last line. */
export class UnreadableLedger extends Error {
  override readonly name = 'UnreadableLedger';
}

/** Reads all complete lines of a ledger; returns their length in bytes. Throws `UnreadableLedger`. */
async function readRecords(options: {
  readonly file: FileHandle;
  readonly path: string;
  readonly read: (record: LedgerRecord) => void;
}): Promise<number> {
  const { file, path, read } = options;
  const { size } = await file.stat();
  let whole = 0;
  let lines = 0;
  let rest = Buffer.alloc(0);
  while (whole + rest.length < size) {
    const chunk = Buffer.alloc(Math.min(1 << 20, size - whole - rest.length));
    const { bytesRead } = await file.read(chunk, 0, chunk.length, whole + rest.length);
    if (bytesRead === 0) break;
    rest = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      lines += 1;
      const record = parseRecord(rest.subarray(0, end).toString('utf8'));
      if (!record) throw new UnreadableLedger(`line ${lines} of ${path} is not a record`);
      read(record);
      whole += end + 1;
      rest = rest.subarray(end + 1);
    }
  }
  return whole;
}

function parseRecord(line: string): LedgerRecord | null {
  try {
    const record = JSON.parse(line) as LedgerRecord;
    return (record.type === 'accepted' || record.type === 'ended') && typeof record.id === 'string'
      ? record
      : null;
  } catch {
    return null;
  }
}

/** State of a request in a ledger: its end, or `open`. */
export type LedgerState = Pick<EndedRecord, 'status' | 'error' | 'cost'> | { readonly status: 'open' };

/**
 * Reads the requests of an emulator from its ledger, without starting it and also while it runs; changes nothing. A string is the
 * reason why the ledger cannot be read. A missing file has no requests; other errors of the file system are thrown.
 */
export async function readLedger(folder: string): Promise<ReadonlyMap<string, LedgerState> | string> {
  const path = join(folder, 'requests.ndjson');
  const requests = new Map<string, LedgerState>();
  try {
    const file = await open(path, 'r');
    try {
      await readRecords({
        file,
        path,
        read: (record) => {
          requests.set(record.id, record.type === 'ended' ? record : { status: 'open' });
        },
      });
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof UnreadableLedger) return error.message;
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return requests;
}
