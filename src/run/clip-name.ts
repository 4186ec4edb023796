/** Folder of the clips inside the run directory. */
export const CLIPS = 'videos';

/**
 * Where a clip is kept, relative to the run directory: made from our own id and key, never from what a server
 * says, so that a changed shot never overwrites a clip that was paid for. `index` counts a request's outputs from 0.
 */
export function clipName(id: string, key: string, index: number): string {
  return `${CLIPS}/${id}.${key.slice(0, 8)}${index === 0 ? '' : `-${index + 1}`}.mp4`;
}
