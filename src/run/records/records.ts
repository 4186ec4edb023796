import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pLimit from 'p-limit';
import { syncFolder } from '../../base/durable-file.js';
import { shellWord } from '../../base/text.js';
import type { Submission } from '../../plan/plan.js';
import { twiceNotice } from '../messages.js';
import {
  CLIPS,
  formatRecord,
  type RenderOnDisk,
  readRecord,
  readRecordAt,
  readRecords,
  renderOnDisk,
  usualPath,
} from './record-file.js';
import { KEY_START, type KeyState, type KeyStates, type Render } from './render.js';
import { reuse, type Source, type TakenFrom } from './reuse.js';
import { type Step, withStep } from './steps.js';
import { readOldRun } from './upgrade.js';

/** History of a run directory, from its records. */
export type RunState =
  | {
      readonly kind: 'read';
      /** `local`, or the API's origin; null for a directory without records. */
      readonly service: string | null;
      readonly keyStates: KeyStates;
      /** Run directories with the clips of keys that are taken over. */
      readonly takenFrom: TakenFrom;
      /** Notices for a person about how it was read. */
      readonly notices: readonly string[];
      /** The records, to be continued. Only the holder of the lock may write to them. */
      open(options: Omit<RecordsOptions, 'directory' | 'renders'>): Records;
    }
  /** `file` is relative to the run directory. */
  | { readonly kind: 'unreadable'; readonly file: string; readonly message: string }
  /** The records belong to different services. */
  | { readonly kind: 'mixed'; readonly file: string; readonly message: string };

export type ReadState = Extract<RunState, { kind: 'read' }>;

/** Other runs, and the submissions that may use their clips. */
export interface Others {
  readonly sources: readonly Source[];
  readonly submissions: readonly Submission[];
}

const NO_OTHERS: Others = { sources: [], submissions: [] };

/**
 * Reads the records of a run directory, and takes over what others have. Changes nothing and needs no lock. Throws the
 * file system's own errors, except for missing files.
 */
export async function readRunState(directory: string, others: Others = NO_OTHERS): Promise<RunState> {
  const read = readRecords(directory);
  if (read.kind === 'unreadable')
    return { ...read, message: `${read.message} ${wayOut(join(directory, read.file))}` };
  const old = read.renders.size === 0 ? await readOldRun(directory) : null;
  if (old?.kind === 'unreadable') return old;
  const known = old?.renders ?? read.renders;
  const own = [...known.values()];
  const service = own[0]?.render.service ?? null;
  const other = own.find(({ render }) => render.service !== service);
  if (service !== null && other) return { kind: 'mixed', ...mixed(directory, { service, other }) };
  const { taken, takenFrom } = reuse(known, others);
  const renders = new Map([...known, ...taken]);
  const open = (options: Omit<RecordsOptions, 'directory' | 'renders'>) =>
    new Records({ ...options, directory, renders });
  return {
    kind: 'read',
    service,
    keyStates: new Map([...renders].map(([key, { state }]) => [key, state])),
    takenFrom,
    notices: read.twice.map(twiceNotice),
    open,
  };
}

function wayOut(path: string): string {
  const word = shellWord(path);
  return `It says what was paid for, so nothing was sent. Get it back from git (git checkout -- ${word}), or an earlier version of it (git log -p -- ${word}), or move it away if the shot may be paid for again.`;
}

function mixed(
  directory: string,
  { service, other }: { readonly service: string; readonly other: RenderOnDisk },
): { readonly file: string; readonly message: string } {
  const [file] = other.files;
  const message = `The records in ${directory} belong to different services: ${file} to ${other.render.service}, others to ${service}. Nothing was sent. Move those away that do not belong there, or choose another folder with --out.`;
  return { file, message };
}

/** Answers of the service to a POST: written even after a failure, because they were paid for. */
const ANSWERS: ReadonlySet<Step['type']> = new Set(['submitted', 'refused', 'lost']);

/** Files that are written at a time. */
const FILES = 32;

