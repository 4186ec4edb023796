import type { PageData, PagePart, PageShot } from './page-data.js';

/** A submission with its shot and scene. */
export interface PageRow {
  readonly scene: string | null;
  readonly sceneTitle: string | null;
  readonly shot: PageShot;
  /** Id of the variant; for a shot without a matrix, id of the shot. */
  readonly id: string;
  readonly take: number;
  readonly takes: number;
  readonly selected: boolean;
  /** Number of the part, from 1; null if the shot is not split. */
  readonly part: number | null;
  readonly submission: PagePart;
}

/** Submissions of a page as rows, in list order. */
export function pageRows({ scenes }: PageData): readonly PageRow[] {
  return scenes.flatMap(({ id: scene, title: sceneTitle, shots }) =>
    shots.flatMap((shot) =>
      shot.variants.flatMap(({ id, takes }) =>
        takes.flatMap(({ take, selected, parts }) =>
          parts.map((submission, index) => ({
            scene,
            sceneTitle,
            shot,
            id,
            take,
            takes: takes.length,
            selected,
            submission,
            part: parts.length > 1 ? index + 1 : null,
          })),
        ),
      ),
    ),
  );
}

/** Reported cost of a submission, else the estimated cost, USD; null if neither is known. */
export function costUsd({ cost, sameAs }: PagePart): number | null {
  // A shared clip is paid for once, by the other submission.
  return sameAs === null ? (cost.actual ?? cost.estimate) : 0;
}

/** Total cost so far. */
interface PaidCost {
  /** Sum of the known costs, USD. */
  readonly usd: number;
  /** True if some of the costs are estimates. */
  readonly isEstimated: boolean;
  /** Number of submissions of unknown cost. */
  readonly unknown: number;
}

/** Cost of the submissions that the service accepted or may have accepted. */
export function paidFor(parts: readonly PagePart[]): PaidCost {
  // A submission in the state `unknown` may have been billed.
  const paid = parts.filter(
    ({ request, state, sameAs }) => (request !== null || state === 'unknown') && sameAs === null,
  );
  return {
    usd: paid.reduce((sum, part) => sum + (costUsd(part) ?? 0), 0),
    isEstimated: paid.some(({ cost }) => cost.actual === null && cost.estimate !== null),
    unknown: paid.filter((part) => costUsd(part) === null).length,
  };
}
