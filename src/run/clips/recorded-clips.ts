import { asFetched, type Manifest } from '../../manifest/manifest.js';
import type { RecordedFile } from '../../manifest/verify.js';
import { staleFrame } from '../chains.js';
import type { Fold, KeyState } from '../journal/fold.js';

/** A clip that was fetched once, with what is needed to fetch it again. */
export interface RecordedClip extends RecordedFile {
  readonly key: string;
  /** Id of the submission it was rendered for. */
  readonly id: string;
  readonly requestId: string | null;
  readonly url: string;
  /** Its place among the outputs of its request. */
  readonly index: number;
  /** Whether some list's manifest uses it, rather than naming it as unlisted or not at all. */
  readonly isUsed: boolean;
  /** Whether the same key was rendered again since. */
  readonly isReplaced: boolean;
}

/**
 * Every clip that journal and manifests say was fetched, those too that were rendered anew since. Where there is no
 * manifest, nobody can say what is not used, and all are.
 */
export function recordedClips(fold: Fold, manifests: readonly Manifest[]): readonly RecordedClip[] {
  const used = usedKeys(manifests);
  const clips = new Map<string, RecordedClip>();
  for (const latest of fold.values()) {
    const isUsed = manifests.length === 0 || used.has(latest.key);
    for (let known: KeyState | null = latest; known; known = known.earlier) {
      const isReplaced = known !== latest;
      for (const [index, output] of known.outputs.entries()) {
        const clip = asFetched(output);
        if (!clip || clips.has(clip.file)) continue;
        const { key, requestId, submission } = known;
        // What it may fall back to is not to be lost before the new one is here.
        const isWanted = isUsed && (!isReplaced || latest.state !== 'done');
        const { check: _, ...file } = clip;
        clips.set(file.file, {
          ...file,
          key,
          requestId,
          id: submission.id,
          index,
          isUsed: isWanted,
          isReplaced,
        });
      }
    }
  }
  return [...clips.values()];
}

/** What is rendered for a list, but was not fetched yet. */
export function notFetched(fold: Fold, manifests: readonly Manifest[]): readonly KeyState[] {
  const used = usedKeys(manifests);
  return [...fold.values()].filter(
    ({ key, state }) => state === 'completed' && (manifests.length === 0 || used.has(key)),
  );
}

/** Keys of everything that the lists of these manifests have. */
function usedKeys(manifests: readonly Manifest[]): ReadonlySet<string> {
  return new Set(manifests.flatMap(({ submissions }) => submissions.map(({ key }) => key)));
}

/** Ids of what goes on from a clip that was rendered anew since. */
export function staleIds(fold: Fold): readonly string[] {
  return [...fold.values()]
    .filter((known) => known.state === 'done' && staleFrame(known, fold) !== null)
    .map(({ submission }) => submission.id);
}

/** Folder of the clips inside the run directory. */
export const CLIPS = 'videos';

/**
 * Where a clip is kept, relative to the run directory: made from our own id and key, never from what a server
 * says, so that a changed shot never overwrites a clip that was paid for. One that was rendered again is named by its
 * attempt as well, for the same reason. `index` counts a request's outputs from 0.
 */
export function clipName({ submission, key, again, attempts }: KeyState, index: number): string {
  const attempt = again ? `.attempt${attempts}` : '';
  return `${CLIPS}/${submission.id}.${key.slice(0, 8)}${attempt}${index === 0 ? '' : `-${index + 1}`}.mp4`;
}
