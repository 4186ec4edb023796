import type { CostChanged, CostLimit, LeftOut } from './events.js';
import type { Job } from './job.js';
import { Loads, loadOf, OwnPrices, priceGroup } from './own-prices.js';
import {
  addSpent,
  charged,
  type KeyState,
  type KeyStates,
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

/**
 * Decides which shots may still be sent. A sent shot counts at its estimate until the service has reported its cost. After the
 * first bills of the run, estimates count as much more or less as these bills did. A shot's price is reserved in the moment of
 * the decision, so two shots that leave together cannot use the same money. A shot that does not fit waits: another may cost
 * less than its estimate. Of the shots without a known price, one is sent first, and tells the price of the others.
 */
export class Budget {
  readonly limits: Limits;
  readonly #onChange: () => void;
  #onRoom: (job: Job) => void = () => {};
  readonly #prices = new OwnPrices();
  /** Cost of each key, as its record said last. */
  readonly #spent = new Map<string, Spent>();
  /** Jobs that this run sends or follows, by key. */
  readonly #jobs = new Map<string, Job>();
  /** Keys that this run sends. */
  readonly #sent = new Set<string>();
  /** Requests that may still be billed in this run. */
  readonly #unbilled = new Set<string>();
  /** Shots that this run sent and that are not billed yet. */
  readonly #open = new Loads(this.#prices);
  /** Shots that an earlier run sent and that are not billed yet. */
  readonly #adopted = new Loads(this.#prices);
  /** Shots that are about to leave. */
  readonly #reserved = new Loads(this.#prices);
  /** Shots that this run has yet to send. */
  readonly #coming = new Loads(this.#prices);
  /** Places of the jobs in the list, by key. */
  readonly #ranks: ReadonlyMap<string, number>;
  /** In list order. */
  readonly #waiting: Job[] = [];
  #leftOut: readonly Job[] = [];
  #run = NOTHING;
  #lifetime = NOTHING;

  /** `onChange` is called after each change of the run's cost. */
  constructor(
    limits: Limits,
    options: {
      readonly keyStates: KeyStates;
      readonly toSend: readonly Job[];
      readonly adopted?: readonly Job[];
      readonly onChange?: () => void;
    },
  ) {
    const { keyStates, toSend, adopted = [] } = options;
    this.limits = limits;
    this.#onChange = options.onChange ?? (() => {});
    for (const known of keyStates.values()) this.#spent.set(known.key, spentOn(known));
    this.#lifetime = spentInAll(keyStates);
    this.#ranks = new Map(toSend.map(({ key }, index) => [key, index]));
    for (const job of toSend) {
      this.#jobs.set(job.key, job);
      if (job.submission) this.#coming.set(job.key, priceGroup(job.submission), loadOf(job.submission));
    }
    for (const job of adopted) {
      this.#jobs.set(job.key, job);
      const known = keyStates.get(job.key);
      if (known) this.#follow(known);
    }
  }

  /** Estimated cost of this run beside the USD that the service has `reported`. */
  unreported(reported: number): number {
    return Math.max(0, subtractSpent(this.#runNow, charged(reported)).usd);
  }

  /** Limits of this run, with what counts toward each now. */
  get limitsNow(): readonly CostLimit[] {
    const limit = (name: CostLimit['limit'], usd: number | null, { usd: spent, unknown }: Spent) =>
      usd === null ? [] : [{ limit: name, usd, spent, spent_unknown: unknown }];
    const { lifetime, run } = this.limits;
    return [...limit('budget', lifetime, this.#lifetimeNow), ...limit('max-cost', run, this.#runNow)];
  }

  /** Calls `listener` with a shot that had to wait, as soon as it fits. */
  onRoom(listener: (job: Job) => void): void {
    this.#onRoom = listener;
  }

  /** Reserves room for one POST of a shot. Returns false if there is none; then the shot waits. */
  reserve(job: Job): boolean {
    const { key, submission } = job;
    if (!submission || !this.#fits(job)) {
      this.#wait(job);
      return false;
    }
    const group = priceGroup(submission);
    if (this.#priceOf(job).unknown > 0) this.#prices.probe(group, key);
    this.#sent.add(key);
    this.#reserved.set(key, group, loadOf(submission));
    return true;
  }

  /**
   * Asked before a shot leaves for which room was reserved. Returns false if bills that came meanwhile leave no room; then the
   * shot waits.
   */
  confirm(job: Job): boolean {
    const { key, submission } = job;
    if (!submission || !this.#reserved.delete(key)) return true;
    if (this.#fits(job)) {
      this.#reserved.set(key, priceGroup(submission), loadOf(submission));
      return true;
    }
    this.#wait(job);
    this.#admitWaiting();
    return false;
  }

  /** Gives back a reservation that was not used. Call it when a shot's submission is over, however it ended. */
  release(key: string): void {
    if (this.#reserved.delete(key)) this.#admitWaiting();
  }

  /**
   * Takes over a key's cost from its record: a reservation became a POST, or the service reported a cost. `known` is
   * undefined if the only POST never left.
   */
  note(key: string, known: KeyState | undefined): void {
    const now = known ? spentOn(known) : NOTHING;
    const change = subtractSpent(now, this.#spent.get(key) ?? NOTHING);
    const before = this.#room;
    this.#reserved.delete(key);
    this.#spent.set(key, now);
    this.#lifetime = addSpent(this.#lifetime, change);
    if (this.#sent.has(key)) {
      this.#run = addSpent(this.#run, change);
      this.#coming.delete(key);
    }
    const isBilled = known ? this.#follow(known) : false;
    if (!known) this.#open.delete(key);
    if (isBilled || this.#room > before) this.#admitWaiting();
    if (isBilled || change.usd !== 0 || change.unknown !== 0) this.#onChange();
  }

  /** A shot is over for this run, or will not be sent in it. */
  ended(key: string): void {
    this.#expectNoMore(key);
    const submission = this.#jobs.get(key)?.submission;
    if (submission && this.#prices.ended(priceGroup(submission), key)) this.#admitWaiting();
  }

  /** Ends the waiting. Returns the shots that still waited, in list order. */
  giveUp(): readonly Job[] {
    return this.#waiting.splice(0);
  }

  /** Remembers the shots that are not sent in this run because of the limits, for `leftOut`. */
  leaveOut(jobs: readonly Job[]): void {
    this.#leftOut = jobs;
  }

  /** Event about the cost of the run, so far and to come; `at` is UTC, ISO 8601. */
  costChanged(at: string): CostChanged {
    const run = this.#runNow;
    const toCome = this.#coming.price;
    return {
      event: 'cost',
      at,
      usd: run.usd,
      usd_to_come: toCome.usd,
      usd_unknown: run.unknown + toCome.unknown,
      limits: this.limitsNow,
    };
  }

  /**
   * Event about the shots that the limits left out; null if there are none. `nextPrices` returns the prices of the next run by
   * key, USD; the higher one counts, so that the limit which the event leads to is enough.
   */
  leftOut(at: string, nextPrices: () => ReadonlyMap<string, number | null>): LeftOut | null {
    const ids = this.#leftOut.flatMap((job) => job.ids);
    if (ids.length === 0) return null;
    const next = nextPrices();
    const { usd, unknown } = this.#leftOut
      .map((job) => higher(this.#priceOf(job), next.get(job.key) ?? null))
      .reduce(addSpent, NOTHING);
    const isInTheWay = (limit: CostLimit) =>
      unknown > 0 || addSpent({ usd, unknown }, { usd: limit.spent, unknown: 0 }).usd > limit.usd;
    const limits = this.limitsNow.filter(isInTheWay);
    return { event: 'left_out', at, ids, usd, usd_unknown: unknown, limits };
  }

  /** Cost of this run, with what is not billed yet at the run's own prices. */
  get #runNow(): Spent {
    return addSpent(this.#run, this.#open.correction);
  }

  get #lifetimeNow(): Spent {
    return addSpent(addSpent(this.#lifetime, this.#open.correction), this.#adopted.correction);
  }

  /** Takes a submission that this run sent or follows into its prices. Returns true if it was billed now. */
  #follow(known: KeyState): boolean {
    const { key, cost, charge, requestId, state } = known;
    const job = this.#jobs.get(key);
    // A shot that has left the list is known by what was sent.
    const submission = job?.submission ?? known.submission;
    if (!job) return false;
    const group = priceGroup(submission);
    const { size } = loadOf(submission);
    if (state === 'submitted' && requestId !== null) this.#unbilled.add(requestId);
    const isUnbilled = cost === null && (charge.usd > 0 || charge.unknown > 0);
    const loads = this.#sent.has(key) ? this.#open : this.#adopted;
    this.#adopted.delete(key);
    loads.set(key, group, isUnbilled ? { ...charge, size } : null);
    if (requestId === null || !this.#unbilled.has(requestId)) return false;
    if (cost === null) {
      if (state === 'completed') this.#prices.noBill(group);
      return state === 'completed';
    }
    this.#unbilled.delete(requestId);
    // A failure tells nothing about the price of a clip.
    if (state === 'completed' || state === 'done') this.#prices.learn(group, { size, usd: cost });
    return true;
  }

  #wait(job: Job): void {
    this.#expectNoMore(job.key);
    const rank = this.#ranks.get(job.key) ?? 0;
    const place = this.#waiting.findLastIndex(({ key }) => (this.#ranks.get(key) ?? 0) <= rank) + 1;
    this.#waiting.splice(place, 0, job);
  }

  #expectNoMore(key: string): void {
    if (this.#coming.delete(key)) this.#onChange();
  }

  #priceOf({ submission }: Job): Spent {
    if (!submission) return NOTHING;
    return this.#prices.priceOf(priceGroup(submission), loadOf(submission));
  }

  /** USD that the limits leave beside everything that is spent or reserved; Infinity without limits. */
  get #room(): number {
    const { lifetime, run } = this.limits;
    if (lifetime === null && run === null) return Number.POSITIVE_INFINITY;
    const left = (limit: number | null, spent: Spent) =>
      limit === null ? Number.POSITIVE_INFINITY : subtractSpent(charged(limit), spent).usd;
    const room = Math.min(left(lifetime, this.#lifetimeNow), left(run, this.#runNow));
    return subtractSpent(charged(room), this.#reserved.price).usd;
  }

  /** True if a shot fits into some room, USD. */
  #fits(job: Job, room = this.#room): boolean {
    if (room === Number.POSITIVE_INFINITY) return true;
    const { usd, unknown } = this.#priceOf(job);
    if (unknown > 0) {
      if (!this.limits.allowUnknown) return false;
      if (job.submission && this.#prices.mustWait(priceGroup(job.submission), job.key)) return false;
    }
    return usd <= room;
  }

  /** Admits the waiting shots that fit now, in list order. */
  #admitWaiting(): void {
    if (this.#waiting.length === 0) return;
    let room = this.#room;
    for (const job of this.#waiting.splice(0)) {
      if (this.#fits(job, room)) {
        room = subtractSpent(charged(room), this.#priceOf(job)).usd;
        this.#onRoom(job);
      } else this.#waiting.push(job);
    }
  }
}

function higher(price: Spent, next: number | null): Spent {
  return next !== null && next > price.usd ? charged(next) : price;
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
  keyStates: KeyStates,
): OwnCost {
  const last = [...sent].flatMap(([key, requestId]) => {
    const known = keyStates.get(key);
    if (known?.state === 'cancelled') return [];
    // A key may have fallen back to the clip of an earlier request, which this run did not pay.
    return known?.requestId === requestId ? known.cost : null;
  });
  const costs = [...failed, ...last];
  const known = costs.filter((cost) => cost !== null);
  return { usd: known.reduce((sum, cost) => sum + cost, 0), usd_unknown: costs.length - known.length };
}
