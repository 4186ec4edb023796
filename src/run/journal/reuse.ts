import { join } from 'node:path';
import { asFetched, type Manifest, type ManifestEntry } from '../../manifest/manifest.js';
import type { RecordedFile } from '../../manifest/verify.js';
import { LISTED, pick, type Submission } from '../../plan/submission.js';
import { plainFile } from '../directory/sweep.js';
import type { Fold, KeyState } from './fold.js';
import { entryRecords } from './import-manifest.js';
import type { AttemptRecord } from './record.js';

/** A manifest of another run, whose clips may be used. */
export interface Source {
  /** Absolute path of its run directory. */
  readonly directory: string;
  readonly manifest: Manifest;
}

/** Clips in other run directories, by key and in the order of the outputs; null for an output without a clip. */
export type Elsewhere = ReadonlyMap<string, readonly ((RecordedFile & { readonly path: string }) | null)[]>;

export interface Reused {
  /** Records for the journal of this run. */
  readonly records: readonly AttemptRecord[];
  readonly elsewhere: Elsewhere;
}

/**
 * Finds what a plan can use of other runs. A submission that is rendered or with the service there is not sent again; one
 * that is unknown or failed there is so here. A rehearsal gives only clips that are on disk: its requests mean nothing
 * outside its directory.
 */
export async function reuse(
  fold: Fold,
  options: {
    readonly sources: readonly Source[];
    readonly submissions: readonly Submission[];
    readonly now: string;
  },
): Promise<Reused> {
  const { sources, submissions, now } = options;
  const records: AttemptRecord[] = [];
  const elsewhere = new Map<string, readonly ((RecordedFile & { path: string }) | null)[]>();
  const best = bestEntries(sources);
  for (const submission of submissions) {
    const { key } = submission;
    const found = best.get(key);
    const known = fold.get(key);
    if (!found || elsewhere.has(key) || !knowsMore(found.entry, known)) continue;
    const clips = await clipsOf(found);
    if (found.manifest.service === 'local' && (clips.length === 0 || clips.includes(null))) continue;
    const own = entryRecords(asOurs(found.entry, { submission, known }), now);
    if (typeof own === 'string') continue;
    elsewhere.set(key, clips);
    records.push(...own.filter(({ type }) => type !== 'downloaded'));
  }
  return { records, elsewhere };
}

interface Found extends Source {
  readonly entry: ManifestEntry;
}

/** States by how strongly they forbid sending it again, weakest first. Attempts cannot be compared between runs. */
const WEIGHT: readonly ManifestEntry['state'][] = [
  'planned',
  'refused',
  'cancelled',
  'failed',
  'unknown',
  'submitted',
  'completed',
  'done',
];

/** The entry of each key with the greatest weight; the first of equal ones. */
function bestEntries(sources: readonly Source[]): ReadonlyMap<string, Found> {
  const best = new Map<string, Found>();
  for (const source of sources) {
    for (const entry of [...source.manifest.submissions, ...source.manifest.unlisted]) {
      const other = best.get(entry.key);
      if (!other || weightOf(entry) > weightOf(other.entry)) best.set(entry.key, { ...source, entry });
    }
  }
  return best;
}

function weightOf({ state }: ManifestEntry): number {
  return WEIGHT.indexOf(state);
}

const TAKEN: ReadonlySet<ManifestEntry['state']> = new Set(['submitted', 'completed', 'done']);
/** States that are final, or for a person to settle, in the other run as in this one. */
const FINAL: ReadonlySet<ManifestEntry['state']> = new Set(['failed', 'unknown']);
const NOTHING_SENT: ReadonlySet<KeyState['state']> = new Set(['planned', 'refused', 'cancelled']);

/** True if an entry knows more than this run does. */
function knowsMore({ state }: ManifestEntry, known: KeyState | undefined): boolean {
  const own = known?.state ?? 'planned';
  if (NOTHING_SENT.has(own)) return TAKEN.has(state) || FINAL.has(state);
  return own === 'failed' && TAKEN.has(state);
}

async function clipsOf({
  directory,
  entry,
}: Found): Promise<readonly ((RecordedFile & { path: string }) | null)[]> {
  return Promise.all(
    entry.outputs.map(async (output) => {
      const clip = asFetched(output);
      const there = clip && (await plainFile(directory, clip.file).catch(() => null));
      return clip && there?.bytes === clip.bytes ? { ...clip, path: join(directory, clip.file) } : null;
    }),
  );
}

const NO_COST = { estimate: 0, actual: 0 };

/** The entry as one more attempt of this run, with the listed fields of the plan. */
function asOurs(
  entry: ManifestEntry,
  { submission, known }: { readonly submission: Submission; readonly known: KeyState | undefined },
): ManifestEntry {
  // The other run's manifest has its cost. An attempt without a result may still cost something.
  const mayCost = entry.state === 'submitted' || entry.state === 'unknown';
  const cost = mayCost ? { estimate: entry.cost.estimate, actual: entry.cost.actual } : NO_COST;
  return { ...entry, ...pick(submission, LISTED), cost, attempts: (known?.attempts ?? 0) + 1 };
}
