import type { Model, Price } from '../models/catalog.js';
import type { Cost, Plan, Submission } from './plan.js';

/** Cost of a video at the model's rate, or its price per video; `usd` is null if no price is published. */
export function costOf(
  { price }: Pick<Model, 'price'>,
  { seconds, audio }: { seconds: number; audio: boolean },
): Cost {
  if (price.per_video !== undefined) return { usd: price.per_video, rate: null, date: price.date };
  const rate = audio ? price.audio : price.silent;
  return { usd: rate === null ? null : roundUsd(rate * seconds), rate, date: price.date };
}

/** Part of the cost that sound adds, USD; null if unknown. */
export function audioCost({ price }: Pick<Model, 'price'>, seconds: number): number | null {
  if (price.audio === null || price.silent === null) return null;
  return roundUsd((price.audio - price.silent) * seconds);
}

/** Sum of amounts, USD or seconds, rounded to four decimals. */
export function addRounded(amounts: Iterable<number>): number {
  let total = 0;
  for (const amount of amounts) total += amount;
  return roundUsd(total);
}

/** Rounds the errors of binary fractions away, to a hundredth of a cent: rates have three decimals. */
function roundUsd(usd: number): number {
  return Math.round(usd * 10_000) / 10_000;
}

/** Sums over several submissions. */
export interface Totals {
  readonly submissions: number;
  readonly seconds: number;
  /** Known cost, USD. */
  readonly usd: number;
  /** Submissions of unknown cost, which is not in `usd`. */
  readonly usd_unknown: number;
}

/** Adds up submissions, each as one POST; the caller leaves out submissions that share the clip of another. */
export function totalsOf(
  submissions: readonly { readonly seconds: number; readonly cost: { readonly usd: number | null } }[],
): Totals {
  return {
    submissions: submissions.length,
    seconds: addRounded(submissions.map(({ seconds }) => seconds)),
    usd: addRounded(submissions.flatMap(({ cost }) => cost.usd ?? [])),
    usd_unknown: submissions.filter(({ cost }) => cost.usd === null).length,
  };
}

/** Plan at other prices, by model id; submissions without one keep their price. */
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
