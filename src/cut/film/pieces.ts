import type { AvcConfig } from '../../media/avc-config.js';
import type { ClipPictures } from '../../media/clip-pictures.js';
import { perSecond } from '../../media/frame-rate.js';
import type { FilmCard, FilmClip, FilmItem } from './film.js';
import { commonConfigs, type FilmShape, whyNotCopied } from './shape.js';

/** Consecutive pictures of the film that come from one place. */
export type Piece = CopiedPiece | EncodedPiece | DissolvedPiece | CardPiece;

/** Taken as they are. */
export interface CopiedPiece {
  readonly kind: 'copy';
  readonly clip: FilmClip;
  readonly frames: number;
  /** Time in the clip's file, seconds, of the picture that decoding begins with. */
  readonly start: number;
  /** For each picture in the order of decoding: its place in the piece. */
  readonly order: readonly number[];
}

/** Encoded anew: pictures of a clip, counted at the film's rate. */
export interface EncodedPiece {
  readonly kind: 'encode';
  readonly clip: FilmClip;
  readonly from: number;
  readonly frames: number;
  /** Why, in words. */
  readonly why: string;
}

/** The end of one clip dissolving into the beginning of the next. */
export interface DissolvedPiece {
  readonly kind: 'dissolve';
  readonly before: FilmClip;
  readonly clip: FilmClip;
  readonly frames: number;
}

export interface CardPiece {
  readonly kind: 'card';
  readonly card: FilmCard;
  readonly frames: number;
}

/** A film of this shape; clips with this configuration are copied. */
interface Terms {
  readonly shape: FilmShape;
  readonly config: AvcConfig | null;
}

/** The film as pieces, and what those that are copied have in common; null where none is. */
export interface Pieces {
  readonly pieces: readonly Piece[];
  readonly config: AvcConfig | null;
}

/** The film as pieces: as much as possible copied, the rest encoded. Pure. */
export function piecesOf(items: readonly FilmItem[], shape: FilmShape): Pieces {
  const clips = items.flatMap((item) => (item.kind === 'clip' ? [item.pictures] : []));
  const all = commonConfigs(clips, shape).map((config) => ({
    config,
    pieces: piecesWith(items, { shape, config }),
  }));
  // Sorting keeps the order of what is equal.
  const [best] = all.toSorted((a, b) => copied(b.pieces) - copied(a.pieces));
  if (!best) return { pieces: piecesWith(items, { shape, config: null }), config: null };
  return copied(best.pieces) > 0 ? best : { ...best, config: null };
}

/** Pictures that are taken as they are. */
function copied(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { kind, frames }) => sum + (kind === 'copy' ? frames : 0), 0);
}

function piecesWith(items: readonly FilmItem[], terms: Terms): readonly Piece[] {
  return items.flatMap((item, index): readonly Piece[] => {
    if (item.kind === 'card') return [{ kind: 'card', card: item, frames: item.frames }];
    const before = items[index - 1];
    const fadeOut = items[index + 1]?.fade ?? 0;
    const body = bodyOf(item, { from: item.from + item.fade, to: item.to - fadeOut, ...terms });
    if (item.fade === 0 || before?.kind !== 'clip') return body;
    return [{ kind: 'dissolve', before, clip: item, frames: item.fade }, ...body];
  });
}

interface Body extends Terms {
  readonly from: number;
  readonly to: number;
}

function bodyOf(clip: FilmClip, { from, to, shape, config }: Body): readonly Piece[] {
  if (to <= from) return [];
  const encoded = (start: number, end: number, why: string): readonly Piece[] =>
    end > start ? [{ kind: 'encode', clip, from: start, frames: end - start, why }] : [];
  const why = whyNotCopied(clip.pictures, { shape, config });
  if (why !== null) return encoded(from, to, why);
  const whole = copyable(clip.pictures, from, to);
  const isWhole = whole?.at === from && whole.order.length === to - from;
  // A joint between two encoders within a shot has to be worth it.
  if (!whole || (!isWhole && whole.order.length < perSecond(shape.rate))) {
    return encoded(from, to, 'it is not used from a key frame on');
  }
  const { at, start, order } = whole;
  return [
    ...encoded(from, at, 'the cut is not on a key frame'),
    { kind: 'copy', clip, frames: order.length, start, order },
    ...encoded(at + order.length, to, 'pictures at the cut need later ones'),
  ];
}

/**
 * The longest consecutive pictures between two places that can be decoded by themselves, from the earliest place on
 * where decoding can begin; null where it can begin nowhere.
 */
function copyable({ shownAt, starts }: ClipPictures, from: number, to: number) {
  for (const { place, time } of starts) {
    const at = shownAt[place] ?? 0;
    if (at < from || at >= to) continue;
    const length = closedLength(shownAt.slice(place), at, to);
    if (length === 0) continue;
    const order = shownAt.slice(place, place + length).map((shown) => shown - at);
    return { at, start: time, order };
  }
  return null;
}

/** How many pictures, in the order of decoding, are just those shown from `at` on, none of them at `to` or later. */
function closedLength(shownAt: readonly number[], at: number, to: number): number {
  let best = 0;
  let last = at - 1;
  for (const [index, shown] of shownAt.entries()) {
    // Shown before the picture it is decoded after: it needs what went before.
    if (shown < at) break;
    last = Math.max(last, shown);
    if (last >= to) break;
    if (last - at === index) best = index + 1;
  }
  return best;
}
