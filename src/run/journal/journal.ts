import { randomBytes } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { type Fold, follow, type KeyState } from './fold.js';
import type { JournalFile } from './journal-file.js';
import { type AttemptRecord, problemOf } from './record.js';

/** What the service said to a POST: written even when nothing else may be any more, because it was paid for. */
const ANSWERS: ReadonlySet<AttemptRecord['type']> = new Set(['submitted', 'refused', 'lost']);

/** What is asked again, or looked at again, where a loss of power took it: it is on disk with whatever comes next. */
const REPEATABLE: ReadonlySet<AttemptRecord['type']> = new Set(['completed', 'looked']);

/** A record on its way to disk, and what is known of its key with it. */
interface Waiting {
  readonly record: AttemptRecord;
  readonly after: KeyState;
}

/** Records that go to disk together. They have the same fate, but that answers may still be written when others are not. */
class Batch {
  readonly waiting: Waiting[] = [];
  readonly answers = new Fate();
  readonly others = new Fate();

  /** Whether the fate of a record is shared by all, or by answers alone. */
  fateOf({ type }: AttemptRecord): Fate {
    return ANSWERS.has(type) ? this.answers : this.others;
  }
}

/** What becomes of records: one promise for all that wait for it, since hundreds may. */
class Fate {
  written: () => void = () => {};
  lost: (cause: unknown) => void = () => {};
  readonly known = new Promise<void>((resolve, reject) => {
    this.written = resolve;
    this.lost = reject;
  });

  constructor() {
    // Where a batch has no such record, nobody waits for it.
    this.known.catch(() => {});
  }
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
  /** What comes next to disk. */
  #batch: Batch | null = null;
  #writing: Promise<void> | null = null;
  /** Whether a loss of power may still take the last records. */
  #unsynced = false;
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
   * Resolves when the record is on disk and will survive a loss of power, or only a crash of this process where it is
   * one that costs nothing to learn again. Rejects with the file system's error
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
    this.#batch ??= new Batch();
    this.#batch.waiting.push({ record, after });
    const { known } = this.#batch.fateOf(record);
    this.#writing ??= this.#write();
    return known;
  }

  /** Waits for what is under way and closes the file. */
  async close(): Promise<void> {
    await this.#writing;
    if (this.#unsynced) await this.#file?.sync();
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
    while (this.#batch) {
      const batch = this.#batch;
      this.#batch = null;
      await this.#writeBatch(batch);
      if (!this.#batch) this.#ahead.clear();
    }
    this.#writing = null;
  }

  async #writeBatch({ waiting, answers, others }: Batch): Promise<void> {
    let cause = this.#closed?.cause;
    if (!this.#closed) {
      try {
        await this.#options.permit?.();
        await this.#put(waiting);
        answers.written();
        others.written();
        return;
      } catch (error) {
        this.#closed = { cause: error };
        cause = error;
      }
    }
    const isAnswer = ({ record }: Waiting) => ANSWERS.has(record.type);
    for (const { record } of waiting) this.#ahead.delete(record.key);
    others.lost(cause);
    if (!waiting.some(isAnswer)) return;
    try {
      if (this.#dead) throw this.#dead.cause;
      await this.#options.reserve?.release();
      await this.#put(waiting.filter(isAnswer).map((one) => this.#anew(one)));
      answers.written();
    } catch (error) {
      answers.lost(error);
    }
  }

  /** What is known with a record alone, without those before it that were not written. */
  #anew({ record, after }: Waiting): Waiting {
    const alone = follow(this.#fold.get(record.key), record);
    return { record, after: typeof alone === 'string' ? after : alone };
  }

  async #put(waiting: readonly Waiting[]): Promise<void> {
    let lines = '';
    for (const { record } of waiting) lines += `${JSON.stringify(record)}\n`;
    if (!this.#file) {
      await this.#options.reserve?.take();
      this.#file = await this.#options.open();
    }
    await this.#file.append(Buffer.from(lines));
    this.#unsynced = waiting.every(({ record }) => REPEATABLE.has(record.type));
    if (!this.#unsynced) {
      await this.#file.sync().catch((cause) => {
        this.#dead = { cause };
        throw cause;
      });
    }
    for (const { record, after } of waiting) this.#fold.set(record.key, after);
  }
}

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
