import { randomBytes } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { type Fold, follow, type KeyState } from './fold.js';
import type { JournalFile } from './journal-file.js';
import { type AttemptRecord, problemOf } from './record.js';

/** Records of what the service answered to a POST: written even after a failure, because they were paid for. */
const ANSWERS: ReadonlySet<AttemptRecord['type']> = new Set(['submitted', 'refused', 'lost']);

/** A record that is not on disk yet. */
interface Waiting {
  readonly record: AttemptRecord;
  /** State of its key after the record. */
  readonly after: KeyState;
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

export interface JournalOptions {
  /** Called for the first record: a run with nothing to do leaves the file as it is. */
  readonly open: () => Promise<JournalFile>;
  /** State of each key by the records on disk. */
  readonly fold: Map<string, KeyState>;
  /** Rejects once the directory is another run's. Called before each write. */
  readonly permit?: (() => Promise<void>) | undefined;
  /** Room that is given up for the service's answers when the disk is full. */
  readonly reserve?: Reserve | undefined;
}

/**
 * The journal of a run in progress: records go to disk in the order of the calls, those that wait together share one
 * write and one fsync, and the fold has the records that are on disk.
 */
export class Journal {
  readonly #options: JournalOptions;
  #file: JournalFile | null = null;
  readonly #fold: Map<string, KeyState>;
  /** Content key of each request id. */
  readonly #owners = new Map<string, string>();
  /** Records that are being written. */
  #batch: readonly Waiting[] = [];
  /** Records of the next batch, in the order of the calls. */
  #queue: Waiting[] = [];
  #writing: Promise<void> | null = null;
  /** First failure. Since then, only answers are written. */
  #failure: { readonly cause: unknown } | null = null;
  /** Failure of an fsync. Since then, nothing is written, because the content of the disk is not known. */
  #syncFailure: { readonly cause: unknown } | null = null;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#fold = options.fold;
    for (const { key, requestId } of options.fold.values()) this.#own(key, requestId);
  }

  /** State of each key by the records on disk. */
  get fold(): Fold {
    return this.#fold;
  }

  /** State of a key by the records on disk. */
  get(key: string): KeyState | undefined {
    return this.#fold.get(key);
  }

  /** The key for which a request id was recorded first; undefined for a new one. */
  ownerOf(requestId: string): string | undefined {
    return this.#owners.get(requestId);
  }

  /** Opens the file before there is anything to add. Rejects with the file system's error. */
  async begin(): Promise<void> {
    await this.#options.permit?.();
    this.#file ??= await this.#options.open();
  }

  /**
   * Resolves when the record is on disk and survives a loss of power. Rejects with the file system's error if it cannot
   * be written; after that, only answers to POSTs are written, as long as that is possible.
   * Throws, as a bug of ours, for a record that would lose or repeat a paid submission.
   */
  append(record: AttemptRecord): Promise<void> {
    if (this.#failure && !ANSWERS.has(record.type)) return Promise.reject(this.#failure.cause);
    const after = follow(this.#latest(record.key), record);
    const problem = typeof after === 'string' ? after : problemOf(record);
    if (typeof after === 'string' || problem !== null) throw new Error(`journal, ${record.key}: ${problem}`);
    this.#own(record.key, after.requestId);
    return new Promise((resolve, reject) => {
      this.#queue.push({ record, after, resolve, reject });
      this.#writing ??= this.#write();
    });
  }

  /** Waits for the records that are being written, and closes the file. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#file?.close();
    // After a failure, the directory and the reserve in it may be another run's.
    if (this.#failure === null) await this.#options.reserve?.release();
  }

  /** State of a key with the records that are not on disk yet. */
  #latest(key: string): KeyState | undefined {
    const isOfKey = ({ record }: Waiting) => record.key === key;
    const waiting = this.#queue.findLast(isOfKey) ?? this.#batch.findLast(isOfKey);
    return waiting?.after ?? this.#fold.get(key);
  }

  #own(key: string, requestId: string | null): void {
    if (requestId !== null && !this.#owners.has(requestId)) this.#owners.set(requestId, key);
  }

  async #write(): Promise<void> {
    // Records of the same turn share the first batch.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      this.#batch = this.#queue;
      this.#queue = [];
      await this.#writeBatch();
    }
    this.#writing = null;
  }

  async #writeBatch(): Promise<void> {
    if (!this.#failure) {
      try {
        await this.#options.permit?.();
        await this.#put(this.#batch);
        for (const { resolve } of this.#take()) resolve();
        return;
      } catch (cause) {
        this.#failure = { cause };
      }
    }
    const { cause } = this.#failure;
    const batch = this.#take();
    this.#batch = batch.filter(({ record }) => ANSWERS.has(record.type));
    for (const { record, reject } of batch) if (!ANSWERS.has(record.type)) reject(cause);
    await this.#writeAnswers();
  }

  /** Writes the answers of the batch, with the room that is reserved for them. */
  async #writeAnswers(): Promise<void> {
    if (this.#batch.length === 0) return;
    try {
      if (this.#syncFailure) throw this.#syncFailure.cause;
      await this.#options.reserve?.release();
      await this.#put(this.#batch);
      for (const { resolve } of this.#take()) resolve();
    } catch (cause) {
      for (const { reject } of this.#take()) reject(cause);
    }
  }

  /** Empties the batch and returns its records, so that `#latest` no longer counts them. */
  #take(): readonly Waiting[] {
    const batch = this.#batch;
    this.#batch = [];
    return batch;
  }

  async #put(waiting: readonly Waiting[]): Promise<void> {
    const lines = waiting.map(({ record }) => `${JSON.stringify(record)}\n`).join('');
    if (!this.#file) {
      await this.#options.reserve?.take();
      this.#file = await this.#options.open();
    }
    await this.#file.append(Buffer.from(lines));
    await this.#file.sync().catch((cause) => {
      this.#syncFailure = { cause };
      throw cause;
    });
    for (const { record, after } of waiting) {
      // An answer may follow records that could not be written.
      const state = follow(this.#fold.get(record.key), record);
      this.#fold.set(record.key, typeof state === 'string' ? after : state);
    }
  }
}

/**
 * Room on disk for the answers to what a run has sent, which must be recorded on a full disk too: a file of `bytes`
 * bytes that is removed when the room is needed.
 */
export class Reserve {
  readonly #path: string;
  readonly #bytes: number;

  constructor(path: string, bytes: number) {
    this.#path = path;
    this.#bytes = bytes;
  }

  /** Throws the file system's error if there is not enough room. */
  async take(): Promise<void> {
    const file = await open(this.#path, 'w');
    try {
      // Random bytes, because a file system that compresses stores zeros in no room.
      await file.writeFile(randomBytes(this.#bytes));
      await file.sync();
    } catch (error) {
      await rm(this.#path, { force: true });
      throw error;
    } finally {
      await file.close();
    }
  }

  /** Gives the room back. Never throws: the write that needs the room reports the error. */
  async release(): Promise<void> {
    await rm(this.#path, { force: true }).catch(() => {});
  }
}
