import { findModel } from '../../models/catalog.js';
import { OVER } from './pace.js';
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
/** So large a share of the time between two questions, at either side, is taken to be free of ends: else a range never shrinks. */
const MARGIN = 0.15;
/** As long as there are fewer than so many, the range is taken to be wider than they say. */
const ENOUGH = 8;
/** Smallest share of the usual time that the range reaches to either side: no render is known better than this. */
const LEAST_REACH = 0.005;
/** What was found done at the first question may have been done long before: look this much earlier next time. */
const LOOK_EARLIER = 0.005;

/** Learns how long renders take from what a run sees. */
export class RenderTimes {
  readonly #local: boolean;
  /** Between which ages the last ones ended. */
  readonly #ends = new Map<string, readonly Seen[]>();
  readonly #byKind = new Map<string, RenderTime>();
  readonly #byModel = new Map<string, RenderTime>();
  /** How many renders of a kind are followed. */
  readonly #followed = new Map<string, number>();
  /** Abort when the first of a kind has ended. */
  readonly #firsts = new Map<string, AbortController>();

  constructor(options: { readonly local: boolean }) {
    this.#local = options.local;
  }

  /** What is known by now; a guess for what was never seen. */
  expect(kind: Kind): RenderTime {
    const exact = this.#byKind.get(name(kind));
    if (exact) return exact;
    const usual = this.#byModel.get(kind.model)?.usual ?? this.#guess(kind.model);
    const guessing = this.#followed.get(name(kind)) ?? 1;
    return { usual, earliest: 0, latest: 2 * usual, guessing };
  }

  /** One more render of a kind is followed; returns what says that it is no longer. */
  follow(kind: Kind): () => void {
    const add = (more: number) =>
      this.#followed.set(name(kind), (this.#followed.get(name(kind)) ?? 0) + more);
    add(1);
    return () => add(-1);
  }

  /** Aborts when `signal` does, or when a render of a kind that nobody has timed is seen to end: then all are worth a question. */
  untilKnown(kind: Kind, signal: AbortSignal): AbortSignal {
    if (this.#byKind.has(name(kind))) return signal;
    const first = this.#firsts.get(name(kind)) ?? new AbortController();
    this.#firsts.set(name(kind), first);
    return AbortSignal.any([signal, first.signal]);
  }

  /** Learns from one render. */
  learn(kind: Kind, seen: Seen): void {
    const ends = this.#ends.get(name(kind)) ?? [];
    const latest = [...ends, endOf(seen, this.expect(kind))].slice(-REMEMBERED);
    const time = rangeOf(latest);
    this.#ends.set(name(kind), latest);
    this.#byKind.set(name(kind), time);
    this.#byModel.set(kind.model, time);
    this.#firsts.get(name(kind))?.abort(OVER);
  }

  #guess(model: string): number {
    if (this.#local) return LOCAL_GUESS;
    return findModel(model)?.usual_render_seconds ?? BLIND_GUESS;
  }
}

function name({ model, seconds, audio }: Kind): string {
  return `${model} ${seconds} ${audio}`;
}

/** The range in which most of some renders ended, as far as it is known when they did. */
function rangeOf(ends: readonly Seen[]): RenderTime {
  const within = (share: number) => ends.map(({ after, before }) => after + (before - after) * share);
  const usual = at(0.5, within(0.5));
  const reach = usual * (ends.length < ENOUGH ? 0.5 / ends.length : LEAST_REACH);
  return {
    usual,
    earliest: Math.max(0, Math.min(at(OUTSIDE, within(MARGIN)), usual - reach)),
    latest: Math.max(at(1 - OUTSIDE, within(1 - MARGIN)), usual + reach),
    guessing: 0,
  };
}

/** What so large a share of some values is below. */
function at(share: number, values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(share * (values.length - 1))] ?? 0;
}

/** Between which ages a render ended: what was found done at the first question may have been a little earlier than ever. */
function endOf({ after, before }: Seen, { earliest, latest, usual }: RenderTime): Seen {
  if (after > 0) return { after, before };
  const earlier = Math.min(earliest, before) - (latest - earliest) * OUTSIDE - usual * LOOK_EARLIER;
  return { after: Math.max(earlier, 0), before };
}
