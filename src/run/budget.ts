import type { CostChanged, CostLimit, LeftOut } from './events.js';
import type { Job } from './job.js';
import {
  addSpent,
  charged,
  type Fold,
  NOTHING,
  type Spent,
  spentInAll,
  spentOn,
  subtractSpent,
} from './records/render.js';

/** Most that may be spent, USD; null for no limit. */
export interface Limits {
  /** By all runs of the run directory together: the list's `budget`. */
  readonly lifetime: number | null;
  /** By this run: `--max-cost`. */
  readonly run: number | null;
  /** True if shots with no known price may be sent; they count for nothing until the service reports their cost. */
  readonly allowUnknown: boolean;
}

export const NO_LIMITS: Limits = { lifetime: null, run: null, allowUnknown: true };

interface Priced {
  readonly job: Job;
  readonly price: Spent;
}

/**
 * Decides which shots may still be sent. A sent shot counts at its estimate until the service has reported its cost. A
 * shot's price is reserved in the moment of the decision, so two shots that leave together cannot use the same money.
 * A shot that does not fit waits: another may cost less than its estimate.
 */
export class Budget {
  readonly limits: Limits;
  readonly #onChange: () => void;
  #onRoom: (job: Job) => void = () => {};
  /** Cost of each key, as its record said last. */
  readonly #spent = new Map<string, Spent>();
  /** Keys that this run sends. */
  readonly #sent = new Set<string>();
  /** Prices of shots that are about to leave, by key. */
  readonly #reserved = new Map<string, Spent>();
  /** Prices of shots that this run has yet to send, by key. */
  readonly #coming = new Map<string, Spent>();
  #waiting: Priced[] = [];
  #leftOut: readonly Job[] = [];
  #run = NOTHING;
  #lifetime = NOTHING;
  #toCome = NOTHING;
  #promised = NOTHING;

  /** `onChange` is called after each change of the run's cost. */
  constructor(
    limits: Limits,
    options: { readonly fold: Fold; readonly toSend: readonly Job[]; readonly onChange?: () => void },
  ) {
    this.limits = limits;
    this.#onChange = options.onChange ?? (() => {});
    for (const known of options.fold.values()) this.#spent.set(known.key, spentOn(known));
    this.#lifetime = spentInAll(options.fold);
    for (const job of options.toSend) {
      this.#coming.set(job.key, priceOf(job));
      this.#toCome = addSpent(this.#toCome, priceOf(job));
    }
  }

