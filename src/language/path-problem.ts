import type { Finding } from './finding.js';

/** Longest path that every system takes, characters: PATH_MAX of macOS. */
const LONGEST_PATH = 1024;

const FROM_ITS_FOLDER = 'write the path from the shot list’s own folder';

/**
 * What is wrong with a path as a list writes it, whatever is or is not there: it has to mean the same file on every
 * system, so it is relative, written with `/`, and begins at no drive, share or home folder.
 */
export function pathProblem(reference: string): Finding | undefined {
  const code = 'SL212';
  if (reference.length > LONGEST_PATH) return { code: 'SL211', message: 'no path is that long' };
  if (reference.includes('\0')) return { code, message: 'a path cannot hold a zero byte' };
  // `C:board.png` too: on Windows it is in whatever folder that drive was last used in.
  if (/^(?:[a-z]:|[\\/])/i.test(reference))
    return { code, message: `${reference} is an absolute path`, hint: FROM_ITS_FOLDER };
  if (reference.startsWith('~'))
    return { code, message: '~ is not read as a home folder', hint: FROM_ITS_FOLDER };
  if (reference.includes('\\'))
    return { code, message: 'paths are written with /', hint: `write ${reference.replaceAll('\\', '/')}` };
  return undefined;
}
