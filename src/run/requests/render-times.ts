import { findModel } from '../../models/catalog.js';
import type { RenderTime } from './polling.js';

/** What is rendered: times are learned by model, length and sound. */
export interface Kind {
  readonly model: string;
  readonly seconds: number;
  readonly audio: boolean;
}

/** A render ended between these two ages, seconds: the last time it was still going, and when it was found done. */
export interface Seen {
  readonly after: number;
  readonly before: number;
}

/** A rehearsal's clips are drawn in a second or two. */
const LOCAL_GUESS = 2;
/** For a model that nobody has timed, seconds. */
const BLIND_GUESS = 60;
/** How many renders are remembered: enough to know their range, few enough to follow a service that changes. */
const REMEMBERED = 64;
/** Share of them that may end before the range in which most do, and after it. */
const OUTSIDE = 0.1;
/** As long as there are fewer than so many, the range is taken to be wider than they say. */
const ENOUGH = 8;
/** Smallest share of the usual time that the range reaches to either side: no render is known better than this. */
const LEAST_REACH = 0.005;
/** No render is taken to be shorter, seconds. */
const SHORTEST = 0.001;
/** What was found done at the first question may have been done long before: look this much earlier next time. */
const LOOK_EARLIER = 0.005;

/** Learns how long renders take from what a run sees. */
export class RenderTimes {
  readonly #local: boolean;
  /** The ages at which the last ones ended, seconds. */
  readonly #ends = new Map<string, number[]>();
  readonly #byKind = new Map<string, RenderTime>();
  readonly #byModel = new Map<string, RenderTime>();

  constructor(options: { readonly local: boolean }) {
    this.#local = options.local;
  }

  /** What is known by now; a guess for what was never seen. */
  expect(kind: Kind): RenderTime {
    const exact = this.#byKind.get(name(kind));
    if (exact) return exact;
    const usual = this.#byModel.get(kind.model)?.usual ?? this.#guess(kind.model);
    return { usual, earliest: 0, latest: 2 * usual };
  }

  /** Learns from one render. */
  learn(kind: Kind, seen: Seen): void {
    const ends = this.#ends.get(name(kind)) ?? [];
    const latest = [...ends, endOf(seen, this.expect(kind))].slice(-REMEMBERED);
    const time = rangeOf(latest);
    this.#ends.set(name(kind), latest);
    this.#byKind.set(name(kind), time);
    this.#byModel.set(kind.model, time);
  }

  #guess(model: string): number {
    if (this.#local) return LOCAL_GUESS;
    return findModel(model)?.usual_render_seconds ?? BLIND_GUESS;
  }
}

function name({ model, seconds, audio }: Kind): string {
  return `${model} ${seconds} ${audio}`;
}

/** The range in which most of some renders ended. */
function rangeOf(ends: readonly number[]): RenderTime {
  const sorted = [...ends].sort((one, other) => one - other);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  const usual = at(0.5);
  const reach = usual * (ends.length < ENOUGH ? 0.5 / ends.length : LEAST_REACH);
  return {
    usual,
    earliest: Math.max(0, Math.min(at(OUTSIDE), usual - reach)),
    latest: Math.max(at(1 - OUTSIDE), usual + reach),
  };
}

/** The age at which a render ended, as far as the two ages around it and what was believed before can say. */
function endOf({ after, before }: Seen, { usual, earliest, latest }: RenderTime): number {
  if (after > 0) return (after + before) / 2;
  // Found at the first question: it may have ended at any time before.
  const believed = Math.min(before, (earliest + before) / 2);
  return Math.max(believed - (latest - earliest) * OUTSIDE - usual * LOOK_EARLIER, SHORTEST);
}