  /** Estimated cost of this run beside the USD that the service has `reported`. */
  unreported(reported: number): number {
    return Math.max(0, subtractSpent(this.#run, charged(reported)).usd);
  }

  /** Limits of this run, with what counts toward each now. */
  get limitsNow(): readonly CostLimit[] {
    const limit = (name: CostLimit['limit'], usd: number | null, { usd: spent, unknown }: Spent) =>
      usd === null ? [] : [{ limit: name, usd, spent, spent_unknown: unknown }];
    const { lifetime, run } = this.limits;
    return [...limit('budget', lifetime, this.#lifetime), ...limit('max-cost', run, this.#run)];
  }

  /** Calls `listener` with a shot that had to wait, as soon as it fits. */
  onRoom(listener: (job: Job) => void): void {
    this.#onRoom = listener;
  }

  /** Reserves room for one POST of a shot. Returns false if there is none; then the shot waits. */
  reserve(job: Job): boolean {
    const { key } = job;
    const price = priceOf(job);
    if (!this.#fits(price)) {
      this.notToCome(key);
      this.#waiting.push({ job, price });
      return false;
    }
    this.#sent.add(key);
    this.#reserved.set(key, price);
    this.#promised = addSpent(this.#promised, price);
    return true;
  }

  /** Gives back a reservation that was not used. Call it when a shot's submission is over, however it ended. */
  release(key: string): void {
    if (this.#endReservation(key).usd > 0) this.#admitWaiting();
  }

  /** Takes over a key's cost from its record: a reservation became a POST, or the service reported a cost. */
  note(key: string, now: Spent): void {
    const change = subtractSpent(now, this.#spent.get(key) ?? NOTHING);
    const reserved = this.#endReservation(key);
    this.#spent.set(key, now);
    this.#lifetime = addSpent(this.#lifetime, change);
    if (this.#sent.has(key)) {
      this.#run = addSpent(this.#run, change);
      this.notToCome(key);
    }
    if (change.usd < reserved.usd) this.#admitWaiting();
    if (change.usd !== 0 || change.unknown !== 0) this.#onChange();
  }

  /** A shot is no longer to come: it is being sent, or will not be sent in this run. */
  notToCome(key: string): void {
    const price = this.#coming.get(key);
    if (!price) return;
    this.#coming.delete(key);
    this.#toCome = subtractSpent(this.#toCome, price);
    this.#onChange();
  }

  /** Ends the waiting. Returns the shots that still waited, in the order in which they came. */
  giveUp(): readonly Job[] {
    return this.#waiting.splice(0).map(({ job }) => job);
  }

  /** Remembers the shots that are not sent in this run because of the limits, for `leftOut`. */
  leaveOut(jobs: readonly Job[]): void {
    this.#leftOut = jobs;
  }

  /** Event about the cost of the run, so far and to come; `at` is UTC, ISO 8601. */
  costChanged(at: string): CostChanged {
    return {
      event: 'cost',
      at,
      usd: this.#run.usd,
      usd_to_come: this.#toCome.usd,
      usd_unknown: this.#run.unknown + this.#toCome.unknown,
      limits: this.limitsNow,
    };
  }

  /** Event about the shots that the limits left out; null if there are none. */
  leftOut(at: string): LeftOut | null {
    const ids = this.#leftOut.flatMap((job) => job.ids);
    if (ids.length === 0) return null;
    const { usd, unknown } = this.#leftOut.map(priceOf).reduce(addSpent, NOTHING);
    const isInTheWay = (limit: CostLimit) =>
      unknown > 0 || addSpent({ usd, unknown }, { usd: limit.spent, unknown: 0 }).usd > limit.usd;
    const limits = this.limitsNow.filter(isInTheWay);
    return { event: 'left_out', at, ids, usd, usd_unknown: unknown, limits };
  }

  /** Returns the price that was reserved. */
  #endReservation(key: string): Spent {
    const reserved = this.#reserved.get(key) ?? NOTHING;
    this.#reserved.delete(key);
    this.#promised = subtractSpent(this.#promised, reserved);
    return reserved;
  }

  /** True if a price fits beside everything that is spent, reserved, or `before` it in the queue. */
  #fits(price: Spent, before = NOTHING): boolean {
    const { lifetime, run, allowUnknown } = this.limits;
    if (lifetime === null && run === null) return true;
    if (price.unknown > 0 && !allowUnknown) return false;
    const wanted = addSpent(addSpent(this.#promised, before), price);
    const passes = (limit: number | null, spent: Spent) =>
      limit !== null && addSpent(spent, wanted).usd > limit;
    return !passes(lifetime, this.#lifetime) && !passes(run, this.#run);
  }

  /** Admits the waiting shots that fit now, in the order in which they came. */
  #admitWaiting(): void {
    const stay: Priced[] = [];
    const admitted: Job[] = [];
    let before = NOTHING;
    for (const one of this.#waiting) {
      if (this.#fits(one.price, before)) {
        before = addSpent(before, one.price);
        admitted.push(one.job);
      } else stay.push(one);
    }
    this.#waiting = stay;
    for (const job of admitted) this.#onRoom(job);
  }
}

function priceOf({ submission }: Job): Spent {
  return charged(submission?.cost.usd ?? null);
}

/** Reported cost of a run's own submissions, USD, and the number of them without a reported cost. */
export interface OwnCost {
  readonly usd: number;
  readonly usd_unknown: number;
}

/**
 * Adds up the reported cost of a run's own submissions. `sent` has their request ids by key; `failed` has the costs of
 * requests that failed and whose shots were sent again.
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
    // A key may have fallen back to the clip of an earlier request, which this run did not pay.
    return known?.requestId === requestId ? known.cost : null;
  });
  const costs = [...failed, ...last];
  const known = costs.filter((cost) => cost !== null);
  return { usd: known.reduce((sum, cost) => sum + cost, 0), usd_unknown: costs.length - known.length };
}