/** A step that is not on disk yet. */
interface Waiting {
  readonly key: string;
  readonly step: Step;
  /** The render after the step; null if nothing of it is left. */
  readonly after: Render | null;
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

export interface RecordsOptions {
  /** Absolute path of the run directory. */
  readonly directory: string;
  /** `local`, or the API's origin: the owner of new records. */
  readonly service: string;
  /** By key; those that are changed are written by `begin`. */
  readonly renders: ReadonlyMap<string, RenderOnDisk>;
  /** Rejects once the directory is another run's. Called before each write. */
  readonly permit?: () => Promise<void>;
  /** Number of answers to POSTs that must fit on a full disk; 0 if left out. */
  readonly answers?: number;
  /** For tests: a disk that stops. */
  readonly replaceFile?: ReplaceFile | undefined;
}

/** Replaces a file so that after a crash either the old or the new text is there, whole. The caller syncs the folder. */
export type ReplaceFile = (path: string, text: string) => Promise<void>;

/**
 * The records of a run directory, and the only writer of them. Each step of a submission replaces the file of its render,
 * whole and durably, before it counts. Steps that wait together share one sync of the folder.
 */
export class Records {
  readonly #options: RecordsOptions;
  readonly #reserve: Reserve;
  /** By key, as on disk. */
  readonly #renders = new Map<string, RenderOnDisk>();
  readonly #keyStates = new Map<string, KeyState>();
  /** Files of all records. */
  readonly #names = new Set<string>();
  readonly #limit = pLimit(FILES);
  /** Content key of each request id. */
  readonly #owners = new Map<string, string>();
  /** Steps that are being written. */
  #batch: readonly Waiting[] = [];
  /** Steps of the next batch, in the order of the calls. */
  #queue: Waiting[] = [];
  #writing: Promise<void> | null = null;
  #isBegun = false;
  /** First failure. Since then, only answers are written. */
  #failure: { readonly cause: unknown } | null = null;

  constructor(options: RecordsOptions) {
    this.#options = options;
    this.#reserve = new Reserve(join(options.directory, RESERVE), (options.answers ?? 0) * ANSWER);
    for (const [key, onDisk] of options.renders) this.#keep(key, onDisk);
  }

  /** State of each key by the records on disk, oldest first. */
  get keyStates(): KeyStates {
    return this.#keyStates;
  }

  /** State of a key by the record on disk. */
  get(key: string): KeyState | undefined {
    return this.#keyStates.get(key);
  }

  /** The key for which a request id was recorded first; undefined for a new one. */
  ownerOf(requestId: string): string | undefined {
    return this.#owners.get(requestId);
  }

  /** Writes the renders that were joined or taken over, even if nothing else follows. Rejects with the file system's error. */
  async begin(): Promise<void> {
    const changed = [...this.#renders].filter(([, { isChanged }]) => isChanged);
    if (changed.length === 0) return;
    await this.#options.permit?.();
    await this.#put(new Map(changed.map(([key, { render }]) => [key, render])));
  }

  /**
   * Resolves when the step is on disk and survives a loss of power. Rejects with the file system's error if it cannot be
   * written; after that, only answers to POSTs are written, as long as that is possible.
   * Throws, as a bug of ours, for a step that would lose or repeat a paid submission.
   */
  append(key: string, step: Step): Promise<void> {
    if (this.#failure && !ANSWERS.has(step.type)) return Promise.reject(this.#failure.cause);
    const { service } = this.#options;
    const after = withStep(this.#latest(key), step, { service, key });
    if (after) {
      const read = readRecord(formatRecord(after));
      if (!read.ok) throw new Error(`${key}: the record could not be read again: ${read.problem}`);
      this.#own(after);
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ key, step, after, resolve, reject });
      this.#writing ??= this.#write();
    });
  }

  /** Waits for the steps that are being written. */
  async close(): Promise<void> {
    await this.#writing;
    // After a failure, the directory and the reserve in it may be another run's.
    if (this.#failure === null) await this.#reserve.release();
  }

  #keep(key: string, onDisk: RenderOnDisk): void {
    this.#renders.set(key, onDisk);
    for (const file of onDisk.files) this.#names.add(file);
    this.#keyStates.set(key, onDisk.state);
    this.#own(onDisk.render);
  }

  #forget(key: string): void {
    for (const file of this.#renders.get(key)?.files ?? []) this.#names.delete(file);
    this.#renders.delete(key);
    this.#keyStates.delete(key);
  }

  #own({ key, attempts }: Render): void {
    for (const { request_id: id } of attempts) {
      if (id !== null && !this.#owners.has(id)) this.#owners.set(id, key);
    }
  }

  /** A render with the steps that are not on disk yet. */
  #latest(key: string): Render | null {
    const isOfKey = (waiting: Waiting) => waiting.key === key;
    const waiting = this.#queue.findLast(isOfKey) ?? this.#batch.findLast(isOfKey);
    return waiting ? waiting.after : (this.#renders.get(key)?.render ?? null);
  }

