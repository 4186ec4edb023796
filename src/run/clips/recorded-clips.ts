import type { Manifest } from '../../manifest/manifest.js';
import type { RecordedFile } from '../../manifest/verify.js';
import { staleFrame } from '../chains.js';
import type { Fold, FoldedOutput, KeyState } from '../journal/fold.js';

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
        const file = fileOf(output);
        if (!file || clips.has(file.file)) continue;
        const { key, requestId, submission } = known;
        // What it may fall back to is not to be lost before the new one is here.
        const isWanted = isUsed && (!isReplaced || latest.state !== 'done');
        clips.set(file.file, {
          ...file,
          key,
          requestId,
          id: submission.id,
          url: output.url,
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

function fileOf({ file, bytes, sha256, media }: FoldedOutput): RecordedFile | null {
  if (file === null || bytes === null || sha256 === null || media === null) return null;
  return { file, bytes, sha256, media };
}

/** Ids of what goes on from a clip that was rendered anew since. */
export function staleIds(fold: Fold): readonly string[] {
  return [...fold.values()]
    .filter((known) => known.state === 'done' && staleFrame(known, fold) !== null)
    .map(({ submission }) => submission.id);
}
