import { join } from 'node:path';
import { writeDurably } from '../durable-file.js';
import { readManifest } from '../manifest/read.js';
import { type Fold, foldInto, type KeyState } from './fold.js';
import { recordsOf } from './import-manifest.js';
import { Journal } from './journal.js';
import { type OpenJournalFile, openJournalFile } from './journal-file.js';
import { readJournal } from './read-journal.js';
import type { AttemptRecord } from './record.js';

export const JOURNAL = 'journal.ndjson';
export const MANIFEST = 'manifest.json';

/** Each profile has a manifest of its own, and all share the journal and the clips. */
export function manifestName(profile: string | null): string {
  return profile === null ? MANIFEST : `manifest.${profile}.json`;
}

/** What a run directory says of its past. */
export type RunState =
  | {
      readonly kind: 'read';
      /** `local`, or the API's origin; null in a directory that is new. */
      readonly service: string | null;
      readonly fold: Fold;
      /** The journal to go on with, or to begin; only who holds the lock may write to it. */
      journal(service: string, open?: OpenJournalFile): Journal;
    }
  | { readonly kind: 'unreadable'; readonly message: string };

/**
 * Reads a run directory: its journal, or where there is none its manifest. Changes nothing and needs no lock.
 * `now` is UTC, ISO 8601. Throws the file system's own errors, but for missing files.
 */
export async function readRunState(directory: string, now: string): Promise<RunState> {
  const path = join(directory, JOURNAL);
  const journal = await readJournal(path);
  if (journal.kind === 'unreadable') {
    return {
      ...journal,
      message: `${journal.message} Nothing was sent. Move the run directory away to begin anew, or repair the line.`,
    };
  }
  if (journal.kind === 'read') {
    const { service, fold, length } = journal;
    return {
      kind: 'read',
      service,
      fold,
      journal: (_service, open = openJournalFile) => new Journal(() => open(path, length), fold),
    };
  }
  return fromManifest(directory, now);
}

async function fromManifest(directory: string, now: string): Promise<RunState> {
  const path = join(directory, MANIFEST);
  const read = await readManifest(path);
  if (read.kind === 'unreadable') return read;
  if (read.kind === 'none') return newState({ directory, service: null, records: [], fold: new Map() });
  const records = recordsOf(read.manifest, now);
  if (typeof records === 'string') return { kind: 'unreadable', message: `${path}: ${records}.` };
  const fold = new Map<string, KeyState>();
  const wrong = foldInto(fold, records);
  if (wrong) return { kind: 'unreadable', message: `${path}: ${wrong.problem}.` };
  return newState({ directory, service: read.manifest.service, records, fold });
}

function newState(options: {
  readonly directory: string;
  readonly service: string | null;
  readonly records: readonly AttemptRecord[];
  readonly fold: Map<string, KeyState>;
}): RunState {
  const { directory, records, fold } = options;
  const path = join(directory, JOURNAL);
  const begin = async (service: string, open: OpenJournalFile) => {
    const lines = [{ v: 1, type: 'open', service }, ...records].map(
      (record) => `${JSON.stringify(record)}\n`,
    );
    const text = lines.join('');
    // Whole or not at all: half of what the manifest knew would send the other half again.
    await writeDurably(path, text);
    return open(path, Buffer.byteLength(text));
  };
  const journal = (service: string, open = openJournalFile) => new Journal(() => begin(service, open), fold);
  return { kind: 'read', service: options.service, fold, journal };
}
