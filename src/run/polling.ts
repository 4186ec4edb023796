/** How long a render is thought to take, in seconds; `spread` is the mean distance from `usual`. */
export interface RenderTime {
  readonly usual: number;
  readonly spread: number;
}

export type PollingState =
  /** In line; `position` counts the requests ahead, null when the service does not say. */
  | { readonly at: 'queued'; readonly position: number | null }
  /** Under way for `age` seconds, as far as we know. */
  | { readonly at: 'rendering'; readonly age: number };

/** Longest wait between two questions, seconds: a failure is never noticed later than this. */
const LONGEST = 15;
/** Longest wait for the first question about a render whose usual time is well known, seconds. */
const LONGEST_FIRST = 120;
/** Shortest wait, seconds: two questions a second are enough for anything a person waits for. */
const SHORTEST = 0.5;
/** A render shorter than ten seconds is asked about more often: every twentieth of it, at least this far apart. */
const SHORTEST_OF_ALL = 0.04;
/** A spread below this share of the usual time is called well known. */
const WELL_KNOWN = 0.3;
/** Questions across the whole span in which a render may end; about two thirds of them on average. */
const QUESTIONS = 8;

/**
 * Seconds to wait before asking again: rarely while the end is unlikely, often where it is likely.
 * Between the earliest and the latest end (twice the spread around the usual time, which is the whole range when
 * all times in it are as likely) the wait shrinks with the square root of what remains of it. For a given number
 * of questions this keeps the mean delay lowest, since the chance to end in the next second grows as 1/remaining.
 */
export function nextWait(state: PollingState, time: RenderTime): number {
  const shortest = shortestWait(time);
  if (state.at === 'queued') {
    // A line is taken to move by one at least every eighth of a render.
    return clamp((time.usual * ((state.position ?? 0) + 1)) / 8, shortest, LONGEST);
  }
  const earliest = Math.max(0, time.usual - 2 * time.spread);
  const latest = time.usual + 2 * time.spread;
  const span = Math.max(latest - earliest, shortest);
  const step = (left: number) => (span / QUESTIONS) * Math.sqrt(left);
  if (state.age < earliest) {
    const known = time.spread < WELL_KNOWN * time.usual;
    return clamp(earliest - state.age + step(1), shortest, known ? LONGEST_FIRST : LONGEST);
  }
  if (state.age < latest) return clamp(step((latest - state.age) / span), shortest, LONGEST);
  // Overdue: what has taken long will take long.
  return clamp((state.age - earliest) / QUESTIONS, shortest, LONGEST);
}

function shortestWait({ usual }: RenderTime): number {
  return clamp(usual / 20, SHORTEST_OF_ALL, SHORTEST);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
