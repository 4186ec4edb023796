import { type Fold, follow, type KeyState } from './fold.js';
import type { JournalFile } from './journal-file.js';
import { problemOf } from './read-record.js';
import type { AttemptRecord } from './record.js';
import type { Reserve } from './reserve.js';

interface Waiting {
  readonly record: AttemptRecord;
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

export interface JournalOptions {
  /** Called for the first record: a run with nothing to do leaves the file alone. */
  readonly open: () => Promise<JournalFile>;
  /** What the records on disk say. */
  readonly fold: Map<string, KeyState>;
  /** Rejects once nothing more may be written: the directory is another's. Asked before each write. */
  readonly permit?: (() => Promise<void>) | undefined;
  /** Given up for the service's answers when the disk is full. */
  readonly reserve?: Reserve | undefined;
}

/** What the service said to a POST: written even when nothing else may be any more, because it was paid for. */
const ANSWERS: ReadonlySet<AttemptRecord['type']> = new Set(['submitted', 'refused', 'lost']);

/**
 * The journal of a run in progress: records go to disk in the order of the calls, those that wait together
 * share one write and one fsync, and the fold follows what is on disk.
 */
export class Journal {
  readonly #options: JournalOptions;
  #file: JournalFile | null = null;
  readonly #fold: Map<string, KeyState>;
  /** The fold with what is still on its way to disk: what the next record has to fit. */
  readonly #ahead = new Map<string, KeyState>();
  /** Whose each request id is, by content key. */
  readonly #owners = new Map<string, string>();
  #waiting: Waiting[] = [];
  #writing: Promise<void> | null = null;
  /** Why only answers are still written. */
  #closed: { readonly cause: unknown } | null = null;
  /** Why not even they are: nobody knows what of the last write is on disk. */
  #dead: { readonly cause: unknown } | null = null;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#fold = options.fold;
    for (const { key, requestId } of options.fold.values()) this.#own(key, requestId);
  }

  /** What the records on disk say. */
  get fold(): Fold {
    return this.#fold;
  }

  /** What is known of a key, on disk. */
  get(key: string): KeyState | undefined {
    return this.#fold.get(key);
  }

  /** The key a request id was recorded for first; undefined for a new one. */
  ownerOf(requestId: string): string | undefined {
    return this.#owners.get(requestId);
  }

  /** Opens the file before there is anything to add. Rejects with the file system's error. */
  async begin(): Promise<void> {
    await this.#options.permit?.();
    this.#file ??= await this.#options.open();
  }

  /**
   * Resolves when the record is on disk and will survive a loss of power. Rejects with the file system's error
   * when it cannot be written; then nothing but answers to POSTs is written any more, as long as they can be.
   * Throws, as a bug of ours, at a record that would lose or repeat a paid submission.
   */
  append(record: AttemptRecord): Promise<void> {
    if (this.#closed && !ANSWERS.has(record.type)) return Promise.reject(this.#closed.cause);
    const after = follow(this.#ahead.get(record.key) ?? this.#fold.get(record.key), record);
    const problem = typeof after === 'string' ? after : problemOf(record);
    if (typeof after === 'string' || problem !== null) throw new Error(`journal, ${record.key}: ${problem}`);
    this.#ahead.set(record.key, after);
    this.#own(record.key, after.requestId);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ record, resolve, reject });
      this.#writing ??= this.#write();
    });
  }

  /** Waits for what is under way and closes the file. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#file?.close();
    // Once it is another's directory, so is the reserve in it.
    if (this.#closed === null) await this.#options.reserve?.release();
  }

  #own(key: string, requestId: string | null): void {
    if (requestId !== null && !this.#owners.has(requestId)) this.#owners.set(requestId, key);
  }

  async #write(): Promise<void> {
    // Callers of this very turn are gathered first: a burst shares its first fsync too.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      await this.#writeBatch(batch);
      if (this.#waiting.length === 0) this.#ahead.clear();
    }
    this.#writing = null;
  }

  async #writeBatch(batch: readonly Waiting[]): Promise<void> {
    let cause = this.#closed?.cause;
    if (!this.#closed) {
      try {
        await this.#options.permit?.();
        return await this.#put(batch);
      } catch (error) {
        this.#closed = { cause: error };
        cause = error;
      }
    }
    const answers = batch.filter(({ record }) => ANSWERS.has(record.type));
    this.#reject(
      batch.filter(({ record }) => !ANSWERS.has(record.type)),
      cause,
    );
    if (answers.length === 0) return;
    try {
      if (this.#dead) throw this.#dead.cause;
      await this.#options.reserve?.release();
      await this.#put(answers);
    } catch (error) {
      this.#reject(answers, error);
    }
  }

  async #put(batch: readonly Waiting[]): Promise<void> {
    const lines = batch.map(({ record }) => `${JSON.stringify(record)}\n`).join('');
    if (!this.#file) {
      await this.#options.reserve?.take();
      this.#file = await this.#options.open();
    }
    await this.#file.append(Buffer.from(lines));
    await this.#file.sync().catch((cause) => {
      this.#dead = { cause };
      throw cause;
    });
    for (const { record, resolve } of batch) {
      const after = follow(this.#fold.get(record.key), record);
      if (typeof after !== 'string') this.#fold.set(record.key, after);
      resolve();
    }
  }

  #reject(batch: readonly Waiting[], cause: unknown): void {
    for (const { record, reject } of batch) {
      this.#ahead.delete(record.key);
      reject(cause);
    }
  }
}
