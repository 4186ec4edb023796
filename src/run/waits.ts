import type { Effects } from '../base/effects.js';
import { findModel } from '../models/catalog.js';

/** Waits some milliseconds; resolves early when the signal aborts, and never rejects. */
export type Sleep = Effects['sleep'];

/** A signal that aborts with `signal` or after some seconds. `end` frees both. `over` is true if the time ran out. */
export function withDeadline(options: {
  readonly signal: AbortSignal;
  readonly seconds: number;
  readonly sleep: Sleep;
}): { readonly signal: AbortSignal; readonly over: () => boolean; readonly end: () => void } {
  const controller = new AbortController();
  const timer = new AbortController();
  let isLate = false;
  const stop = () => controller.abort();
  if (options.signal.aborted) stop();
  options.signal.addEventListener('abort', stop, { once: true });
  void options.sleep(options.seconds * 1000, timer.signal).then(() => {
    if (timer.signal.aborted) return;
    isLate = true;
    controller.abort();
  });
  const end = () => {
    timer.abort();
    options.signal.removeEventListener('abort', stop);
  };
  return { signal: controller.signal, over: () => isLate, end };
}

/** Times between two notices of a task that does not end, milliseconds; the last one repeats. */
const NOTICE_GAPS = [10_000, 20_000, 30_000, 60_000];

interface SlowTask {
  readonly say: () => void;
  /** Time of the next notice, milliseconds since the epoch. */
  due: number;
  notices: number;
}

/** Says of tasks that take long that they do, more and more rarely. One sleep serves all tasks. */
export class StillTrying {
  readonly #tasks = new Set<SlowTask>();
  readonly #deps: Pick<Effects, 'now' | 'sleep'>;
  #watching: AbortController | null = null;

  constructor(deps: Pick<Effects, 'now' | 'sleep'>) {
    this.#deps = deps;
  }

  /** Does a task that may take any time, and calls `say` now and then until it ends. */
  async during<T>(task: () => Promise<T>, say: () => void): Promise<T> {
    const own: SlowTask = { say, due: this.#deps.now() + gapAfter(0), notices: 0 };
    this.#tasks.add(own);
    if (!this.#watching) {
      this.#watching = new AbortController();
      void this.#watch(this.#watching.signal);
    }
    try {
      return await task();
    } finally {
      this.#tasks.delete(own);
      if (this.#tasks.size === 0) {
        this.#watching?.abort();
        this.#watching = null;
      }
    }
  }

  /** No sleep is longer than the first gap, so a task that begins during a sleep is never late. */
  async #watch(over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      const now = this.#deps.now();
      for (const task of this.#tasks) {
        if (task.due > now) continue;
        task.notices += 1;
        task.due = now + gapAfter(task.notices);
        task.say();
      }
      const next = Math.min(...[...this.#tasks].map(({ due }) => due), now + gapAfter(0));
      await this.#deps.sleep(next - now, over);
    }
  }
}

function gapAfter(notices: number): number {
  return NOTICE_GAPS[Math.min(notices, NOTICE_GAPS.length - 1)] ?? 0;
}

/** Kind of render: its model, length and sound decide how long it takes. */
export interface Kind {
  readonly model: string;
  readonly seconds: number;
  readonly audio: boolean;
}

type Progress =
  /** In the queue; `position` counts the requests ahead, null if the service does not say. */
  | { readonly at: 'queued'; readonly position: number | null }
  /** Rendering for about `age` seconds. */
  | { readonly at: 'rendering'; readonly age: number };

/** Guesses for kinds of render without a known time, seconds. A rehearsal's clips are drawn in a second or two. */
const LOCAL_GUESS = 2;
const BLIND_GUESS = 60;
/** Renders of a kind that are remembered: enough to know the range, few enough to follow a service that changes. */
const REMEMBERED = 32;
/** Longest wait between two questions, seconds: a failure is noticed within this time. */
const LONGEST = 15;
/** Longest wait for the first question about a render whose time is known, seconds. */
const LONGEST_FIRST = 120;
/** Shortest wait, seconds, and as a share of a render's usual time. */
const SHORTEST = 0.02;
const SHORTEST_SHARE = 1 / 50;
/** Questions between the earliest expected end and the latest known one. */
const QUESTIONS = 10;

/**
 * Decides when to ask about a request, by the ages at which the last renders of its kind ended. The first question comes
 * a little before the shortest of these ages, the sooner the fewer are known. Then a tenth of the range up to the longest
 * age passes between two questions. A render of an unknown kind, or an overdue one, is asked about each time it is
 * about a quarter older, with a share of chance, so that shots which were sent together do not all ask together. Waits
 * have a lower bound, a share of the usual time, and an upper bound of 15 s, or 120 s before the first question.
 */
export class RenderTimes {
  readonly #guess: (model: string) => number;
  readonly #random: () => number;
  /** Ages at which the last renders ended, seconds, by kind. */
  readonly #ends = new Map<string, readonly number[]>();
  /** Last usual time of any kind of a model, seconds. */
  readonly #byModel = new Map<string, number>();

  /** `local`: an emulator on this machine renders. */
  constructor({ local, random }: { readonly local: boolean; readonly random: () => number }) {
    this.#guess = (model) => (local ? LOCAL_GUESS : (findModel(model)?.usual_render_seconds ?? BLIND_GUESS));
    this.#random = random;
  }

  /** Usual time of a render, seconds: the median of its kind, else that of another kind of the model, else a guess. */
  usual(kind: Kind): number {
    const ends = this.#sorted(kind);
    return ends[ends.length >> 1] ?? this.#byModel.get(kind.model) ?? this.#guess(kind.model);
  }

  /** Seconds to wait before the next question. */
  wait(kind: Kind, progress: Progress): number {
    const usual = this.usual(kind);
    const shortest = Math.max(SHORTEST, usual * SHORTEST_SHARE);
    const bounded = (wait: number) => Math.min(Math.max(wait, shortest), LONGEST);
    // A queue is taken to move by one at least every eighth of a render.
    if (progress.at === 'queued') return bounded((usual * ((progress.position ?? 0) + 1)) / 8);
    const { age } = progress;
    const ends = this.#sorted(kind);
    const byChance = (wait: number) => bounded(wait * (0.75 + this.#random() / 2));
    if (ends.length === 0) return byChance(Math.max(age, usual) / 4);
    const [shortestEnd = 0] = ends;
    const earliest = (shortestEnd * ends.length) / (ends.length + 1);
    const latest = ends.at(-1) ?? 0;
    if (age < earliest) return Math.min(Math.max(earliest - age, shortest), LONGEST_FIRST);
    const step = (latest - earliest) / QUESTIONS;
    return age <= latest ? bounded(step) : byChance(Math.max(step, (age - latest) / 4));
  }

  /**
   * Learns from a render that was still going at the age of `after` seconds and had ended at `before`. `after` is 0 if
   * the first question found the end, which may then have been much earlier.
   */
  learn(kind: Kind, { after, before }: { readonly after: number; readonly before: number }): void {
    const end = after > 0 ? (after + before) / 2 : before * 0.9;
    this.#ends.set(nameOf(kind), [...(this.#ends.get(nameOf(kind)) ?? []), end].slice(-REMEMBERED));
    this.#byModel.set(kind.model, this.usual(kind));
  }

  #sorted(kind: Kind): readonly number[] {
    return (this.#ends.get(nameOf(kind)) ?? []).toSorted((one, other) => one - other);
  }
}

function nameOf({ model, seconds, audio }: Kind): string {
  return `${model} ${seconds} ${audio}`;
}
