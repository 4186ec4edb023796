import { join } from 'node:path';
import { asFetched, type Manifest, type ManifestEntry } from '../../manifest/manifest.js';
import type { RecordedFile } from '../../manifest/verify.js';
import { LISTED, pick, type Submission } from '../../plan/submission.js';
import { plainFile } from '../directory/sweep.js';
import type { Fold, KeyState } from './fold.js';
import { entryRecords } from './import-manifest.js';
import type { AttemptRecord } from './record.js';

/** A manifest of another run, whose clips may be taken over. */
export interface Source {
  /** Absolute path of its run directory. */
  readonly directory: string;
  readonly manifest: Manifest;
}

/** Clips of one key by the place of their output, as they lie elsewhere; null where one does not. */
export type Elsewhere = ReadonlyMap<string, readonly ((RecordedFile & { readonly path: string }) | null)[]>;

export interface Reused {
  /** What is to stand in the journal of this run. */
  readonly records: readonly AttemptRecord[];
  readonly elsewhere: Elsewhere;
}

/**
 * What a plan takes over from other runs: what they name as rendered or with the service is not sent again, and what is
 * unknown or failed there is so here. Of a rehearsal only clips that are there: its requests are nobody else's.
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
    if (!found || elsewhere.has(key) || !isNews(found.entry, known)) continue;
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

/** What speaks more against sending it again stands later; runs that are not each other's count attempts of their own. */
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

/** Of each key the entry that weighs most; the first of several. */
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
/** Sent once, and nothing to show for it: final, or for a person to settle, in the other run as in this one. */
const FINAL: ReadonlySet<ManifestEntry['state']> = new Set(['failed', 'unknown']);
const NOTHING_SENT: ReadonlySet<KeyState['state']> = new Set(['planned', 'refused', 'cancelled']);

/** Whether an entry knows more than this run does. */
function isNews({ state }: ManifestEntry, known: KeyState | undefined): boolean {
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

/** The entry as a further attempt of this run, under the names that the plan gives it. */
function asOurs(
  entry: ManifestEntry,
  { submission, known }: { readonly submission: Submission; readonly known: KeyState | undefined },
): ManifestEntry {
  // Its cost stands in the manifest of the run that paid it; what is still with the service may yet cost.
  const mayCost = entry.state === 'submitted' || entry.state === 'unknown';
  const cost = mayCost ? { estimate: entry.cost.estimate, actual: entry.cost.actual } : NO_COST;
  return { ...entry, ...pick(submission, LISTED), cost, attempts: (known?.attempts ?? 0) + 1 };
}
