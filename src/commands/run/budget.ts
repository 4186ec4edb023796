import { Exit } from '../../base/exit.js';
import { byBills, formatCount, formatUsd, toMillionths } from '../../base/units.js';
import type { Totals } from '../../plan/cost.js';
import type { Plan } from '../../plan/plan.js';
import type { OpenedRun } from '../../run/context.js';
import type { CostLimit } from '../../run/events.js';
import { someOf } from '../../run/messages.js';
import { type KeyStates, spentInAll } from '../../run/records/render.js';
import type { Failure } from '../console.js';
import type { Provider } from '../list-flags.js';

/** The list's budget, with what is spent before a run; null for a list without one, and for a rehearsal, which is free. */
export function budgetOf(
  { budget }: Plan,
  options: { keyStates: KeyStates; provider: Provider },
): CostLimit | null {
  if (budget === null || options.provider === 'local') return null;
  const { usd: spent, unknown } = spentInAll(options.keyStates);
  return { limit: 'budget', usd: budget, spent, spent_unknown: unknown };
}

/** USD that a budget has left after the submissions to come; negative if they cost more than it has. */
export function leftOf({ usd, spent }: CostLimit, toCome: Pick<Totals, 'usd'>): number {
  return toMillionths(usd - spent - toCome.usd);
}

/** A sentence on the budget, what is spent of it, and what a run would leave; `bills` is the number behind its estimate. */
export function budgetSentence(
  limit: CostLimit,
  toCome: Pick<Totals, 'usd' | 'submissions'>,
  bills: number,
): string {
  const { usd, spent, spent_unknown } = limit;
  const unknown =
    spent_unknown > 0 ? ` beside ${formatCount(spent_unknown, 'submission')} of unknown cost` : '';
  const isNew = spent === 0 && spent_unknown === 0;
  const budget = isNew
    ? `The budget is ${formatUsd(usd)}`
    : `Of the budget of ${formatUsd(usd)}, ${formatUsd(spent)} is spent${unknown}`;
  const left = leftOf(limit, toCome);
  if (toCome.submissions === 0) return `${budget}.`;
  if (left >= 0) return `${budget}; this would leave ${formatUsd(left)}${byBills(bills)}.`;
  return `${budget}; this needs ${formatUsd(-left)} more${byBills(bills)}, and what does not fit is left out.`;
}

/** Why a run with a cost limit may not begin: a price is unknown, of its submissions or of earlier ones. Null if it may. */
export function unknownCost(
  { limits, toSend }: Pick<OpenedRun, 'limits' | 'toSend'>,
  { allowed }: { readonly allowed: boolean },
): Failure | null {
  const [limit] = limits;
  if (!limit || allowed || toSend.length === 0) return null;
  const unknown = toSend.filter(({ cost }) => cost.usd === null).map(({ id }) => id);
  const name = limit.limit === 'budget' ? 'the list has a `budget`' : '--max-cost was given';
  const hint = '--allow-unknown-cost leaves it out of the sum';
  if (unknown.length > 0) {
    const message = `the price of ${someOf(unknown)} is unknown, and ${name}; nothing was submitted`;
    return { exit: Exit.usage, message, hint: `${hint}; or choose a model with a known price` };
  }
  if (limit.spent_unknown === 0) return null;
  const earlier = formatCount(limit.spent_unknown, 'earlier submission');
  const message = `what ${earlier} cost is unknown, and ${name}; nothing was submitted`;
  return { exit: Exit.usage, message, hint };
}
