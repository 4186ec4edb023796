import { constants, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { putInPlace } from '../../base/durable-file.js';
import { hashFile } from '../../base/files.js';
import { CLIPS } from '../records/record-file.js';
import type { Records } from '../records/records.js';
import type { KeyState, KeyStates } from '../records/render.js';
import type { TakenFrom } from '../records/reuse.js';
import { clipIsHere, clipName } from './recorded-clips.js';

/** SHA-256 of a file, 64 hex digits; null if it cannot be read. */
export function hashOf(path: string): Promise<string | null> {
  return hashFile(path).catch(() => null);
}

/** A file among the clips that no record names, as when a person has put an archived clip back. */
interface Stray {
  readonly path: string;
  readonly bytes: number;
  /** SHA-256, read when it is first needed; null if the file cannot be read. */
  sha256?: string | null;
}

/** Other files on this machine that may be clips of the records, looked for once. */
interface Found {
  readonly strays: Stray[];
  /** Paths of recorded clips, by their hash: two shots may have got the same bytes. */
  readonly byHash: ReadonlyMap<string, readonly string[]>;
}

/**
 * Puts missing clips in their places if they are on this machine: under another name in the run directory, as after a copy
 * by hand or a merge of two branches, in the place of another shot with the same bytes, or in another run directory. A
 * clip is known by its recorded length and hash. No other shot loses its clip.
 */
export class LocalCopies {
  readonly #directory: string;
  readonly #records: Pick<Records, 'keyStates' | 'get'>;
  readonly #takenFrom: TakenFrom;
  /** Two keys must not take the same file. */
  readonly #oneByOne = pLimit(1);
  #found: Found | null = null;

  constructor(options: {
    readonly directory: string;
    readonly records: Pick<Records, 'keyStates' | 'get'>;
    readonly takenFrom: TakenFrom;
  }) {
    this.#directory = options.directory;
    this.#records = options.records;
    this.#takenFrom = options.takenFrom;
  }

  /** Puts the clips of a key in their places, as far as they are on this machine. Rejects if the disk is full. */
  take(key: string): Promise<void> {
    return this.#oneByOne(() => this.#take(key));
  }

  async #take(key: string): Promise<void> {
    const known = this.#records.get(key);
    if (!known) return;
    const directory = this.#directory;
    await moveToOwnNames(known, directory);
    const sources = this.#takenFrom.get(key) ?? [];
    for (const output of known.outputs) {
      const { file, bytes, sha256 } = output;
      if (file === null || bytes === null || sha256 === null || clipIsHere(output, directory)) continue;
      mkdirSync(join(directory, CLIPS), { recursive: true });
      const to = join(directory, file);
      this.#found ??= findOthers(directory, this.#records.keyStates);
      if (await moveStray(this.#found.strays, { to, bytes, sha256 })) continue;
      const twins = (this.#found.byHash.get(sha256) ?? []).filter((path) => path !== to);
      const from = [...twins, ...sources.map((source) => join(source, file))];
      for (const path of from) if (await copyClip({ from: path, to, sha256 })) break;
    }
  }
}

function findOthers(directory: string, keyStates: KeyStates): Found {
  const named = new Set<string>();
  const stems = new Set<string>();
  const byHash = new Map<string, string[]>();
  for (const known of keyStates.values()) {
    // The place of a clip that was never fetched is not a stray's either.
    for (const [index, { file }] of known.outputs.entries())
      if (file === null) stems.add(stemOf(clipName(known, index)));
    for (const { file, sha256 } of [...known.outputs, ...known.clipsOfOtherAttempts]) {
      if (file === null || sha256 === null) continue;
      named.add(file);
      const paths = byHash.get(sha256) ?? [];
      paths.push(join(directory, file));
      byHash.set(sha256, paths);
    }
  }
  const strays = clipNames(directory).flatMap((file): Stray[] => {
    if (named.has(file) || stems.has(stemOf(file))) return [];
    const path = join(directory, file);
    const bytes = lengthOf(path);
    return bytes === null ? [] : [{ path, bytes }];
  });
  return { strays, byHash };
}

/** Files among the clips that may be clips, whatever their names, relative to the run directory; none without a folder. */
export function clipNames(directory: string): readonly string[] {
  const folder = join(directory, CLIPS);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => !/\.(?:json|part|tmp)$/i.test(name))
    .map((name) => `${CLIPS}/${name}`);
}

/** A path without its ending. */
function stemOf(file: string): string {
  return file.replace(/\.\w+$/, '');
}

/** Moves a stray with these bytes to `to`. Returns true if there was one. */
async function moveStray(
  strays: Stray[],
  { to, bytes, sha256 }: { readonly to: string; readonly bytes: number; readonly sha256: string },
): Promise<boolean> {
  for (const [index, stray] of strays.entries()) {
    if (stray.bytes !== bytes) continue;
    if (stray.sha256 === undefined) stray.sha256 = await hashOf(stray.path);
    if (stray.sha256 !== sha256) continue;
    strays.splice(index, 1);
    await putInPlace(stray.path, to);
    return true;
  }
  return false;
}

/** After two branches sent a render: moves each clip that has the name of another one to its own name. */
async function moveToOwnNames({ outputs, clipsOfOtherAttempts }: KeyState, directory: string): Promise<void> {
  const recorded = new Set([...outputs, ...clipsOfOtherAttempts].flatMap(({ file }) => file ?? []));
  for (const other of clipsOfOtherAttempts) {
    const { file, bytes, sha256 } = other;
    if (file === null || bytes === null || sha256 === null || clipIsHere(other, directory)) continue;
    for (const name of recorded) {
      const path = join(directory, name);
      if (name === file || existsSync(join(directory, file)) || lengthOf(path) !== bytes) continue;
      if ((await hashOf(path)) === sha256) await putInPlace(path, join(directory, file));
    }
  }
}

/** Length of a plain file, bytes; null for anything else. */
function lengthOf(path: string): number | null {
  const there = statSync(path, { throwIfNoEntry: false });
  return there?.isFile() ? there.size : null;
}

/** Error codes of the disk that is written to. */
const FULL: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT', 'EROFS']);

/**
 * Copies a clip to `to`, which is replaced only by a whole file with the hash. The copies share their bytes if the file
 * system can. Returns false if the clip cannot be read or has another hash. Throws if the disk is full.
 */
async function copyClip({
  from,
  to,
  sha256,
}: {
  readonly from: string;
  readonly to: string;
  readonly sha256: string;
}): Promise<boolean> {
  const part = `${to}.part`;
  try {
    await copyFile(from, part, constants.COPYFILE_FICLONE);
    if ((await hashOf(part)) !== sha256) return false;
    await putInPlace(part, to);
    return true;
  } catch (error) {
    if (FULL.has((error as NodeJS.ErrnoException).code)) throw error;
    return false;
  } finally {
    await rm(part, { force: true }).catch(() => {});
  }
}
