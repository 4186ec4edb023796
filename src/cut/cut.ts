import {
  type FetchedClip,
  fetchedClip,
  fetchedClips,
  type Manifest,
  type ManifestEntry,
} from '../manifest/manifest.js';

/** The film in list order. */
export interface Cut {
  /** Clips that are here. */
  readonly pieces: readonly CutPiece[];
  /** Chosen submissions without a usable clip. */
  readonly missing: readonly ManifestEntry[];
  /** Pieces and gaps, in list order. */
  readonly all: readonly (CutPiece | CutGap)[];
}

/** Place of a missing clip. */
export interface CutGap {
  readonly entry: ManifestEntry;
  readonly clip: null;
  /** Range that the cut would use, seconds. */
  readonly from: number;
  readonly to: number;
}

/** Range of a clip that the cut uses. */
export interface CutPiece {
  readonly entry: ManifestEntry;
  readonly clip: FetchedClip;
  /** Range in seconds; `to` is at most the length of the clip. */
  readonly from: number;
  readonly to: number;
  /** Length of the crossfade from the piece before, seconds; 0 for a plain cut and for the first piece. */
  readonly transition: number;
}

/**
 * Makes the cut from the `use` ranges of the chosen takes, in list order. `isWanted` limits the submissions. Parts of a split
 * shot outside its `use` are left out. A crossfade takes at most half of the range on either side. Pure.
 */
export function cutOf(manifest: Manifest, isWanted: (entry: ManifestEntry) => boolean = () => true): Cut {
  const pieces: CutPiece[] = [];
  const all: (CutPiece | CutGap)[] = [];
  for (const entry of manifest.submissions.filter((one) => one.selected && isWanted(one))) {
    if (entry.use && entry.use[1] <= entry.use[0]) continue;
    const clip = fetchedClip(entry);
    const { duration = 0 } = clip?.media ?? {};
    const [from, end] = entry.use ?? [0, duration];
    const to = Math.min(end, duration);
    if (!clip || from >= to) {
      all.push({ entry, clip: null, from, to: entry.use ? end : entry.seconds });
      continue;
    }
    const before = pieces.at(-1);
    const most = before ? Math.min(before.to - before.from, to - from) / 2 : 0;
    const piece = { entry, clip, from, to, transition: Math.min(entry.transition, most) };
    pieces.push(piece);
    all.push(piece);
  }
  const missing = all.filter(({ clip }) => clip === null).map(({ entry }) => entry);
  return { pieces, missing, all };
}

/** Reason why a clip is missing, as the user reads it. */
export function whyMissing(entry: Pick<ManifestEntry, 'state' | 'outputs'>): string {
  if (entry.state === 'done' && !fetchedClip(entry))
    return fetchedClips(entry).length > 0
      ? 'what the service sent is no video'
      : 'rendered, but its clip is not here';
  return REASONS[entry.state];
}

const REASONS: Readonly<Record<ManifestEntry['state'], string>> = {
  planned: 'not rendered yet',
  refused: 'not rendered: the service refused it',
  submitted: 'still with the service',
  completed: 'rendered, but not fetched',
  done: 'its clip ends before its `use` begins',
  failed: 'failed',
  cancelled: 'cancelled',
  unknown: 'unknown: see shotlist resolve',
};
