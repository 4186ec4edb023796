import { findModel } from '../models/catalog.js';
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
/** How much a first guess may be wrong, as a share of it. */
const GUESS_SPREAD = 0.5;
/** How much one more observation counts; TCP's round-trip estimator (RFC 6298) uses the same. */
const MEAN_GAIN = 1 / 8;
const SPREAD_GAIN = 1 / 4;
/** Smallest share of the usual time the spread falls to: no render is known better than this. */
const LEAST_SPREAD = 0.01;
/** What was found done at the first question may have been done long before: look this much earlier next time. */
const LOOK_EARLIER = 0.03;

/** Learns how long renders take from what a run sees. */
export class RenderTimes {
  readonly #local: boolean;
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
    return { usual, spread: usual * GUESS_SPREAD };
  }

  /** Learns from one render. */
  learn(kind: Kind, seen: Seen): void {
    const known = this.#byKind.get(name(kind));
    const time = known ? blend(known, seen) : first(seen);
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

function first({ after, before }: Seen): RenderTime {
  const usual = Math.max((after + before) / 2, 0.001);
  return { usual, spread: Math.max((before - after) / 2, usual * 0.1) };
}

function blend(known: RenderTime, seen: Seen): RenderTime {
  const ended = endOf(known, seen);
  const usual = known.usual + MEAN_GAIN * (ended - known.usual);
  const spread = known.spread + SPREAD_GAIN * (Math.abs(ended - known.usual) - known.spread);
  return { usual, spread: Math.max(spread, usual * LEAST_SPREAD) };
}

/** The age at which a render ended, as far as the two ages around it and what was believed before can say. */
function endOf(known: RenderTime, { after, before }: Seen): number {
  const foundAtOnce = after === 0;
  if (foundAtOnce) return Math.min(before, known.usual) * (1 - LOOK_EARLIER);
  // An answer that brackets what was believed teaches only that it is about right.
  return after < known.usual && known.usual <= before ? known.usual : (after + before) / 2;
}
