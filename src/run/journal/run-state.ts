import { join } from 'node:path';
import { writeDurably } from '../../base/durable-file.js';
import type { Submission } from '../../plan/submission.js';
import { MANIFEST, type NamedManifest, readManifests } from '../directory/manifests.js';
import { type Fold, foldInto, type KeyState } from './fold.js';
import { missingRecords } from './import-manifest.js';
import { Journal, Reserve } from './journal.js';
import { type OpenJournalFile, openJournalFile, type ReadJournal, readJournal } from './journal-file.js';
import type { AttemptRecord, JournalRecord } from './record.js';
import { type Elsewhere, reuse, type Source } from './reuse.js';

/** Name of the journal in a run directory. */
export const JOURNAL = 'journal.ndjson';

/** History of a run directory, from its journal and manifests. */
export type RunState =
  | {
      readonly kind: 'read';
      /** `local`, or the API's origin; null for a new directory. */
      readonly service: string | null;
      readonly fold: Fold;
      /** True if there is a journal; otherwise everything is from manifests. */
      readonly hasJournal: boolean;
      /** Number of keys for which an existing journal knew less than a manifest. */
      readonly imported: number;
      /** Clips of other runs to copy, by key. */
      readonly elsewhere: Elsewhere;
      /** Notices for a person about how it was read. */
      readonly notices: readonly string[];
      /** Returns the journal to continue or to begin. Only the holder of the lock may write to it. */
      journal(start: JournalStart): Journal;
    }
  | { readonly kind: 'unreadable'; readonly message: string }
  /** The files belong to different services. */
  | { readonly kind: 'mixed'; readonly message: string };

export type ReadState = Extract<RunState, { kind: 'read' }>;

export interface JournalStart {
  readonly service: string;
  readonly open?: OpenJournalFile;
  /** Rejects once the directory is another run's. */
  readonly permit?: () => Promise<void>;
  /** Number of answers to POSTs that must fit on a full disk; 0 if left out. */
  readonly answers?: number;
}

/**
 * Reads the journal and the manifests of a run directory. The journal is the first authority; records that follow only
 * from a manifest are added to it, and then records that `others` have. Changes nothing and needs no lock. `now` is UTC,
 * ISO 8601. Throws the file system's own errors, except for missing files.
 */
export async function readRunState(
  directory: string,
  now: string,
  others: Others = NO_OTHERS,
): Promise<RunState> {
  const path = join(directory, JOURNAL);
  const journal = await readJournal(path);
  const { manifests, problems } = await readManifests(directory);
  if (journal.kind === 'unreadable') {
    return { ...journal, message: `${journal.message} Nothing was sent. ${repair(manifests)}` };
  }
  // An unreadable manifest does not matter beside a journal: it is written again from the journal.
  if (journal.kind === 'none' && problems[0]) return { kind: 'unreadable', message: problems[0].message };
  const services = servicesOf(journal, manifests);
  const [service, ...more] = services.keys();
  if (more.length > 0) return { kind: 'mixed', message: mixed(directory, services) };
  const fold = journal.kind === 'read' ? journal.fold : new Map<string, KeyState>();
  const records = missingRecords(fold, { manifests: manifests.map(({ manifest }) => manifest), now });
  const wrong = typeof records === 'string' ? records : foldInto(fold, records)?.problem;
  if (typeof records === 'string' || wrong !== undefined) {
    return { kind: 'unreadable', message: `${join(directory, MANIFEST)}: ${wrong}.` };
  }
  const imported = journal.kind === 'read' ? new Set(records.map(({ key }) => key)).size : 0;
  const { records: taken, elsewhere } = await reuse(fold, { ...others, now });
  const unfit = foldInto(fold, taken)?.problem;
  if (unfit !== undefined) throw new Error(`the records of other runs do not fit: ${unfit}`);
  const notices = problems.map(({ message }) => `${message} Only the journal was believed.`);
  if (imported > 0) notices.push(importNotice(imported));
  const all = [...records, ...taken];
  const begin =
    journal.kind === 'read' ? continued(path, { length: journal.length, records: all }) : begun(path, all);
  return {
    kind: 'read',
    service: service ?? null,
    fold,
    imported,
    notices,
    hasJournal: journal.kind === 'read',
    elsewhere,
    journal: ({ service: name, open = openJournalFile, permit, answers = 0 }) =>
      new Journal({
        open: () => begin(name, open),
        fold,
        permit,
        reserve: answers > 0 ? new Reserve(join(directory, RESERVE), reserved(answers)) : undefined,
      }),
  };
}

/** Other runs, and the submissions that may use their clips. */
export interface Others {
  readonly sources: readonly Source[];
  readonly submissions: readonly Submission[];
}

const NO_OTHERS: Others = { sources: [], submissions: [] };

/** The first file that names each service. */
function servicesOf(journal: ReadJournal, manifests: readonly NamedManifest[]): ReadonlyMap<string, string> {
  const named = manifests.map(({ name, manifest }) => [manifest.service, name] as const);
  const all = journal.kind === 'read' ? [[journal.service, JOURNAL] as const, ...named] : named;
  return new Map([...all].reverse());
}

function mixed(directory: string, services: ReadonlyMap<string, string>): string {
  const files = [...services].map(([service, file]) => `${file} to ${service}`).join(', ');
  return `The files in ${directory} belong to different services: ${files}. Nothing was sent. Move those away that do not belong there, or choose another folder with --out.`;
}

function repair(manifests: readonly NamedManifest[]): string {
  const [first] = manifests;
  if (!first) {
    return `Repair the line. Without ${JOURNAL}, and with no manifest here, everything would be sent and paid for again.`;
  }
  return `Rename ${JOURNAL} and leave all else where it is: the next run begins from ${first.name}, which names what was sent.`;
}

function importNotice(count: number): string {
  const what = count === 1 ? '1 submission is' : `${count} submissions are`;
  return `${what} in the manifest, but not or only in part in the journal, from which lines are missing. The manifest is believed: nothing that it names is sent again.`;
}

/** Name of the file that holds room for answers during a run. */
const RESERVE = 'journal.reserve';

/** Room for N answers, bytes: one is about 200 bytes long, a refusal with the service's message is longer. */
function reserved(answers: number): number {
  return Math.max(16_384, answers * 512);
}

type Begin = (service: string, open: OpenJournalFile) => ReturnType<OpenJournalFile>;

function continued(
  path: string,
  { length, records }: { readonly length: number; readonly records: readonly AttemptRecord[] },
): Begin {
  return async (_service, open) => {
    const file = await open(path, length);
    if (records.length > 0) {
      await file.append(Buffer.from(linesOf(records)));
      await file.sync();
    }
    return file;
  };
}

function begun(path: string, records: readonly AttemptRecord[]): Begin {
  return async (service, open) => {
    const text = linesOf([{ v: 1, type: 'open', service }, ...records]);
    // Durably, because half of the records would send the other half again.
    await writeDurably(path, text);
    return open(path, Buffer.byteLength(text));
  };
}

function linesOf(records: readonly JournalRecord[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}
