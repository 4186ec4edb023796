import { type ClipPictures, pictureCount } from '../../media/clip-pictures.js';
import { frameAt } from '../../media/frame-rate.js';
import { type FilmShape, isInTime } from './shape.js';

/** What follows what in a film; all counts are pictures at the film's rate. */
export type FilmItem = FilmClip | FilmCard;

export interface FilmClip {
  readonly kind: 'clip';
  /** What people call it: the submission's id. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  readonly pictures: ClipPictures;
  /** The part of the clip that is used: its first picture, and the one after its last. */
  readonly from: number;
  readonly to: number;
  /** How long it overlaps the item before. */
  readonly fade: number;
}

/** A card that stands for so long, without a sound. */
export interface FilmCard {
  readonly kind: 'card';
  readonly name: string;
  readonly card: CardText;
  readonly frames: number;
  readonly fade: 0;
}

/** What is on a card: the film, the shot, and what else there is to say, a line each. */
export interface CardText {
  readonly film: string;
  readonly shot: string;
  readonly lines: readonly string[];
}

/** A card, for so many seconds. */
export interface UsedCard {
  readonly name: string;
  readonly card: CardText;
  readonly seconds: number;
}

/** What the cut takes of a clip, in seconds. */
export interface Used {
  readonly name: string;
  readonly path: string;
  readonly pictures: ClipPictures;
  /** Null for all of it. */
  readonly use: readonly [number, number] | null;
  /** Seconds. */
  readonly transition: number;
}

/**
 * A clip in whole pictures of the film: what is used goes to the nearest picture, and no further than the clip has
 * pictures, however long its sound is. A crossfade takes half of either side at most. Pure.
 */
function filmClip(used: Used, shape: FilmShape, before: FilmItem | undefined): FilmClip {
  const { name, path, pictures, use, transition } = used;
  const length = lengthOf(pictures, shape);
  const from = use ? Math.min(frameAt(use[0], shape.rate), length - 1) : 0;
  const to = use ? Math.max(from + 1, Math.min(frameAt(use[1], shape.rate), length)) : length;
  // A card between two clips keeps them apart.
  const most = before?.kind === 'clip' ? Math.floor(Math.min(before.to - before.from, to - from) / 2) : 0;
  const fade = Math.min(frameAt(transition, shape.rate), most);
  return { kind: 'clip', name, path, pictures, from, to, fade };
}

/** A clip's length at the film's rate. */
function lengthOf(pictures: ClipPictures, shape: FilmShape): number {
  if (isInTime(pictures, shape)) return pictureCount(pictures);
  return Math.max(1, frameAt(pictures.seconds, shape.rate));
}

export function framesOf(item: FilmItem): number {
  return item.kind === 'card' ? item.frames : item.to - item.from;
}

/** Clips and cards as items, one after the other. Pure. */
export function filmItems(all: readonly (Used | UsedCard)[], shape: FilmShape): readonly FilmItem[] {
  const items: FilmItem[] = [];
  for (const one of all) {
    items.push('card' in one ? filmCard(one, shape) : filmClip(one, shape, items.at(-1)));
  }
  return items;
}

function filmCard({ name, card, seconds }: UsedCard, { rate }: FilmShape): FilmCard {
  return { kind: 'card', name, card, frames: Math.max(1, frameAt(seconds, rate)), fade: 0 };
}

/** Each item with the film's picture that it begins with; what fades overlaps. Pure. */
export function placed(
  items: readonly FilmItem[],
): readonly { readonly item: FilmItem; readonly at: number }[] {
  let end = 0;
  return items.map((item) => {
    const at = end - item.fade;
    end = at + framesOf(item);
    return { item, at };
  });
}

/** Pictures of the whole film. */
export function filmLength(items: readonly FilmItem[]): number {
  return items.reduce((sum, item) => sum + framesOf(item) - item.fade, 0);
}
