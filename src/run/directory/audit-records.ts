import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { notFetched, type RecordedClip, recordedClips, staleIds } from '../clips/recorded-clips.js';
import { CLIPS } from '../records/record-file.js';
import { readRunState } from '../records/records.js';
import type { KeyState } from '../records/render.js';
import { readManifests } from './manifests.js';

/** A problem with a record, a manifest or the clips' folder. */
export interface RecordProblem {
  /** Relative to the run directory. */
  readonly file: string;
  /** Problem and next step, in sentences. */
  readonly message: string;
}

/** Expected content of a run directory, by its records, and the problems with them. */
export interface RecordAudit {
  readonly clips: readonly RecordedClip[];
  /** Submissions that are rendered for a list, but were never fetched. */
  readonly notFetched: readonly KeyState[];
  readonly problems: readonly RecordProblem[];
  /** True if the clips' folder is a link: the clips behind it are not the run's. */
  readonly isLinked: boolean;
  /** Ids of submissions that are chained to a clip that was rendered again since. */
  readonly stale: readonly string[];
}

/**
 * Reads the records of a run directory. A manifest that cannot be read is a problem too, because it says which clips are
 * used. Changes nothing and needs no lock. Null if there was no run.
 */
export async function auditRecords(directory: string): Promise<RecordAudit | null> {
  const state = await readRunState(directory);
  const { manifests, problems } = await readManifests(directory);
  const all = manifests.map(({ manifest }) => manifest);
  const found: RecordProblem[] = problems.map(({ name, message }) => ({
    file: name,
    message: `${message} The next run writes it again.`,
  }));
  if (state.kind !== 'read') found.push({ file: state.file, message: state.message });
  if (state.kind === 'read' && state.service === null && found.length === 0) return null;
  const isLinked = await isLink(join(directory, CLIPS));
  if (isLinked) found.push({ file: CLIPS, message: LINKED });
  const keyStates = state.kind === 'read' ? state.keyStates : new Map<string, KeyState>();
  return {
    clips: recordedClips(keyStates, all),
    notFetched: notFetched(keyStates, all),
    problems: found,
    isLinked,
    stale: staleIds(keyStates),
  };
}

const LINKED = 'It is a link, so the clips are not in the run directory. Move them into it.';

async function isLink(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null))?.isSymbolicLink() ?? false;
}
