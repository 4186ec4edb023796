import { lstat, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Manifest } from '../../manifest/manifest.js';
import { STILLS } from '../../media/still-names.js';
import { FRAMES } from '../clips/frames.js';
import { CLIPS, type RecordedClip, recordedClips } from '../clips/recorded-clips.js';
import type { Fold } from '../journal/fold.js';
import { lockFiles } from './lock.js';

/** What `writeDurably` calls the files of a run while they are written. */
const UNFINISHED = /^(?:manifest(?:\.[\w.-]+)?\.json|journal\.ndjson)\.[0-9a-f]{8}\.tmp$/;

/** Locks that were being taken, or given back, when their process was killed. */
const LOCK = /^lock(?:-[0-9a-f]{16}\.tmp|\.[0-9a-f]{16})$/;

/** A download on its way. The eight digits begin the key; a clip's name ends as `clipName` says. */
const PART = /\.([0-9a-f]{8})(?:\.attempt\d+)?(?:-\d+)?\.mp4\.part$/;

/**
 * Removes what runs that were killed left half written, of clips those of some content keys. Only for who holds the
 * lock. Throws the file system's own error.
 */
export async function sweep(directory: string, keys: Iterable<string>): Promise<void> {
  const names = [...(await halfWritten(directory)), ...(await halfFetched(directory, keys))];
  for (const name of names) await rm(join(directory, name), { force: true });
}

/** Clips of some content keys that are not whole, relative to the run directory: the next run fetches them from their start. */
export async function halfFetched(directory: string, keys: Iterable<string>): Promise<readonly string[]> {
  const known = new Set([...keys].map((key) => key.slice(0, 8)));
  const names = await namesIn(join(directory, CLIPS));
  return names.filter((name) => known.has(PART.exec(name)?.[1] ?? '')).map((name) => `${CLIPS}/${name}`);
}

/** Names of the files that `sweep` would remove. */
export async function halfWritten(directory: string): Promise<readonly string[]> {
  const held = new Set(await lockFiles(directory));
  const names = await readdir(directory);
  return names.filter(
    (name) => UNFINISHED.test(name) || (LOCK.test(name) && !held.has(join(directory, name))),
  );
}

/** A file of a run directory. */
export interface PlainFile {
  /** Relative to the run directory, with forward slashes. */
  readonly file: string;
  readonly bytes: number;
  /** When it was last written, milliseconds since 1970. */
  readonly at: number;
}

/** What lies under a name, if that is a file itself, no link; else null. Throws the file system's own error. */
export async function plainFile(directory: string, file: string): Promise<PlainFile | null> {
  try {
    const there = await lstat(join(directory, file));
    return there.isFile() ? { file, bytes: there.size, at: there.mtimeMs } : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Names in a folder, sorted; none where there is no such folder. Behind a link lies what is not ours to clear. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  const there = await lstat(folder).catch(() => null);
  return there?.isDirectory() ? (await readdir(folder)).sort() : [];
}

/** A clip that no list's manifest uses. */
export interface UnusedClip extends PlainFile {
  readonly clip: RecordedClip;
  /** Why nothing uses it, in a few words. */
  readonly why: string;
}

export interface Unused {
  readonly clips: readonly UnusedClip[];
  /** What runs that were killed left half written. */
  readonly leftovers: readonly PlainFile[];
}

/** Stills, and what is found in a clip's pictures and sound, on their way. */
const LOOKING = /^[A-Za-z0-9_-][A-Za-z0-9_.-]*\.looking\.(?:(?:first|middle|last)\.jpg|gray|pcm)$/;
/** A frame before it is whole. */
const FRAME = /^[0-9a-f]{8}\.(?:taking\.(?:png|jpg)|(?:png|jpg)\.[0-9a-f]{8}\.tmp)$/;

/**
 * What lies in a run directory that no manifest uses: only clips that journal or manifests know, and leftovers of ours.
 * All else there is somebody's. What is no plain file is left out. Throws the file system's own error.
 */
export async function findUnused(
  directory: string,
  { fold, manifests }: { readonly fold: Fold; readonly manifests: readonly Manifest[] },
): Promise<Unused> {
  const ids = new Set(manifests.flatMap(({ submissions }) => submissions.map(({ id }) => id)));
  const whyOf = ({ id, isReplaced }: RecordedClip) => {
    if (isReplaced) return 'rendered again since';
    return ids.has(id) ? 'changed since' : 'not in the list';
  };
  const clips: UnusedClip[] = [];
  for (const clip of recordedClips(fold, manifests)) {
    const file = clip.isUsed ? null : await plainFile(directory, clip.file);
    if (file) clips.push({ ...file, clip, why: whyOf(clip) });
  }
  const names = [
    ...(await halfWritten(directory)),
    ...(await halfFetched(directory, fold.keys())),
    ...(await namesIn(join(directory, FRAMES)))
      .filter((name) => FRAME.test(name))
      .map((name) => `${FRAMES}/${name}`),
    ...(await namesIn(join(directory, STILLS)))
      .filter((name) => LOOKING.test(name))
      .map((name) => `${STILLS}/${name}`),
  ];
  const leftovers = await Promise.all(names.map((name) => plainFile(directory, name)));
  return { clips: clips.sort(byName), leftovers: leftovers.filter((one) => one !== null) };
}

function byName(a: PlainFile, b: PlainFile): number {
  return basename(a.file) < basename(b.file) ? -1 : 1;
}
