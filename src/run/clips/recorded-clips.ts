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
  /** Position among the outputs of its request, from 0. */
  readonly index: number;
  /** True if the list of some manifest uses it; false if it is unlisted or in no manifest. */
  readonly isUsed: boolean;
  /** True if the same key was rendered again since. */
  readonly isReplaced: boolean;
}

/**
 * Every clip that was fetched, by journal and manifests, and also those that were rendered again since. Without any
 * manifest, all clips count as used.
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
        // The earlier clip is needed until the new one is here.
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

/** Submissions that are rendered for a list, but not fetched. */
export function notFetched(fold: Fold, manifests: readonly Manifest[]): readonly KeyState[] {
  const used = usedKeys(manifests);
  return [...fold.values()].filter(
    ({ key, state }) => state === 'completed' && (manifests.length === 0 || used.has(key)),
  );
}

/** Keys of all submissions in the lists of the manifests. */
function usedKeys(manifests: readonly Manifest[]): ReadonlySet<string> {
  return new Set(manifests.flatMap(({ submissions }) => submissions.map(({ key }) => key)));
}

/** Ids of submissions that are chained to a clip that was rendered again since. */
export function staleIds(fold: Fold): readonly string[] {
  return [...fold.values()]
    .filter((known) => known.state === 'done' && staleFrame(known, fold) !== null)
    .map(({ submission }) => submission.id);
}

/** Folder of the clips inside the run directory. */
export const CLIPS = 'videos';

/**
 * Path of a clip, relative to the run directory. It has our own id and key, and nothing that a server says, so that a
 * changed shot never overwrites a clip that was paid for. For the same reason, a clip that was rendered again has the
 * number of its attempt. `index` counts a request's outputs from 0.
 */
export function clipName({ submission, key, again, attempts }: KeyState, index: number): string {
  const attempt = again ? `.attempt${attempts}` : '';
  return `${CLIPS}/${submission.id}.${key.slice(0, 8)}${attempt}${index === 0 ? '' : `-${index + 1}`}.mp4`;
}
