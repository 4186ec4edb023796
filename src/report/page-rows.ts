import type { PageData, PagePart, PageShot } from './page-data.js';

/** A submission with what stands around it. */
export interface PageRow {
  readonly scene: string | null;
  readonly sceneTitle: string | null;
  readonly shot: PageShot;
  /** The variant's id; the shot's own where it has none. */
  readonly id: string;
  readonly take: number;
  readonly takes: number;
  readonly selected: boolean;
  /** Counts the parts of a split shot from 1; null where it is whole. */
  readonly part: number | null;
  readonly of: PagePart;
}

/** Every submission of the list, in its order: a page as rows. */
export function pageRows({ scenes }: PageData): readonly PageRow[] {
  return scenes.flatMap(({ id: scene, title: sceneTitle, shots }) =>
    shots.flatMap((shot) =>
      shot.variants.flatMap(({ id, takes }) =>
        takes.flatMap(({ take, selected, parts }) =>
          parts.map((of, index) => ({
            ...{ scene, sceneTitle, shot, id, take, takes: takes.length, selected, of },
            part: parts.length > 1 ? index + 1 : null,
          })),
        ),
      ),
    ),
  );
}

/** What a submission is known to have cost, else what it is estimated to; null where neither is known. */
export function usdOf({ cost, sameAs }: PagePart): number | null {
  // Paid once, under the other's name.
  return sameAs === null ? (cost.actual ?? cost.estimate) : 0;
}
