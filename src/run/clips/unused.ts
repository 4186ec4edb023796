import { basename, join } from 'node:path';
import type { Manifest } from '../../manifest/manifest.js';
import { STILLS } from '../../media/still-names.js';
import { namesIn, type PlainFile, plainFile } from '../directory/plain-file.js';
import { halfFetched, halfWritten } from '../directory/sweep.js';
import type { Fold } from '../journal/fold.js';
import { FRAMES } from './frames.js';
import { type RecordedClip, recordedClips } from './recorded-clips.js';

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
