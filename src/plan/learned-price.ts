import { toMillionths } from '../base/units.js';
import type { Cost, Plan, Submission } from './plan.js';

/** Amount that the service billed for one video. */
export interface Bill {
  /** Full model id. */
  readonly model: string;
  /** True if the video has sound. */
  readonly audio: boolean;
  /** Length of the video that was asked for, seconds. */
  readonly seconds: number;
  /** More than 0. */
  readonly usd: number;
  /** Time of the bill, UTC, ISO 8601. */
  readonly at: string;
}

/** Number of bills, the newest ones, that a price is learned from: their median survives two odd ones. Our choice. */
const MOST_BILLS = 5;

/** Plan at the prices that bills show, where these are newer than the price in the plan or where it has none. Pure. */
export function withBills(plan: Plan, bills: readonly Bill[]): Plan {
  if (bills.length === 0) return plan;
  const groups = new BillGroups(bills);
  return { ...plan, submissions: plan.submissions.map((one) => repriced(one, groups)) };
}

/** Bills by model and sound, the newest first. */
class BillGroups {
  readonly #groups = new Map<string, readonly Bill[]>();

  constructor(bills: readonly Bill[]) {
    for (const bill of bills.toSorted((a, b) => (a.at < b.at ? 1 : -1))) {
      const group = this.#groups.get(groupOf(bill)) ?? [];
      // Copying is cheap: what is older than the newest bills is not kept.
      if (group.length < MOST_BILLS) this.#groups.set(groupOf(bill), [...group, bill]);
    }
  }

  /** Cost of a submission by the newest bills for its model and sound; null if there are none, or only older ones than its price. */
  costOf(submission: Pick<Submission, 'model' | 'audio' | 'seconds' | 'cost'>): Cost | null {
    const { seconds, cost } = submission;
    // Prices that were asked for today are newer than any bill.
    if (cost.live) return null;
    const isNewer = ({ at }: Bill) => cost.date === null || at.slice(0, 10) >= cost.date;
    const bills = (this.#groups.get(groupOf(submission)) ?? []).filter(isNewer);
    const [newest] = bills;
    if (!newest) return null;
    const learned = { date: newest.at.slice(0, 10), bills: bills.length };
    if (isPerVideo(cost))
      return { usd: toMillionths(median(bills.map(({ usd }) => usd))), rate: null, ...learned };
    const rate = toMillionths(median(bills.map((bill) => bill.usd / bill.seconds)));
    return { usd: Math.round(rate * seconds * 1e4) / 1e4, rate, ...learned };
  }
}

/** True for one price per video, whatever its length. */
function isPerVideo({ usd, rate }: Pick<Cost, 'usd' | 'rate'>): boolean {
  return usd !== null && rate === null;
}

/** Number of bills that the prices of some submissions come from. */
export function billsBehind(submissions: readonly Pick<Submission, 'model' | 'audio' | 'cost'>[]): number {
  const counts = new Map(submissions.map((one) => [groupOf(one), one.cost.bills ?? 0]));
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

/** Name of the submissions and bills that have one price. */
export function groupOf({ model, audio }: Pick<Bill, 'model' | 'audio'>): string {
  return `${model} ${audio ? 'audio' : 'silent'}`;
}

function repriced(submission: Submission, groups: BillGroups): Submission {
  const cost = groups.costOf(submission);
  if (!cost) return submission;
  const before = submission.cost.usd;
  // The part of the cost that a default causes keeps its share.
  const share = cost.usd !== null && before !== null && before > 0 ? cost.usd / before : null;
  const defaults = submission.defaults.map((one) =>
    one.usd === null ? one : { ...one, usd: share === null ? null : toMillionths(one.usd * share) },
  );
  return { ...submission, cost, defaults };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] as number;
  return Number.isInteger(middle) ? ((sorted[middle - 1] as number) + upper) / 2 : upper;
}
