import type { ClipPictures } from '../../media/clip-pictures.js';
import type { FilmShape } from './shape.js';
import { takeFrames, type WantedCard, type WantedClip } from './take-frames.js';

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

/** A card, and what it stands for. */
export interface UsedCard extends WantedCard {
  readonly name: string;
  readonly card: CardText;
}

/** What the cut takes of a clip. */
export interface Used extends WantedClip {
  readonly name: string;
  readonly path: string;
}

export function framesOf(item: FilmItem): number {
  return item.kind === 'card' ? item.frames : item.to - item.from;
}

/** Clips and cards as items, one after the other. Pure. */
export function filmItems(all: readonly (Used | UsedCard)[], shape: FilmShape): readonly FilmItem[] {
  const taken = takeFrames(all, shape);
  return all.flatMap((one, index): readonly FilmItem[] => {
    const frames = taken[index];
    if (!frames) return [];
    if (one.kind === 'clip') {
      const { kind, name, path, pictures } = one;
      return [{ kind, name, path, pictures, ...frames }];
    }
    return [{ kind: 'card', name: one.name, card: one.card, frames: frames.to - frames.from, fade: 0 }];
  });
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
