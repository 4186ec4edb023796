/** Two ways to do the same, timed in turns, so that other work of the machine slows both alike. */
export interface Pairs {
  /** Rounds that count; a first round, in which caches fill, does not. */
  readonly rounds: number;
  readonly one: () => Promise<void>;
  readonly other: () => Promise<void>;
}

/** Median milliseconds of each, and the first's divided by the second's. */
export async function timePairs({
  rounds,
  one,
  other,
}: Pairs): Promise<{ one: number; other: number; ratio: number }> {
  const times = { one: [] as number[], other: [] as number[] };
  for (let round = 0; round <= rounds; round += 1) {
    // Each goes first in half of the rounds, because the second finds a warmer machine.
    const order = round % 2 === 0 ? (['one', 'other'] as const) : (['other', 'one'] as const);
    for (const each of order) {
      const started = performance.now();
      await (each === 'one' ? one() : other());
      if (round > 0) times[each].push(performance.now() - started);
    }
  }
  const [first, second] = [median(times.one), median(times.other)];
  return { one: first, other: second, ratio: first / second };
}

/** The middle value, or the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle) - 1] ?? 0)) / 2;
}
