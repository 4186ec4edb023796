import type { PageData, PagePart, PageScene, PageShot, PageTake, PageVariant } from '../page-data.js';

/** A shot of the page, with what is asked of it again and again. */
export interface Shot {
  readonly shot: PageShot;
  readonly scene: PageScene;
  /** Counts the page's shots from 0. */
  readonly index: number;
  readonly parts: readonly PagePart[];
  readonly states: ReadonlySet<PagePart['state']>;
  readonly isFlagged: boolean;
  readonly takes: number;
  /** What a search looks in: lower case. */
  readonly words: string;
}

/** The page's shots in story order. */
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
      words: wordsOf(shot, scene, parts),
    };
  });
}

function wordsOf({ id, notes }: PageShot, scene: PageScene, parts: readonly PagePart[]): string {
  const said = parts.flatMap(({ id: part, prompt, segments, model, key, request, error, flags }) => [
    ...[part, prompt, model, key, request, error],
    ...[...flags, ...segments.map((segment) => segment.prompt)],
  ]);
  const unique = new Set([id, notes, scene.id, scene.title, ...said]);
  return [...unique].join('\n').toLowerCase();
}

/** The take of a variant that the cut uses, with what was chosen on the page before what the list says. */
export function chosenTake({ takes }: PageVariant, choice: number | undefined): PageTake | undefined {
  return takes.find((take) => take.take === choice) ?? takes.find(({ selected }) => selected) ?? takes[0];
}

/** Seconds of a take: its clips' own where they are here, else what was asked for. */
export function lengthOf({ parts }: PageTake): number {
  return parts.reduce((sum, part) => sum + partLength(part), 0);
}

/** Seconds of one clip, or of what was asked for. */
export function partLength({ clip, seconds }: PagePart): number {
  return clip?.media.duration ?? seconds;
}
