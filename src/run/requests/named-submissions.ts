import type { KeyState } from '../journal/fold.js';

/** Shortest start of a content key that is taken for one, hex digits: what clip names show. */
export const KEY_START = 8;

/** Whether a person means this submission: by its id, or by the start of its content key. */
export function isNamed({ submission, key }: KeyState, name: string): boolean {
  return submission.id === name || (name.length >= KEY_START && key.startsWith(name.toLowerCase()));
}
