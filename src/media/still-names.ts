import type { StillPaths } from './inspect-clip.js';

/** Folder of the stills in the run directory. */
export const STILLS = 'stills';

/** Paths of the stills of a clip, relative to the run directory, with forward slashes; named after the clip. */
export function stillNames(clip: string): StillPaths {
  const name = clip.replace(/^.*\//, '').replace(/\.[^.]*$/, '');
  const still = (which: string) => `${STILLS}/${name}.${which}.jpg`;
  return { first: still('first'), middle: still('middle'), last: still('last') };
}
