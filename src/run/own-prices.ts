import { type Bill, groupOf } from '../plan/learned-price.js';
import type { Submission } from '../plan/plan.js';
import {
  addSpent,
  charged,
  type KeyState,
  type KeyStates,
  NOTHING,
  type Spent,
  subtractSpent,
} from './records/render.js';

/** Number of bills, the newest ones, whose highest ratio counts. Our choice. */
const MOST_BILLS = 5;

/** Submissions of one price: their estimated cost, and their size. */
export interface Load extends Spent {
  /** Sum of their estimates, USD; of their seconds if their price is unknown. */
  readonly size: number;
}

const NO_LOAD: Load = { ...NOTHING, size: 0 };

/** Load of one submission. */
export function loadOf({ cost, seconds }: Pick<Submission, 'cost' | 'seconds'>): Load {
  return { ...charged(cost.usd), size: cost.usd ?? seconds };
}

/** Submissions that have one price: of one model, with or without sound. */
interface Group {
  /** USD that was billed for each unit of size, the newest last. */
  readonly ratios: number[];
  /** Submission of unknown price that was sent to learn it; null if there is none. */
  probe: string | null;
  /** True if a clip came without a bill. */
  isSilent: boolean;
}

/** Name of the group of a submission, by which the other functions know it. */
export function priceGroup(submission: Pick<Submission, 'model' | 'audio' | 'cost'>): string {
  // An estimate and a length are sizes of different kinds.
  return `${groupOf(submission)} ${submission.cost.usd === null ? 'by length' : 'by estimate'}`;
}

/**
 * Prices of a run by its own bills: the estimate, or the length where no price is known, times the highest of the group's
 * last five ratios of bill and size. Before the first bill of a group, its estimates count, raised as those of other groups
 * were.
 */
export class OwnPrices {
  readonly #groups = new Map<string, Group>();

  /** Takes a bill of this run. A bill of nothing tells nothing. */
  learn(group: string, { size, usd }: { readonly size: number; readonly usd: number }): void {
    if (size <= 0 || usd <= 0) return;
    const { ratios } = this.#group(group);
    ratios.push(usd / size);
    if (ratios.length > MOST_BILLS) ratios.shift();
  }

  /** Cost of a load, as far as it can be known. */
  priceOf(group: string, { usd, unknown, size }: Load): Spent {
    const { ratios } = this.#group(group);
    if (ratios.length > 0) return addSpent(NOTHING, { usd: size * Math.max(...ratios), unknown: 0 });
    return addSpent(NOTHING, { usd: usd * this.#raise, unknown });
  }

  /** True if a submission of unknown price would have to wait until another one has told the price. */
  mustWait(group: string, key: string): boolean {
    const { probe, isSilent } = this.#group(group);
    return !isSilent && probe !== null && probe !== key;
  }

  /** Notes that a submission of unknown price is sent. */
  probe(group: string, key: string): void {
    this.#group(group).probe = key;
  }

  /** Notes that a submission is over for this run; true if others waited for its price. */
  ended(group: string, key: string): boolean {
    const one = this.#group(group);
    if (one.probe !== key) return false;
    one.probe = null;
    return true;
  }

  /** Notes that a clip came without a bill: waiting for the bill of another one is of no use. */
  noBill(group: string): void {
    this.#group(group).isSilent = true;
  }

  /** Highest ratio of bill and estimate in any group, at least 1: a lower price of one model tells nothing about another. */
  get #raise(): number {
    const byEstimate = [...this.#groups].filter(([name]) => name.endsWith('by estimate'));
    return Math.max(1, ...byEstimate.flatMap(([, { ratios }]) => ratios));
  }

  #group(name: string): Group {
    const known = this.#groups.get(name);
    if (known) return known;
    const group = { ratios: [], probe: null, isSilent: false };
    this.#groups.set(name, group);
    return group;
  }
}

/** Sums of loads by group. Each key counts once, with its last load. */
export class Loads {
  readonly #prices: OwnPrices;
  readonly #byKey = new Map<string, { readonly group: string; readonly load: Load }>();
  readonly #sums = new Map<string, Load>();

  constructor(prices: OwnPrices) {
    this.#prices = prices;
  }

  /** Counts a key; a load of null takes it out. */
  set(key: string, group: string, load: Load | null): void {
    this.delete(key);
    if (load === null) return;
    this.#byKey.set(key, { group, load });
    this.#add(group, load, 1);
  }

  /** Takes a key out. Returns false if it was not in. */
  delete(key: string): boolean {
    const known = this.#byKey.get(key);
    if (!known) return false;
    this.#byKey.delete(key);
    this.#add(known.group, known.load, -1);
    return true;
  }

  /** Estimated cost of all keys. */
  get estimate(): Spent {
    return [...this.#sums.values()].reduce<Spent>(addSpent, NOTHING);
  }

  /** Cost of all keys by the run's own prices. */
  get price(): Spent {
    return [...this.#sums]
      .map(([group, load]) => this.#prices.priceOf(group, load))
      .reduce<Spent>(addSpent, NOTHING);
  }

  /** Difference of both. */
  get correction(): Spent {
    return subtractSpent(this.price, this.estimate);
  }

  #add(group: string, load: Load, sign: 1 | -1): void {
    const before = this.#sums.get(group) ?? NO_LOAD;
    const spent = sign === 1 ? addSpent(before, load) : subtractSpent(before, load);
    this.#sums.set(group, { ...spent, size: Math.max(0, before.size + sign * load.size) });
  }
}

/** Bills for the clips of a run directory. */
export function billsIn(keyStates: KeyStates): readonly Bill[] {
  return [...keyStates.values()].flatMap((known) => billOf(known) ?? []);
}

/** Bill for the clip of a key; null before there is one. A failure, and a bill of nothing, tell nothing about the next clip. */
function billOf({ state, cost, submission, finishedAt, sentAt }: KeyState): Bill | null {
  const { model, audio, seconds } = submission;
  if ((state !== 'completed' && state !== 'done') || cost === null || cost <= 0 || seconds <= 0) return null;
  return { model, audio, seconds, usd: cost, at: finishedAt ?? sentAt };
}
