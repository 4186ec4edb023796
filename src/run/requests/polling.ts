/** How long a render is thought to take, in seconds: most of them end between `earliest` and `latest`. */
export interface RenderTime {
  readonly usual: number;
  readonly earliest: number;
  readonly latest: number;
  /** Where none was seen to end yet: how many that are followed would tell of the first end; else 0. */
  readonly guessing: number;
}

export type PollingState =
  /** In line; `position` counts the requests ahead, null when the service does not say. */
  | { readonly at: 'queued'; readonly position: number | null }
  /** Under way for `age` seconds, as far as we know. */
  | { readonly at: 'rendering'; readonly age: number };

/** Longest wait between two questions, seconds: a failure is never noticed later than this. */
const LONGEST = 15;
/** Longest wait for the first question about a render whose time is well known, seconds. */
const LONGEST_FIRST = 120;
/** A render of `usual` is well known when most of them end within a range that is shorter than it. */
const WELL_KNOWN = 1;
/** Shortest wait, seconds: two questions a second are enough for anything a person waits for. */
const SHORTEST = 0.5;
/** A render shorter than that is asked about more often: every fiftieth of it, at least this far apart. */
const SHORTEST_OF_ALL = 0.02;
/** Between the times at which far questions are asked, milliseconds. */
const TOGETHER = 250;
/** A question that is less far away is asked when it is due, milliseconds. */
const FAR = 2000;
/** What nobody has timed is asked about so often in the time that it takes: a guess may be far off, either way. */
const GUESSING = 4;
/** So few are asked as often as if each were alone; of more, each is asked less often, for one is enough to tell of all. */
const FEW = 16;
/** With this, a render that takes its usual time give or take 30 % is asked about five or six times. */
const KEENNESS = 8.9;
/** What is overdue is asked about so often in the time that it is. */
const OVERDUE = 6;
/** Share of the range that is taken to remain, at least: some renders end after it. */
const LEAST_LEFT = 0.1;

/**
 * Seconds to wait before asking again: not before a render can end, and then with the square root of what remains of the
 * range in which most end. For a given number of questions this keeps the mean delay lowest where all ends in the range
 * are as likely, since the chance to end in the next second grows as 1/remaining. A short range is worth few questions.
 */
export function nextWait(state: PollingState, { usual, earliest, latest, guessing }: RenderTime): number {
  const shortest = clamp(usual / 50, SHORTEST_OF_ALL, SHORTEST);
  if (state.at === 'queued') {
    // A line is taken to move by one at least every eighth of a render.
    return clamp((usual * ((state.position ?? 0) + 1)) / 8, shortest, LONGEST);
  }
  if (guessing > 0) {
    const often = clamp((GUESSING * FEW) / guessing, 1, GUESSING);
    return clamp(Math.max(state.age, usual / GUESSING) / often, shortest, LONGEST);
  }
  const range = latest - earliest;
  const step = (left: number) => Math.sqrt(usual * Math.max(left, range * LEAST_LEFT)) / KEENNESS;
  if (state.age < earliest) {
    const longest = range < WELL_KNOWN * usual ? LONGEST_FIRST : LONGEST;
    return clamp(earliest - state.age + step(range), shortest, longest);
  }
  // Overdue: what has taken long will take long.
  const over = state.age - latest;
  return clamp(Math.max(step(Math.abs(over)), over / OVERDUE), shortest, LONGEST);
}

/**
 * Milliseconds to wait for a question that is due in `wait` of them: those of all shots are put off to the same quarters
 * of a second, where they are far enough away for that to make no difference. What costs a process most is to wake up.
 */
export function together(wait: number, now: number): number {
  return wait < FAR ? wait : Math.ceil((now + wait) / TOGETHER) * TOGETHER - now;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
