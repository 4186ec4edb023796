import { Exit } from '../../base/exit.js';
import { formatUsd, toMillionths } from '../../base/units.js';
import type { OpenedRun } from '../../run/context.js';
import type { Balance, BalanceAnswer } from '../../runcomfy/service.js';
import { visible } from '../../ui/visible.js';
import type { Failure } from '../console.js';

/** Balance in an answer; null if the service gave none. */
export function balanceIn(answer: BalanceAnswer): Balance | null {
  return answer.kind === 'balance' ? { amount: answer.amount, currency: answer.currency } : null;
}

/** The balance for programs, in the service's own words; null if it is not known. */
export function balanceJson(balance: Balance | null): object | null {
  return balance && { balance_usd: balance.amount, currency: balance.currency };
}

/** A sentence on the balance, and on what `usd` would leave of it; without `usd`, on the balance alone. */
export function balanceSentence(balance: Balance, usd = 0): string {
  const is = `The balance of the account is ${amountOf(balance)}`;
  if (balance.currency !== 'USD') return `${is}, which is not compared with costs in USD.`;
  if (usd === 0) return `${is}.`;
  const left = leftOf(balance, usd);
  return left < 0
    ? `${is}: ${formatUsd(-left)} less than this costs.`
    : `${is}; this would leave ${formatUsd(left)}.`;
}

function leftOf({ amount }: Balance, usd: number): number {
  return toMillionths(amount - usd);
}

function amountOf({ amount, currency }: Balance): string {
  return currency === 'USD' ? formatUsd(amount) : `${amount.toFixed(2)} ${visible(currency)}`;
}

type Work = Pick<OpenedRun, 'toSend' | 'limits'>;

/** USD that a run may cost, as far as prices are known: its submissions, or less if its limits leave less. */
export function mostOf({ toSend, limits }: Work): number {
  const all = toSend.reduce((sum, { cost }) => sum + (cost.usd ?? 0), 0);
  return Math.min(all, ...limits.map(({ usd, spent }) => Math.max(0, usd - spent)));
}

/** Why a run may not begin with this balance: it does not pay for the cheapest submission. Null if it may. */
export function emptyBalance({ toSend, limits }: Work, balance: Balance): Failure | null {
  const prices = toSend.flatMap(({ cost }) => cost.usd ?? []);
  const cheapest = Math.min(...prices);
  const isSendable = prices.length === toSend.length && mostOf({ toSend, limits }) >= cheapest;
  if (balance.currency !== 'USD' || !isSendable || balance.amount >= cheapest) return null;
  const each = toSend.length === 1 ? 'the shot' : 'the cheapest shot';
  return {
    exit: Exit.account,
    message: `the balance of the account is ${amountOf(balance)}, and ${each} costs about ${formatUsd(cheapest)}; nothing was submitted`,
    hint: 'add funds at runcomfy.com; with RUNCOMFY_SERVERLESS_API_BASE=none the balance is not asked for',
  };
}

/** Warning about a run that costs more than the balance, or whose balance cannot be compared; null for others. */
export function balanceWarning(work: Work, balance: Balance): string | null {
  const usd = mostOf(work);
  // Prices may be unknown, but nothing can be paid for with nothing.
  if (balance.currency === 'USD' && leftOf(balance, usd) >= 0 && balance.amount > 0) return null;
  const rest = balance.currency === 'USD' ? ' The service refuses what it does not pay for.' : '';
  return `${balanceSentence(balance, usd)}${rest}`;
}