  async #write(): Promise<void> {
    // Steps of the same turn share the first batch.
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
        if (!this.#isBegun) await this.#reserve.take();
        this.#isBegun = true;
        await this.#put(new Map(this.#batch.map(({ key, after }) => [key, after])));
      } catch (cause) {
        this.#failure ??= { cause };
      }
    }
    const batch = this.#take();
    const isWritten = ({ key, after }: Waiting) => (this.#renders.get(key)?.render ?? null) === after;
    const left: Waiting[] = [];
    for (const one of batch) {
      // A later step of the same key was written with it.
      if (isWritten(batch.findLast(({ key }) => key === one.key) ?? one)) one.resolve();
      else if (ANSWERS.has(one.step.type)) left.push(one);
      else one.reject(this.#failure?.cause);
    }
    if (left.length > 0) await this.#writeAnswers(left);
  }

  /** Writes answers after a failure, with the room that is reserved for them. */
  async #writeAnswers(answers: readonly Waiting[]): Promise<void> {
    await this.#reserve.release();
    for (const { key, step, resolve, reject } of answers) {
      try {
        // The directory may be another run's now, whose record counts.
        const before = this.#readAgain(key) ?? this.#renders.get(key)?.render ?? null;
        const after = withStep(before, step, { service: this.#options.service, key });
        await this.#put(new Map([[key, after]]));
        resolve();
      } catch (cause) {
        reject(cause);
      }
    }
  }

  #readAgain(key: string): Render | null {
    const [file] = this.#renders.get(key)?.files ?? [];
    const read = file === undefined ? null : readRecordAt(join(this.#options.directory, file));
    return read?.ok ? read.render : null;
  }

  /** Empties the batch, so that `#latest` no longer counts its steps. Returns them. */
  #take(): readonly Waiting[] {
    const batch = this.#batch;
    this.#batch = [];
    return batch;
  }

  /** Replaces the files of some renders, each whole, and syncs their folder once. Rejects with the first failure. */
  async #put(renders: ReadonlyMap<string, Render | null>): Promise<void> {
    const folder = join(this.#options.directory, CLIPS);
    await makeFolder(folder);
    const puts = [...renders].map(async ([key, render]) => {
      const files = this.#filesOf(key, render);
      await this.#limit(() => this.#putOne(render, files));
      return { key, render, files };
    });
    const all = await Promise.allSettled(puts);
    await syncFolder(folder);
    const joined: string[] = [];
    for (const one of all) {
      if (one.status === 'rejected') continue;
      const { key, render, files } = one.value;
      const [file, ...more] = files;
      joined.push(...more);
      if (render && file !== undefined)
        this.#keep(key, renderOnDisk(render, { files: [file], isChanged: false }));
      else this.#forget(key);
    }
    // Their content is in the first file now, on disk.
    for (const file of joined) await rm(join(this.#options.directory, file), { force: true });
    const failed = all.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
  }

  async #putOne(render: Render | null, [file]: readonly string[]): Promise<void> {
    if (file === undefined) return;
    const path = join(this.#options.directory, file);
    const { replaceFile: replace = replaceFile } = this.#options;
    if (render) await replace(path, formatRecord(render));
    else await rm(path, { force: true });
  }

  /** The files of a render, relative to the run directory; for a new one, a name that no other record has. */
  #filesOf(key: string, render: Render | null): readonly string[] {
    const known = this.#renders.get(key);
    if (known) return known.files;
    if (!render) return [];
    const names = [KEY_START, 16, 64].map((digits) => `${usualPath(render.submission.id, key, digits)}.json`);
    const isFree = (name: string) =>
      !this.#names.has(name) && !existsSync(join(this.#options.directory, name));
    const name = names.find(isFree) ?? names[2] ?? '';
    this.#names.add(name);
    return [name];
  }
}

async function makeFolder(folder: string): Promise<void> {
  if (existsSync(folder)) return;
  // Not recursive: a run directory that was removed must not come back without its records.
  await mkdir(folder);
  await syncFolder(dirname(folder));
}

/** Like `writeDurably`, but the caller syncs the folder. */
const replaceFile: ReplaceFile = async (path, text) => {
  const beside = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const file = await open(beside, 'wx', 0o666);
    try {
      await file.writeFile(text);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true }).catch(() => {});
    throw error;
  }
};

/** Name of the file that holds room for answers during a run. */
const RESERVE = 'records.reserve';
/** Room for one answer, bytes: a record is 1 to 3 KB long, one with twenty long segments twenty times that. */
const ANSWER = 65_536;

/**
 * Room on disk for the answers to what a run has sent, which must be recorded on a full disk too: a file of `bytes`
 * bytes that is removed when the room is needed.
 */
class Reserve {
  readonly #path: string;
  readonly #bytes: number;

  constructor(path: string, bytes: number) {
    this.#path = path;
    this.#bytes = bytes;
  }

  /** Throws the file system's error if there is not enough room. */
  async take(): Promise<void> {
    if (this.#bytes === 0) return;
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
    if (this.#bytes > 0) await rm(this.#path, { force: true }).catch(() => {});
  }
}
