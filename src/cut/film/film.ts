import { type ClipPictures, pictureCount } from '../../media/clip-pictures.js';
import { frameAt, perSecond } from '../../media/frame-rate.js';
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

/** What a film is to take of one thing after another, in seconds. */
export type Wanted = WantedClip | WantedCard;

export interface WantedClip {
  readonly kind: 'clip';
  readonly pictures: ClipPictures;
  /** Null for all of it. */
  readonly use: readonly [number, number] | null;
  /** The crossfade from what is before it. */
  readonly transition: number;
}

/** A slate stands by itself; a gap, for a shot that is not here. */
export interface WantedCard {
  readonly kind: 'slate' | 'gap';
  readonly seconds: number;
  readonly transition: number;
}

/** The same in pictures at the film's rate: the first, the one after the last, and how long it fades in over the one before. */
export interface Taken {
  readonly from: number;
  readonly to: number;
  readonly fade: number;
}

/** Rounding that adds up to a whole picture, but for what floating point makes of it. */
const WHOLE = 1 - 1e-6;

/**
 * What a film takes of each, to the nearest picture, and no further than a clip has pictures, however long its sound is.
 * Where rounding has added up to a picture, the next clip that can gives or takes one: however many the cuts, the film is
 * less than a picture off its ranges. A crossfade takes half of either side at most; beside a slate there is none, and a
 * gap is shorter by it instead. Pure.
 */
export function takeFrames(all: readonly Wanted[], shape: FilmShape): readonly Taken[] {
  const taken: Taken[] = [];
  // Pictures that the film still owes its ranges; below zero it has too many.
  let owed = 0;
  for (const [index, one] of all.entries()) {
    const last = taken.at(-1) ?? NOTHING;
    const before = all[index - 1]?.kind ?? 'slate';
    const whole = one.kind === 'clip' ? inPictures(one, shape) : cardFrames(one, shape);
    const most = before === 'slate' || one.kind === 'slate' ? 0 : Math.min(count(last), count(whole)) / 2;
    const overlap = Math.min(frameAt(one.transition, shape.rate), Math.floor(most));
    if (before === 'gap') taken.splice(-1, 1, { ...last, to: last.to - overlap });
    if (one.kind !== 'clip') {
      taken.push({ from: 0, to: one.kind === 'gap' ? whole.to - overlap : whole.to, fade: 0 });
      continue;
    }
    const isFade = before === 'clip';
    if (isFade) owed += overlap - Math.min(one.transition * perSecond(shape.rate), most);
    owed += whole.exactly - count(whole);
    const made = madeUp(whole, owed);
    owed += count(whole) - count(made);
    taken.push({ ...made, fade: isFade ? overlap : 0 });
  }
  return taken;
}

const NOTHING: Taken = { from: 0, to: 0, fade: 0 };

type Frames = Pick<Taken, 'from' | 'to'>;

function count({ from, to }: Frames): number {
  return to - from;
}

/** A card is as long as it looks right; no clip makes up for that. */
function cardFrames({ seconds }: WantedCard, { rate }: FilmShape): Rounded {
  const frames = Math.max(1, frameAt(seconds, rate));
  return { from: 0, to: frames, exactly: frames, all: frames };
}

/** What is used of a clip to the nearest picture, how long that is exactly, and how many pictures there are. */
interface Rounded extends Frames {
  readonly exactly: number;
  readonly all: number;
}

function inPictures({ pictures, use }: WantedClip, shape: FilmShape): Rounded {
  const rate = perSecond(shape.rate);
  const isEven = isInTime(pictures, shape);
  const all = isEven ? pictureCount(pictures) : Math.max(1, frameAt(pictures.seconds, shape.rate));
  // The pictures of a clip in time are its length: what its container says may be rounded.
  const end = isEven ? all : pictures.seconds * rate;
  const [begins, ends] = use ? use.map((time) => Math.min(time * rate, end)) : [0, end];
  const from = Math.min(Math.round(begins ?? 0), all - 1);
  const to = Math.max(from + 1, Math.min(Math.round(ends ?? end), all));
  return { from, to, exactly: (ends ?? end) - (begins ?? 0), all };
}

/** A picture more or less, where the film has come to owe one, or to have one too many, and the clip has it to give. */
function madeUp({ from, to, all }: Rounded, owed: number): Frames {
  if (owed >= WHOLE) return to < all ? { from, to: to + 1 } : { from: Math.max(0, from - 1), to };
  return owed <= -WHOLE && to - from > 1 ? { from, to: to - 1 } : { from, to };
}
