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
            scene,
            sceneTitle,
            shot,
            id,
            take,
            takes: takes.length,
            selected,
            of,
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

/** What was paid so far, as far as that is known. */
export interface Paid {
  /** Of those that it is known of. */
  readonly usd: number;
  /** Whether some of it is as estimated, because the service has not told. */
  readonly isEstimated: boolean;
  /** Submissions of which nothing is known. */
  readonly unknown: number;
}

/** What the submissions that the service took, or may have taken, have cost. */
export function paidFor(parts: readonly PagePart[]): Paid {
  // One of which nobody knows whether it was accepted may have been billed.
  const paid = parts.filter(
    ({ request, state, sameAs }) => (request !== null || state === 'unknown') && sameAs === null,
  );
  return {
    usd: paid.reduce((sum, part) => sum + (usdOf(part) ?? 0), 0),
    isEstimated: paid.some(({ cost }) => cost.actual === null && cost.estimate !== null),
    unknown: paid.filter((part) => usdOf(part) === null).length,
  };
}
