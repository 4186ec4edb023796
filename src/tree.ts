import { access, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';

/**
 * The tree that a shot list may name files in: the git repository that holds it, or its own folder where there
 * is none. Both arguments and result are absolute paths with links resolved.
 */
export async function findTree(folder: string): Promise<string> {
  const home = await realpath(folder);
  for (let at = home; ; at = dirname(at)) {
    if (await exists(join(at, '.git'))) return at;
    if (dirname(at) === at) return home;
  }
}

/** Whether `path` is `tree` or inside it; both absolute, links resolved. */
export function isInside(path: string, tree: string): boolean {
  const way = relative(tree, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
