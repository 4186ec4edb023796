import { existsSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';

/**
 * The tree that a shot list may name files in: the git repository that holds it, or its own folder where there
 * is none. Both arguments and result are absolute paths with links resolved.
 */
export function findTree(folder: string): string {
  const home = realpathSync.native(folder);
  for (let at = home; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (dirname(at) === at) return home;
  }
}

/** Whether `path` is `tree` or inside it; both absolute, links resolved. */
export function isInside(path: string, tree: string): boolean {
  const way = relative(tree, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}
