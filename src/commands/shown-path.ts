import { relative, sep } from 'node:path';
import { visible } from '../ui/visible.js';

/** A path as people are shown it: from where they are, with `/`, and safe to print. */
export function shownPath(path: string): string {
  return visible(relative(process.cwd(), path).split(sep).join('/') || '.');
}
