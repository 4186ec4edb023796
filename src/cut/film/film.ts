import { type ClipPictures, pictureCount } from '../../media/clip-pictures.js';
import { frameAt, perSecond } from '../../media/frame-rate.js';
import { type FilmShape, hasRate } from './shape.js';

/** Part of a film. All counts are frames at the film's rate. */
export type FilmItem = FilmClip | FilmCard;

/** A clip in a film. */
export interface FilmClip {
  readonly kind: 'clip';
  /** Id of the submission. */
  readonly name: string;
  /** Absolute path. */
  readonly path: string;
  readonly pictures: ClipPictures;
  /** Range of the clip that is used: its first frame, and the frame after its last. */
  readonly from: number;
  readonly to: number;
  /** Length of the crossfade from the item before. */
  readonly fade: number;
}

/** A silent card. */
export interface FilmCard {
  readonly kind: 'card';
  readonly name: string;
  readonly card: CardText;
  readonly frames: number;
  readonly fade: 0;
}

/** Text of a card: the film, the shot, and further lines. */
export interface CardText {
  readonly film: string;
  readonly shot: string;
  readonly lines: readonly string[];
}

/** A card with its text. */
export interface UsedCard extends WantedCard {
  readonly name: string;
  readonly card: CardText;
}

/** A clip of the cut with its file. */
export interface UsedClip extends WantedClip {
  readonly name: string;
  readonly path: string;
}

/** Frames of an item. */
export function framesOf(item: FilmItem): number {
  return item.kind === 'card' ? item.frames : item.to - item.from;
}

/** Converts clips and cards to the items of a film, in order. Pure. */
export function filmItems(all: readonly (UsedClip | UsedCard)[], shape: FilmShape): readonly FilmItem[] {
  const rounded = roundToFrames(all, shape);
  return all.flatMap((one, index): readonly FilmItem[] => {
    const frames = rounded[index];
    if (!frames) return [];
    if (one.kind === 'clip') {
      const { kind, name, path, pictures } = one;
      return [{ kind, name, path, pictures, ...frames }];
    }
    return [{ kind: 'card', name: one.name, card: one.card, frames: frames.to - frames.from, fade: 0 }];
  });
}

/** Items with the frame of the film at which each begins. Pure. */
export function placeItems(
  items: readonly FilmItem[],
): readonly { readonly item: FilmItem; readonly at: number }[] {
  let end = 0;
  return items.map((item) => {
    const at = end - item.fade;
    end = at + framesOf(item);
    return { item, at };
  });
}

/** Frames of the whole film. */
export function filmLength(items: readonly FilmItem[]): number {
  return items.reduce((sum, item) => sum + framesOf(item) - item.fade, 0);
}

/** A clip or card that a film is to use; all lengths are seconds. */
export type Wanted = WantedClip | WantedCard;

/** A clip that a film is to use. */
export interface WantedClip {
  readonly kind: 'clip';
  readonly pictures: ClipPictures;
  /** Range to use; null for the whole clip. */
  readonly use: readonly [number, number] | null;
  /** Length of the crossfade from the clip before. */
  readonly transition: number;
}

/** A slate before a shot, or a gap for a missing clip. */
export interface WantedCard {
  readonly kind: 'slate' | 'gap';
  readonly seconds: number;
  readonly transition: number;
}

/** Frames that a film uses of an item, at the film's rate: the first, the one after the last, and the crossfade before. */
export interface UsedFrames {
  readonly from: number;
  readonly to: number;
  readonly fade: number;
}

/** One frame, minus the error of floating point. */
const WHOLE_FRAME = 1 - 1e-6;

/**
 * Rounds the range of each clip to frames, within the frames that the clip has. When the rounding errors add up to a frame,
 * the next possible clip gets one frame more or fewer, so that the film never differs from its ranges by a whole frame. A
 * crossfade takes at most half of either side. Slates have no crossfade; a gap is shortened by it instead. Pure.
 */
export function roundToFrames(all: readonly Wanted[], shape: FilmShape): readonly UsedFrames[] {
  const rounded: UsedFrames[] = [];
  // Frames that the film lacks so far; negative if it has too many.
  let owed = 0;
  for (const [index, one] of all.entries()) {
    const last = rounded.at(-1) ?? NOTHING;
    const before = all[index - 1]?.kind ?? 'slate';
    const whole = one.kind === 'clip' ? clipFrames(one, shape) : cardFrames(one, shape);
    const most =
      before === 'slate' || one.kind === 'slate' ? 0 : Math.min(frameCount(last), frameCount(whole)) / 2;
    const overlap = Math.min(frameAt(one.transition, shape.rate), Math.floor(most));
    if (before === 'gap') rounded.splice(-1, 1, { ...last, to: last.to - overlap });
    if (one.kind !== 'clip') {
      rounded.push({ from: 0, to: one.kind === 'gap' ? whole.to - overlap : whole.to, fade: 0 });
      continue;
    }
    const isFade = before === 'clip';
    if (isFade) owed += overlap - Math.min(one.transition * perSecond(shape.rate), most);
    owed += whole.exactly - frameCount(whole);
    const corrected = correctedRange(whole, owed);
    owed += frameCount(whole) - frameCount(corrected);
    rounded.push({ ...corrected, fade: isFade ? overlap : 0 });
  }
  return rounded;
}

const NOTHING: UsedFrames = { from: 0, to: 0, fade: 0 };

type Frames = Pick<UsedFrames, 'from' | 'to'>;

function frameCount({ from, to }: Frames): number {
  return to - from;
}

/** Frames of a card; they do not count as rounding errors. */
function cardFrames({ seconds }: WantedCard, { rate }: FilmShape): Rounded {
  const frames = Math.max(1, frameAt(seconds, rate));
  return { from: 0, to: frames, exactly: frames, all: frames };
}

/** Range of a clip, rounded to frames. */
interface Rounded extends Frames {
  /** Length before rounding, frames. */
  readonly exactly: number;
  /** Frames of the whole clip. */
  readonly all: number;
}

function clipFrames({ pictures, use }: WantedClip, shape: FilmShape): Rounded {
  const rate = perSecond(shape.rate);
  const isEven = hasRate(pictures, shape);
  const all = isEven ? pictureCount(pictures) : Math.max(1, frameAt(pictures.seconds, shape.rate));
  // The container may round the length, so that the frame count is more exact.
  const end = isEven ? all : pictures.seconds * rate;
  const [begins, ends] = use ? use.map((time) => Math.min(time * rate, end)) : [0, end];
  const from = Math.min(Math.round(begins ?? 0), all - 1);
  const to = Math.max(from + 1, Math.min(Math.round(ends ?? end), all));
  return { from, to, exactly: (ends ?? end) - (begins ?? 0), all };
}

/** The range with one frame more or fewer, if the film is a frame too short or too long and the clip allows it. */
function correctedRange({ from, to, all }: Rounded, owed: number): Frames {
  if (owed >= WHOLE_FRAME) return to < all ? { from, to: to + 1 } : { from: Math.max(0, from - 1), to };
  return owed <= -WHOLE_FRAME && to - from > 1 ? { from, to: to - 1 } : { from, to };
}
