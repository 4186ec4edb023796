import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { asFetched, type Manifest, type Output } from '../../manifest/manifest.js';
import type { RecordedFile } from '../../manifest/verify.js';
import { staleFrame } from '../chains.js';
import type { KeyState, KeyStates } from '../records/render.js';

/** A clip that was fetched once, with what is needed to fetch it again. */
export interface RecordedClip extends RecordedFile {
  readonly key: string;
  /** Id of the submission it was rendered for. */
  readonly id: string;
  readonly requestId: string | null;
  readonly url: string | null;
  /** Position among the outputs of its request, from 0. */
  readonly index: number;
  /** True if the list of some manifest uses it; false if it is unlisted or in no manifest. */
  readonly isUsed: boolean;
  /** True if a person accepted that it is missing here. */
  readonly isMissingAccepted: boolean;
  /** True if another attempt at the same key gave the clip that is used. */
  readonly isReplaced: boolean;
}

/**
 * Every clip that was fetched, by the records, and also those of earlier attempts. Without any manifest, all clips count
 * as used.
 */
export function recordedClips(keyStates: KeyStates, manifests: readonly Manifest[]): readonly RecordedClip[] {
  const used = usedKeys(manifests);
  const clips = new Map<string, RecordedClip>();
  for (const known of keyStates.values()) {
    const isUsed = manifests.length === 0 || used.has(known.key);
    const current = known.outputs.map((output, index) => ({
      ...output,
      index,
      requestId: known.requestId,
      isUsed: isUsed && !known.acceptedMissing,
      isReplaced: false,
    }));
    // The earlier clip is needed until the new one is here.
    const isNeeded = isUsed && known.replaces && known.state !== 'done';
    const others = known.clipsOfOtherAttempts.map((clip) => ({
      ...clip,
      isUsed: isNeeded,
      isReplaced: true,
    }));
    for (const { index, requestId, isUsed, isReplaced, ...output } of [...current, ...others]) {
      const clip = asFetched(output);
      if (!clip || clips.has(clip.file)) continue;
      const { check: _, ...file } = clip;
      const { key, submission } = known;
      const { acceptedMissing: isMissingAccepted } = known;
      clips.set(file.file, {
        ...file,
        key,
        requestId,
        id: submission.id,
        index,
        isUsed,
        isMissingAccepted,
        isReplaced,
      });
    }
  }
  return [...clips.values()];
}

/** Submissions that are rendered for a list, but were never fetched. */
export function notFetched(keyStates: KeyStates, manifests: readonly Manifest[]): readonly KeyState[] {
  const used = usedKeys(manifests);
  return [...keyStates.values()].filter(
    ({ key, state, acceptedMissing }) =>
      state === 'completed' && !acceptedMissing && (manifests.length === 0 || used.has(key)),
  );
}

/** Keys of all submissions in the lists of the manifests. */
function usedKeys(manifests: readonly Manifest[]): ReadonlySet<string> {
  return new Set(manifests.flatMap(({ submissions }) => submissions.map(({ key }) => key)));
}

/** Ids of submissions that are chained to a clip that was rendered again since. */
export function staleIds(keyStates: KeyStates): readonly string[] {
  return [...keyStates.values()]
    .filter((known) => known.state === 'done' && staleFrame(known, keyStates) !== null)
    .map(({ submission }) => submission.id);
}

/** True if a clip is in its place with its number of bytes. `verify` compares the bytes themselves. */
export function clipIsHere({ file, bytes }: Pick<Output, 'file' | 'bytes'>, directory: string): boolean {
  if (file === null) return false;
  const stat = statSync(join(directory, file), { throwIfNoEntry: false });
  return stat?.isFile() === true && stat.size === bytes;
}

/**
 * True if a submission has clips, and all are in their places. After two branches sent it, the clip of the other one may be in the
 * place of the first: where they have the same length, their bytes are compared.
 */
export function clipsAreHere({ outputs, clipsOfOtherAttempts }: KeyState, directory: string): boolean {
  if (outputs.length === 0) return false;
  return outputs.every((output) => {
    if (!clipIsHere(output, directory)) return false;
    const isAlike = (other: Output) =>
      other.bytes === output.bytes && other.sha256 !== output.sha256 && !clipIsHere(other, directory);
    if (output.file === null || !clipsOfOtherAttempts.some(isAlike)) return true;
    const sha256 = createHash('sha256')
      .update(readFileSync(join(directory, output.file)))
      .digest('hex');
    return !clipsOfOtherAttempts.some((other) => other.sha256 === sha256);
  });
}

/**
 * Path of a clip, relative to the run directory, beside its record. It has our own id and key, and nothing that a server
 * says, so that a changed shot never overwrites a clip that was paid for. For the same reason, a clip that was rendered
 * again has the number of its attempt. `index` counts a request's outputs from 0. What is no MP4 gets another ending.
 */
export function clipName({ pathStart }: Pick<KeyState, 'pathStart'>, index: number): string {
  return `${pathStart}${index === 0 ? '' : `-${index + 1}`}.mp4`;
}

/** The path of a clip with the ending of its kind. */
export function withEnding(file: string, ending: string): string {
  return file.replace(/\.\w+$/, `.${ending}`);
}
