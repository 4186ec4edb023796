import type { KeyState } from '../journal/fold.js';

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
