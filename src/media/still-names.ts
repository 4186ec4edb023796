import type { StillPaths } from './look.js';

/** Folder of the stills inside the run directory. */
export const STILLS = 'stills';

/**
 * Where the stills of a clip are kept, relative to the run directory, with forward slashes: named after the clip, whose
 * name is never given to another.
 */
export function stillNames(clip: string): StillPaths {
  const name = clip.replace(/^.*\//, '').replace(/\.[^.]*$/, '');
  const still = (which: string) => `${STILLS}/${name}.${which}.jpg`;
  return { first: still('first'), middle: still('middle'), last: still('last') };
}
