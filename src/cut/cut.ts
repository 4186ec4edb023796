import { type FetchedClip, fetchedClip, type Manifest, type ManifestEntry } from '../manifest/manifest.js';

/** The film in list order, as far as its clips are here. */
export interface Cut {
  readonly pieces: readonly CutPiece[];
  /** Chosen, and not rendered or not here. */
  readonly missing: readonly ManifestEntry[];
  /** Both, in list order. */
  readonly all: readonly (CutPiece | CutGap)[];
}

/** Where a clip is missing. */
export interface CutGap {
  readonly entry: ManifestEntry;
  readonly clip: null;
  /** What the cut would take of it, seconds. */
  readonly from: number;
  readonly to: number;
}

/** What the cut takes of one clip. */
export interface CutPiece {
  readonly entry: ManifestEntry;
  readonly clip: FetchedClip;
  /** Seconds into the clip; `to` is at most the clip's own length. */
  readonly from: number;
  readonly to: number;
  /** The crossfade from the piece before, seconds; 0 for a plain cut and for the first. */
  readonly transition: number;
}

/**
 * The chosen takes' `use` ranges in list order. `wanted` says which submissions are meant, all unless said. A part of a
 * split shot that lies outside its `use` is left out. A crossfade takes at most half of what is used of either side. Pure.
 */
export function cutOf(manifest: Manifest, wanted: (entry: ManifestEntry) => boolean = () => true): Cut {
  const pieces: CutPiece[] = [];
  const all: (CutPiece | CutGap)[] = [];
  for (const entry of manifest.submissions.filter((one) => one.selected && wanted(one))) {
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

/** Seconds of the whole cut: crossfades overlap. */
export function cutLength({ pieces }: Pick<Cut, 'pieces'>): number {
  return pieces.reduce((sum, { from, to, transition }) => sum + to - from - transition, 0);
}
