import { type Fold, follow, type KeyState } from './fold.js';
import type { JournalFile } from './journal-file.js';
import { problemOf } from './read-record.js';
import type { AttemptRecord } from './record.js';

interface Waiting {
  readonly record: AttemptRecord;
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

/**
 * The journal of a run in progress: records go to disk in the order of the calls, those that wait together
 * share one write and one fsync, and the fold follows what is on disk.
 */
export class Journal {
  readonly #open: () => Promise<JournalFile>;
  #file: JournalFile | null = null;
  readonly #fold: Map<string, KeyState>;
  /** The fold with what is still on its way to disk: what the next record has to fit. */
  readonly #ahead = new Map<string, KeyState>();
  #waiting: Waiting[] = [];
  #writing: Promise<void> | null = null;
  #failure: { readonly cause: unknown } | null = null;

  /** `open` is called for the first record: a run with nothing to do leaves the file alone. */
  constructor(open: () => Promise<JournalFile>, fold: Map<string, KeyState>) {
    this.#open = open;
    this.#fold = fold;
  }

  /** What the records on disk say. */
  get fold(): Fold {
    return this.#fold;
  }

  /** What is known of a key, on disk. */
  get(key: string): KeyState | undefined {
    return this.#fold.get(key);
  }

  /**
   * Resolves when the record is on disk and will survive a loss of power. Rejects with the file system's error
   * when it cannot be written; then nothing more is ever written, so the order on disk has no holes.
   * Throws, as a bug of ours, at a record that would lose or repeat a paid submission.
   */
  append(record: AttemptRecord): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure.cause);
    const after = follow(this.#ahead.get(record.key) ?? this.#fold.get(record.key), record);
    const problem = typeof after === 'string' ? after : problemOf(record);
    if (typeof after === 'string' || problem !== null) throw new Error(`journal, ${record.key}: ${problem}`);
    this.#ahead.set(record.key, after);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ record, resolve, reject });
      this.#writing ??= this.#write();
    });
  }

  /** Waits for what is under way and closes the file. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#file?.close();
  }

  async #write(): Promise<void> {
    // Callers of this very turn are gathered first: a burst shares its first fsync too.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        const lines = batch.map(({ record }) => `${JSON.stringify(record)}\n`).join('');
        this.#file ??= await this.#open();
        await this.#file.append(Buffer.from(lines));
        await this.#file.sync();
        this.#settle(batch);
      } catch (cause) {
        this.#failure = { cause };
        for (const { reject } of [...batch, ...this.#waiting]) reject(cause);
        this.#waiting = [];
      }
    }
    this.#writing = null;
  }

  #settle(batch: readonly Waiting[]): void {
    for (const { record, resolve } of batch) {
      const after = follow(this.#fold.get(record.key), record);
      if (typeof after !== 'string') this.#fold.set(record.key, after);
      resolve();
    }
    if (this.#waiting.length === 0) this.#ahead.clear();
  }
}
