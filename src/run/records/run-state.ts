import { join } from 'node:path';
import { shellWord } from '../../base/text.js';
import type { Submission } from '../../plan/plan.js';
import { twiceNotice } from '../messages.js';
import { type RenderOnDisk, readRecords } from './record-file.js';
import { Records, type RecordsOptions } from './records.js';
import type { KeyStates } from './render.js';
import { reuse, type Source, type TakenFrom } from './reuse.js';
import { readOldRun } from './upgrade.js';

/** History of a run directory, from its records. */
export type RunState =
  | {
      readonly kind: 'read';
      /** `local`, or the API's origin; null for a directory without records. */
      readonly service: string | null;
      readonly keyStates: KeyStates;
      /** Run directories with the clips of keys that are taken over. */
      readonly takenFrom: TakenFrom;
      /** Notices for a person about how it was read. */
      readonly notices: readonly string[];
      /** The records, to be continued. Only the holder of the lock may write to them. */
      open(options: Omit<RecordsOptions, 'directory' | 'renders'>): Records;
    }
  /** `file` is relative to the run directory. */
  | { readonly kind: 'unreadable'; readonly file: string; readonly message: string }
  /** The records belong to different services. */
  | { readonly kind: 'mixed'; readonly file: string; readonly message: string };

export type ReadState = Extract<RunState, { kind: 'read' }>;

/** Other runs, and the submissions that may use their clips. */
export interface Others {
  readonly sources: readonly Source[];
  readonly submissions: readonly Submission[];
}

const NO_OTHERS: Others = { sources: [], submissions: [] };

/**
 * Reads the records of a run directory, and takes over what others have. Changes nothing and needs no lock. Throws the
 * file system's own errors, except for missing files.
 */
export async function readRunState(directory: string, others: Others = NO_OTHERS): Promise<RunState> {
  const read = readRecords(directory);
  if (read.kind === 'unreadable')
    return { ...read, message: `${read.message} ${wayOut(join(directory, read.file))}` };
  const old = read.renders.size === 0 ? await readOldRun(directory) : null;
  if (old?.kind === 'unreadable') return old;
  const known = old?.renders ?? read.renders;
  const own = [...known.values()];
  const service = own[0]?.render.service ?? null;
  const other = own.find(({ render }) => render.service !== service);
  if (service !== null && other) return { kind: 'mixed', ...mixed(directory, { service, other }) };
  const { taken, takenFrom } = reuse(known, others);
  const renders = new Map([...known, ...taken]);
  const open = (options: Omit<RecordsOptions, 'directory' | 'renders'>) =>
    new Records({ ...options, directory, renders });
  return {
    kind: 'read',
    service,
    keyStates: new Map([...renders].map(([key, { state }]) => [key, state])),
    takenFrom,
    notices: read.twice.map(twiceNotice),
    open,
  };
}

function wayOut(path: string): string {
  const word = shellWord(path);
  return `It says what was paid for, so nothing was sent. Get it back from git (git checkout -- ${word}), or an earlier version of it (git log -p -- ${word}), or move it away if the shot may be paid for again.`;
}

function mixed(
  directory: string,
  { service, other }: { readonly service: string; readonly other: RenderOnDisk },
): { readonly file: string; readonly message: string } {
  const [file] = other.files;
  const message = `The records in ${directory} belong to different services: ${file} to ${other.render.service}, others to ${service}. Nothing was sent. Move those away that do not belong there, or choose another folder with --out.`;
  return { file, message };
}
