import type { Price } from '../models/model.js';
import { audioCost, costOf } from './cost.js';
import type { Plan } from './plan.js';
import type { Submission } from './submission.js';

/** The plan at these prices, by model id; what has none keeps the price it was planned with. */
export function withPrices(plan: Plan, prices: ReadonlyMap<string, Price>): Plan {
  return { ...plan, submissions: plan.submissions.map((one) => reprice(one, prices.get(one.model))) };
}

function reprice(submission: Submission, price: Price | undefined): Submission {
  if (!price) return submission;
  const { seconds, audio } = submission;
  return {
    ...submission,
    cost: { ...costOf({ price }, { seconds, audio }), live: true },
    defaults: submission.defaults.map((one) =>
      one.field === 'audio' && one.value === true ? { ...one, usd: audioCost({ price }, seconds) } : one,
    ),
  };
}
