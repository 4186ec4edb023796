import type { Fold } from '../journal/fold.js';

/** What a run's own submissions cost, USD as the service reported it, and of how many it did not. */
export interface OwnCost {
  readonly usd: number;
  readonly usd_unknown: number;
}

/**
 * Adds that up, from what became of the requests that a run sent (keys with their request ids) and from what those cost
 * that `failed` and were sent again since.
 */
export function ownCost(
  {
    sent,
    failed,
  }: { readonly sent: ReadonlyMap<string, string | null>; readonly failed: readonly (number | null)[] },
  fold: Fold,
): OwnCost {
  const last = [...sent].flatMap(([key, requestId]) => {
    const known = fold.get(key);
    if (known?.state === 'cancelled') return [];
    // What came to nothing may have fallen back to the clip of an earlier request, which this run did not pay.
    return known?.requestId === requestId ? known.cost : null;
  });
  const costs = [...failed, ...last];
  const known = costs.filter((cost) => cost !== null);
  return { usd: known.reduce((sum, cost) => sum + cost, 0), usd_unknown: costs.length - known.length };
}
