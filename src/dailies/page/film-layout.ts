import type { PagePart } from '../page-data.js';
import type { Choices } from './choices.js';
import { chosenTake, partLength, type Shot } from './film.js';

/** A clip of the cut in the film's time, seconds. */
export interface Piece {
  readonly shot: Shot;
  readonly part: PagePart;
  /** Where the cut begins to use it. */
  readonly at: number;
  /** Into the clip: what the cut uses. */
  readonly from: number;
  readonly to: number;
  /** The clip's whole length; what `from` and `to` leave over are its handles. */
  readonly length: number;
  /** The crossfade from the piece before. */
  readonly transition: number;
}

/**
 * The chosen takes in list order, to scale, with what was chosen on the page before what the list says. What is not
 * rendered stands with the length asked for. The rules are those of `cutOf`. Pure.
 */
export function layOut(shots: readonly Shot[], choices: Choices): readonly Piece[] {
  const pieces: Piece[] = [];
  for (const shot of shots) {
    const choice = shot.shot.line ? choices.takes.get(shot.shot.line.id) : undefined;
    const takes = shot.shot.variants.map((variant) => chosenTake(variant, choice));
    for (const part of takes.flatMap((take) => take?.parts ?? [])) {
      const piece = pieceOf({ shot, part, before: pieces.at(-1) });
      if (piece) pieces.push(piece);
    }
  }
  return pieces;
}

function pieceOf({
  shot,
  part,
  before,
}: {
  readonly shot: Shot;
  readonly part: PagePart;
  readonly before: Piece | undefined;
}): Piece | null {
  const length = partLength(part);
  const [from, end] = part.use ?? [0, length];
  const to = Math.min(end, length);
  if (from >= to) return null;
  const most = before ? Math.min(before.to - before.from, to - from) / 2 : 0;
  const transition = Math.min(part.transition, most);
  const at = before ? endOf(before) - transition : 0;
  return { shot, part, at, from, to, length, transition };
}

/** Where the cut leaves a piece, seconds into the film. */
export function endOf({ at, from, to }: Piece): number {
  return at + to - from;
}

/** Seconds of the whole film. */
export function filmLength(pieces: readonly Piece[]): number {
  const last = pieces.at(-1);
  return last ? endOf(last) : 0;
}
