import { preload } from '../e2e/rig.js';

/** The boundary at which a process is killed: one of its calls to the file system, or a part of a POST. */
export interface Moment {
  /** A name such as `record rename`, and its count among the boundaries of that name, from 1. */
  readonly at?: { readonly name: string; readonly count: number };
  /** Without `at`: its count among all boundaries, from 1. */
  readonly nth?: number;
  /** `half`: a write has reached the disk in part. */
  readonly how: 'before' | 'after' | 'half';
  /** True if the machine loses its power too: names and bytes that were not synced are gone. */
  readonly power?: boolean;
}

/** The environment in which a process of the built CLI is killed at a moment in its dealings with a folder. */
export function killAt(folder: string, moment: Moment): Readonly<Record<string, string>> {
  return { ...preload('hurry', 'kill'), SHOTLIST_TEST_KILL: JSON.stringify({ folder, ...moment }) };
}
