import type { PageData, PagePart, PageScene, PageShot, PageTake, PageVariant } from '../page-data.js';
import type { Choices } from './choices.js';

/** A shot of the page, with facts that filters and views often need. */
export interface Shot {
  readonly shot: PageShot;
  readonly scene: PageScene;
  /** Position on the page, from 0. */
  readonly index: number;
  readonly parts: readonly PagePart[];
  readonly states: ReadonlySet<PagePart['state']>;
  readonly isFlagged: boolean;
  readonly takes: number;
  /** Text that a search looks in, in lower case. */
  readonly searchText: string;
}

/** Shots of the page in story order. */
export function shotsOf(data: PageData): readonly Shot[] {
  const all = data.scenes.flatMap((scene) => scene.shots.map((shot) => ({ scene, shot })));
  return all.map(({ scene, shot }, index) => {
    const parts = shot.variants.flatMap(({ takes }) => takes.flatMap((take) => take.parts));
    return {
      shot,
      scene,
      index,
      parts,
      states: new Set(parts.map(({ state }) => state)),
      isFlagged: parts.some(({ flags }) => flags.length > 0),
      takes: Math.max(...shot.variants.map(({ takes }) => takes.length)),
      searchText: searchTextOf(shot, scene, parts),
    };
  });
}

function searchTextOf({ id, notes }: PageShot, scene: PageScene, parts: readonly PagePart[]): string {
  const texts = parts.flatMap(({ id: part, prompt, segments, model, key, request, error, flags }) => {
    const prompts = [prompt, ...segments.map((segment) => segment.prompt)];
    return [part, model, key, request, error, ...prompts, ...flags];
  });
  const unique = new Set([id, notes, scene.id, scene.title, ...texts]);
  return [...unique].join('\n').toLowerCase();
}

/** Take of a variant that the cut uses; a choice on the page overrides the list. */
export function chosenTake({ takes }: PageVariant, choice: number | undefined): PageTake | undefined {
  return takes.find((take) => take.take === choice) ?? takes.find(({ selected }) => selected) ?? takes[0];
}

/** Length of a take in seconds; a part without a clip counts with the length asked for. */
export function takeLength({ parts }: PageTake): number {
  return parts.reduce((sum, part) => sum + partLength(part), 0);
}

/** Length of a part's clip in seconds; without a clip, the length asked for. */
export function partLength({ clip, seconds }: PagePart): number {
  return clip?.media.duration ?? seconds;
}

/** A clip of the cut. All times are seconds. */
export interface Piece {
  readonly shot: Shot;
  readonly part: PagePart;
  /** Time in the film at which the piece begins. */
  readonly at: number;
  /** Range of the clip that the cut uses. */
  readonly from: number;
  readonly to: number;
  /** Length of the whole clip. */
  readonly length: number;
  /** Length of the crossfade from the piece before. */
  readonly transition: number;
}

/**
 * Lays out the chosen takes in list order; a choice on the page overrides the list. A part without a clip takes the length
 * asked for. The rules are those of `cutOf`. Pure.
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

/** Time in the film at which a piece ends, seconds. */
export function endOf({ at, from, to }: Piece): number {
  return at + to - from;
}

/** Length of the whole film in seconds. */
export function filmLength(pieces: readonly Piece[]): number {
  const last = pieces.at(-1);
  return last ? endOf(last) : 0;
}
