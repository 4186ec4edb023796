import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Manifest, ManifestEntry } from '../../manifest/manifest.js';
import { CLIPS, notFetched, type RecordedClip, recordedClips, staleIds } from '../clips/recorded-clips.js';
import { type Fold, foldInto, type KeyState } from '../journal/fold.js';
import { missingRecords } from '../journal/import-manifest.js';
import { JOURNAL, readRunState } from '../journal/run-state.js';
import { type NamedManifest, readManifests } from './manifests.js';

/** A problem with the journal, a manifest or the clips' folder. */
export interface RecordProblem {
  /** Relative to the run directory. */
  readonly file: string;
  /** Problem and next step, in sentences. */
  readonly message: string;
}

/** Expected content of a run directory, by its records, and the problems with them. */
export interface RecordAudit {
  readonly clips: readonly RecordedClip[];
  /** Submissions that are rendered for a list, but not fetched. */
  readonly notFetched: readonly KeyState[];
  readonly problems: readonly RecordProblem[];
  /** True if the clips' folder is a link: the clips behind it are not the run's. */
  readonly isLinked: boolean;
  /** Ids of submissions that are chained to a clip that was rendered again since. */
  readonly stale: readonly string[];
}

/**
 * Reads the journal and the manifests of a run directory and finds contradictions. If the journal cannot be read, the
 * clips are those of the manifests. Changes nothing and needs no lock. `now` is UTC, ISO 8601. Null if there was no run.
 */
export async function auditRecords(directory: string, now: string): Promise<RecordAudit | null> {
  const state = await readRunState(directory, now);
  const { manifests, problems } = await readManifests(directory);
  const all = manifests.map(({ manifest }) => manifest);
  const found: RecordProblem[] = problems.map(({ name, message }) => ({ file: name, message }));
  if (state.kind !== 'read' && problems.length === 0) found.push({ file: JOURNAL, message: state.message });
  if (state.kind === 'read') {
    if (state.service === null && found.length === 0) return null;
    if (state.imported > 0) found.push({ file: JOURNAL, message: lacking(state.imported) });
    if (state.hasJournal) found.push(...manifests.flatMap((one) => disagreement(one, state.fold)));
  }
  const isLinked = await isLink(join(directory, CLIPS));
  if (isLinked) found.push({ file: CLIPS, message: LINKED });
  const fold = state.kind === 'read' ? state.fold : fromManifests(all, now);
  return {
    clips: recordedClips(fold, all),
    notFetched: notFetched(fold, all),
    problems: found,
    isLinked,
    stale: staleIds(fold),
  };
}

function fromManifests(manifests: readonly Manifest[], now: string): Fold {
  const fold = new Map<string, KeyState>();
  const records = missingRecords(fold, { manifests, now });
  if (typeof records !== 'string') foldInto(fold, records);
  return fold;
}

function lacking(count: number): string {
  const what = count === 1 ? '1 submission' : `${count} submissions`;
  return `It lacks lines: the manifest knows more about ${what}. The next run adds them.`;
}

/** The problem that a manifest contradicts the journal; empty if it does not. */
function disagreement({ name, manifest }: NamedManifest, fold: Fold): readonly RecordProblem[] {
  const wrong = manifest.submissions.filter((entry) => !agrees(entry, fold.get(entry.key)));
  const [first] = wrong;
  if (!first) return [];
  const more = wrong.length === 1 ? '' : ` and ${wrong.length - 1} more`;
  const message = `It contradicts the journal about ${first.id}${more}. The journal counts; the next run writes the manifest again.`;
  return [{ file: name, message }];
}

function agrees(entry: ManifestEntry, known: KeyState | undefined): boolean {
  if (!known) return entry.state === 'planned';
  const { state, request_id, attempts } = entry;
  const outputs = known.outputs.map(({ downloadedAt: _, ...output }) => output);
  return (
    state === known.state &&
    request_id === known.requestId &&
    attempts === known.attempts &&
    isDeepStrictEqual(entry.outputs, outputs)
  );
}

const LINKED = 'It is a link, so the clips are not in the run directory. Move them into it.';

async function isLink(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null))?.isSymbolicLink() ?? false;
}
