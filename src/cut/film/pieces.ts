import type { AvcConfig } from '../../media/avc-config.js';
import type { ClipPictures } from '../../media/clip-pictures.js';
import { perSecond } from '../../media/frame-rate.js';
import type { FilmCard, FilmClip, FilmItem } from './film.js';
import { commonConfigs, type FilmShape, whyNotCopied } from './shape.js';

/** Consecutive frames of the film that are made in one way. */
export type Piece = CopiedPiece | EncodedPiece | DissolvedPiece | CardPiece;

/** Frames that are copied without encoding. */
export interface CopiedPiece {
  readonly kind: 'copy';
  readonly clip: FilmClip;
  readonly frames: number;
  /** Time in the clip's file of the first frame to decode, seconds. */
  readonly start: number;
  /** Positions in the piece of the frames, in decoding order. */
  readonly order: readonly number[];
}

/** Frames of a clip that are encoded again, counted at the film's rate. */
export interface EncodedPiece {
  readonly kind: 'encode';
  readonly clip: FilmClip;
  readonly from: number;
  readonly frames: number;
  /** Reason, as the user reads it. */
  readonly why: string;
}

/** A crossfade from the end of one clip to the start of the next. */
export interface DissolvedPiece {
  readonly kind: 'dissolve';
  readonly before: FilmClip;
  readonly clip: FilmClip;
  readonly frames: number;
}

/** Frames of a card. */
export interface CardPiece {
  readonly kind: 'card';
  readonly card: FilmCard;
  readonly frames: number;
}

/** Shape of the film, and configuration of the clips that are copied. */
interface FilmFormat {
  readonly shape: FilmShape;
  readonly config: AvcConfig | null;
}

/** Pieces of a film, and the configuration of the copied ones; null if none is copied. */
export interface Pieces {
  readonly pieces: readonly Piece[];
  readonly config: AvcConfig | null;
}

/** Divides a film into pieces, so that as many frames as possible are copied. Pure. */
export function piecesOf(items: readonly FilmItem[], shape: FilmShape): Pieces {
  const clips = items.flatMap((item) => (item.kind === 'clip' ? [item.pictures] : []));
  const all = commonConfigs(clips, shape).map((config) => ({
    config,
    pieces: piecesWith(items, { shape, config }),
  }));
  // The sort is stable, so the first of equal candidates wins.
  const [best] = all.toSorted((a, b) => copiedFrames(b.pieces) - copiedFrames(a.pieces));
  if (!best) return { pieces: piecesWith(items, { shape, config: null }), config: null };
  return copiedFrames(best.pieces) > 0 ? best : { ...best, config: null };
}

/** Number of copied frames. */
function copiedFrames(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { kind, frames }) => sum + (kind === 'copy' ? frames : 0), 0);
}

function piecesWith(items: readonly FilmItem[], format: FilmFormat): readonly Piece[] {
  return items.flatMap((item, index): readonly Piece[] => {
    if (item.kind === 'card') return [{ kind: 'card', card: item, frames: item.frames }];
    const before = items[index - 1];
    const fadeOut = items[index + 1]?.fade ?? 0;
    const body = bodyOf(item, { from: item.from + item.fade, to: item.to - fadeOut, ...format });
    if (item.fade === 0 || before?.kind !== 'clip') return body;
    return [{ kind: 'dissolve', before, clip: item, frames: item.fade }, ...body];
  });
}

interface Body extends FilmFormat {
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
  // Two encoders in one shot are worth it only for a second or more of copied frames.
  if (!whole || (!isWhole && whole.order.length < perSecond(shape.rate))) {
    return encoded(from, to, 'it is not used from a key frame on');
  }
  const { at, start, order } = whole;
  return [
    ...encoded(from, at, 'the cut is not on a key frame'),
    { kind: 'copy', clip, frames: order.length, start, order },
    ...encoded(at + order.length, to, 'frames at the cut need later ones'),
  ];
}

/**
 * Longest run of frames between two positions that can be decoded alone, from the first possible start on; null if decoding
 * can start nowhere in between.
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

/** Number of frames in decoding order that are exactly those shown from `at` on, and all before `to`. */
function closedLength(shownAt: readonly number[], at: number, to: number): number {
  let best = 0;
  let last = at - 1;
  for (const [index, shown] of shownAt.entries()) {
    // A frame shown before `at` needs earlier frames.
    if (shown < at) break;
    last = Math.max(last, shown);
    if (last >= to) break;
    if (last - at === index) best = index + 1;
  }
  return best;
}
