import { lstat, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Manifest } from '../../manifest/manifest.js';
import { STILLS } from '../../media/still-names.js';
import { FRAMES } from '../clips/frames.js';
import { type RecordedClip, recordedClips } from '../clips/recorded-clips.js';
import { CLIPS } from '../records/record-file.js';
import type { KeyStates } from '../records/render.js';
import { lockFiles } from './lock.js';

/** Names of unfinished manifests, and of the room that a run held for answers. */
const UNFINISHED = /^(?:manifest(?:\.[\w.-]+)?\.json\.[0-9a-f]{8}\.tmp|records\.reserve)$/;

/** Names of lock files whose process was killed while it took or released the lock. */
const OLD_LOCK = /^lock(?:-[0-9a-f]{16}\.tmp|\.[0-9a-f]{16})$/;

/** Names of unfinished downloads. The eight digits are the start of the key; `clipName` makes the rest. */
const PART = /\.([0-9a-f]{8})[0-9a-f]*(?:\.attempt\d+)?(?:-\d+)?(?:-copy\d+)?\.\w+(?:\.unpacked)?\.part$/;

/** Names of unfinished records. */
const RECORD = /^[\w.-]+\.[0-9a-f]{8,64}\.json\.[0-9a-f]{8}\.tmp$/;

/**
 * Removes unfinished files of killed runs; unfinished clips only of the given content keys. Only the holder of the lock
 * may call it. Throws the file system's own error.
 */
export async function sweep(directory: string, keys: Iterable<string>): Promise<void> {
  const names = [...(await unfinishedFiles(directory)), ...(await unfinishedClips(directory, keys))];
  for (const name of names) await rm(join(directory, name), { force: true });
}

/** Unfinished records, and unfinished clips of the given content keys, relative to the run directory. */
async function unfinishedClips(directory: string, keys: Iterable<string>): Promise<readonly string[]> {
  const known = new Set([...keys].map((key) => key.slice(0, 8)));
  const names = await namesIn(join(directory, CLIPS));
  const isUnfinished = (name: string) => RECORD.test(name) || known.has(PART.exec(name)?.[1] ?? '');
  return names.filter(isUnfinished).map((name) => `${CLIPS}/${name}`);
}

/** Names of the unfinished manifests and locks. */
async function unfinishedFiles(directory: string): Promise<readonly string[]> {
  const held = new Set(await lockFiles(directory));
  const names = await readdir(directory);
  return names.filter(
    (name) => UNFINISHED.test(name) || (OLD_LOCK.test(name) && !held.has(join(directory, name))),
  );
}

/** A regular file in a run directory. */
export interface PlainFile {
  /** Relative to the run directory, with forward slashes. */
  readonly file: string;
  readonly bytes: number;
  /** Time of the last write, milliseconds since 1970. */
  readonly at: number;
}

/** The regular file of that name; null for a link or anything else. Throws the file system's own error. */
export async function plainFile(directory: string, file: string): Promise<PlainFile | null> {
  try {
    const there = await lstat(join(directory, file));
    return there.isFile() ? { file, bytes: there.size, at: there.mtimeMs } : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Sorted names in a folder; none if there is no such folder, or if it is a link to files that are not the run's. */
async function namesIn(folder: string): Promise<readonly string[]> {
  const there = await lstat(folder).catch(() => null);
  return there?.isDirectory() ? (await readdir(folder)).sort() : [];
}

/** A clip that no list's manifest uses. */
export interface UnusedClip extends PlainFile {
  readonly clip: RecordedClip;
  /** Reason why nothing uses it, in a few words. */
  readonly why: string;
}

export interface Unused {
  readonly clips: readonly UnusedClip[];
  /** Unfinished files of killed runs. */
  readonly leftovers: readonly PlainFile[];
}

/** Names of unfinished files of an inspection: stills, pictures and sound. */
const INSPECTION = /^[A-Za-z0-9_-][A-Za-z0-9_.-]*\.looking\.(?:(?:first|middle|last)\.jpg|gray|pcm)$/;
/** Names of unfinished frames. */
const UNFINISHED_FRAME = /^[0-9a-f]{8}\.(?:taking\.(?:png|jpg)|(?:png|jpg)\.[0-9a-f]{8}\.tmp)$/;

/**
 * Finds the files of a run directory that no manifest uses: recorded clips, and unfinished files of killed runs. Never
 * names other files, links or folders, which are not the run's. Throws the file system's own error.
 */
export async function findUnused(
  directory: string,
  { keyStates, manifests }: { readonly keyStates: KeyStates; readonly manifests: readonly Manifest[] },
): Promise<Unused> {
  const ids = new Set(manifests.flatMap(({ submissions }) => submissions.map(({ id }) => id)));
  const whyOf = ({ id, isReplaced }: RecordedClip) => {
    if (isReplaced) return 'rendered again since';
    return ids.has(id) ? 'changed since' : 'not in the list';
  };
  const clips: UnusedClip[] = [];
  for (const clip of recordedClips(keyStates, manifests)) {
    const file = clip.isUsed ? null : await plainFile(directory, clip.file);
    if (file) clips.push({ ...file, clip, why: whyOf(clip) });
  }
  const names = [
    ...(await unfinishedFiles(directory)),
    ...(await unfinishedClips(directory, keyStates.keys())),
    ...(await namesIn(join(directory, FRAMES)))
      .filter((name) => UNFINISHED_FRAME.test(name))
      .map((name) => `${FRAMES}/${name}`),
    ...(await namesIn(join(directory, STILLS)))
      .filter((name) => INSPECTION.test(name))
      .map((name) => `${STILLS}/${name}`),
  ];
  const leftovers = await Promise.all(names.map((name) => plainFile(directory, name)));
  return { clips: clips.sort(byName), leftovers: leftovers.filter((one) => one !== null) };
}

function byName(a: PlainFile, b: PlainFile): number {
  return basename(a.file) < basename(b.file) ? -1 : 1;
}
