import { addUsd } from './cost.js';

/** What some submissions come to. */
export interface Totals {
  readonly submissions: number;
  readonly seconds: number;
  /** USD of those whose model has a known rate. */
  readonly usd: number;
  /** Submissions whose model has none; what they cost is not in `usd`. */
  readonly usd_unknown: number;
}

/** Adds up submissions, each as one POST: leave out those that share another's clip. */
export function totalsOf(
  submissions: readonly { readonly seconds: number; readonly cost: { readonly usd: number | null } }[],
): Totals {
  return {
    submissions: submissions.length,
    seconds: addUsd(submissions.map(({ seconds }) => seconds)),
    usd: addUsd(submissions.flatMap(({ cost }) => cost.usd ?? [])),
    usd_unknown: submissions.filter(({ cost }) => cost.usd === null).length,
  };
}
