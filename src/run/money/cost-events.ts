import type { CostChanged, CostLimit, LeftOut } from '../events.js';
import type { Budget } from './budget.js';
import { addSpent, charged, NOTHING, type Spent } from './spent.js';

/** The limits that a run has to keep, with what counts toward each by now. */
export function limitsOf({ limits, costs }: Budget): readonly CostLimit[] {
  const limit = (name: CostLimit['limit'], usd: number | null, { usd: spent, unknown }: Spent) =>
    usd === null ? [] : [{ limit: name, usd, spent, spent_unknown: unknown }];
  return [...limit('budget', limits.lifetime, costs.lifetime), ...limit('max-cost', limits.run, costs.run)];
}

/** What a run cost so far and will yet; `at` is UTC, ISO 8601. */
export function costChanged(budget: Budget, at: string): CostChanged {
  const { run, toCome } = budget.costs;
  return {
    event: 'cost',
    at,
    usd: run.usd,
    usd_to_come: toCome.usd,
    usd_unknown: run.unknown + toCome.unknown,
    limits: limitsOf(budget),
  };
}

/** What a run left out because of its limits; null where it was nothing. */
export function leftOutOf(budget: Budget, at: string): LeftOut | null {
  const ids = budget.leftOut.flatMap((job) => job.ids);
  if (ids.length === 0) return null;
  const prices = budget.leftOut.map(({ submission }) => charged(submission?.cost.usd ?? null));
  const { usd, unknown } = prices.reduce<Spent>(addSpent, NOTHING);
  const isInTheWay = (limit: CostLimit) =>
    unknown > 0 || addSpent({ usd, unknown }, { usd: limit.spent, unknown: 0 }).usd > limit.usd;
  return {
    event: 'left_out',
    at,
    ids,
    usd,
    usd_unknown: unknown,
    limits: limitsOf(budget).filter(isInTheWay),
  };
}
