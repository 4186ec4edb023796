import type { Job } from '../job.js';
import { type Fold, type KeyState, spentInAll, spentOn } from '../journal/fold.js';
import { addSpent, charged, NOTHING, type Spent, subtractSpent } from './spent.js';

/** What may be spent, USD; null for as much as it takes. */
export interface Limits {
  /** In the run directory's life, whoever spent it: the list's `budget`. */
  readonly lifetime: number | null;
  /** By this run: `--max-cost`. */
  readonly run: number | null;
  /** Whether what has no known price may be sent, and counts for nothing until the service reports it. */
  readonly allowUnknown: boolean;
}

export const NO_LIMITS: Limits = { lifetime: null, run: null, allowUnknown: true };

/** What a run cost so far, and will yet. */
export interface Costs {
  /** By what this run has sent. */
  readonly run: Spent;
  /** By everything that was ever sent from the run directory, this run included. */
  readonly lifetime: Spent;
  /** Estimated for what this run is yet to send. */
  readonly toCome: Spent;
}

/**
 * Decides which shot may still be sent. What was sent counts at its estimate until the service has reported what it
 * cost. Room is reserved at the moment of the decision, so that shots which leave at the same time cannot take the same.
 * What does not fit waits: a cost that turns out lower than its estimate makes room.
 */
export class Budget {
  readonly #limits: Limits;
  readonly #onChange: () => void;
  #whenRoom: (job: Job) => void = () => {};
  /** What each key cost, as the journal said last. */
  readonly #spent = new Map<string, Spent>();
  /** The same of those that this run sends, as it was before. */
  readonly #before = new Map<string, Spent>();
  /** For shots that are about to leave. */
  readonly #reserved = new Map<string, Spent>();
  /** What this run has yet to send. */
  readonly #coming = new Map<string, Spent>();
  #waiting: Priced[] = [];
  #leftOut: readonly Job[] = [];
  #run = NOTHING;
  #lifetime = NOTHING;
  #toCome = NOTHING;
  #promised = NOTHING;

  /** `onChange` is called after each change of what it costs. */
  constructor(
    limits: Limits,
    options: { readonly fold: Fold; readonly toSend: readonly Job[]; readonly onChange?: () => void },
  ) {
    this.#limits = limits;
    this.#onChange = options.onChange ?? (() => {});
    for (const known of options.fold.values()) this.#spent.set(known.key, spentOn(known));
    this.#lifetime = spentInAll(options.fold);
    for (const { key, price } of options.toSend.map(priced)) {
      this.#coming.set(key, price);
      this.#toCome = addSpent(this.#toCome, price);
    }
  }

  get limits(): Limits {
    return this.#limits;
  }

  get costs(): Costs {
    return { run: this.#run, lifetime: this.#lifetime, toCome: this.#toCome };
  }

  /** Hears of a shot that had to wait as soon as it fits. */
  whenRoom(listener: (job: Job) => void): void {
    this.#whenRoom = listener;
  }

  /** Takes room for one POST of a shot; false where there is none, and then the shot waits for it. */
  reserve(job: Job): boolean {
    const wanted = priced(job);
    const { key, price } = wanted;
    if (!this.#fits(price)) {
      this.over(key);
      this.#waiting.push(wanted);
      return false;
    }
    if (!this.#before.has(key)) this.#before.set(key, this.#spent.get(key) ?? NOTHING);
    this.#reserved.set(key, price);
    this.#promised = addSpent(this.#promised, price);
    return true;
  }

  /** Gives back what was reserved and not used; to be called when a shot's part is over, whatever became of it. */
  release(key: string): void {
    if (this.#settle(key).usd > 0) this.#letIn();
  }

  /** Takes up what the journal says of a key by now: a reservation has become a POST, or the service has said its cost. */
  note(known: KeyState): void {
    const { key } = known;
    const now = spentOn(known);
    const change = subtractSpent(now, this.#spent.get(key) ?? NOTHING);
    const settled = this.#settle(key);
    this.#spent.set(key, now);
    this.#lifetime = addSpent(this.#lifetime, change);
    if (this.#before.has(key)) {
      this.#run = addSpent(this.#run, change);
      this.over(key);
    }
    if (change.usd < settled.usd) this.#letIn();
    if (change.usd !== 0 || change.unknown !== 0) this.#onChange();
  }

  /** A shot is not to come any more: it is being sent, or will not be in this run. */
  over(key: string): void {
    const price = this.#coming.get(key);
    if (!price) return;
    this.#coming.delete(key);
    this.#toCome = subtractSpent(this.#toCome, price);
    this.#onChange();
  }

  /** Those that still wait for room, in the order in which they came; they wait no longer. */
  giveUp(): readonly Job[] {
    return this.#waiting.splice(0).map(({ job }) => job);
  }

  /** What will not be sent in this run because of the limits, in the order in which it was left. */
  get leftOut(): readonly Job[] {
    return this.#leftOut;
  }

  /** Keeps in mind what is left out for good. */
  leave(jobs: readonly Job[]): void {
    this.#leftOut = jobs;
  }

  /** Ends a reservation; returns what it was for. */
  #settle(key: string): Spent {
    const reserved = this.#reserved.get(key) ?? NOTHING;
    this.#reserved.delete(key);
    this.#promised = subtractSpent(this.#promised, reserved);
    return reserved;
  }

  /** Whether there is room for a price beside what is spent, reserved, and `before` it in the line. */
  #fits(price: Spent, before = NOTHING): boolean {
    const { lifetime, run, allowUnknown } = this.#limits;
    if (lifetime === null && run === null) return true;
    if (price.unknown > 0 && !allowUnknown) return false;
    const wanted = addSpent(addSpent(this.#promised, before), price);
    const passes = (limit: number | null, spent: Spent) =>
      limit !== null && addSpent(spent, wanted).usd > limit;
    return !passes(lifetime, this.#lifetime) && !passes(run, this.#run);
  }

  /** Room was made: lets in whoever fits, in the order in which they came. */
  #letIn(): void {
    const stay: Priced[] = [];
    const enter: Job[] = [];
    let before = NOTHING;
    for (const one of this.#waiting) {
      if (this.#fits(one.price, before)) {
        before = addSpent(before, one.price);
        enter.push(one.job);
      } else stay.push(one);
    }
    this.#waiting = stay;
    for (const job of enter) this.#whenRoom(job);
  }
}

interface Priced {
  readonly job: Job;
  readonly key: string;
  readonly price: Spent;
}

function priced(job: Job): Priced {
  return { job, key: job.key, price: charged(job.submission?.cost.usd ?? null) };
}
