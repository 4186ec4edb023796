import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SplitRules, splitSegments } from '../../src/plan/parts.js';

/** Every way to cut the segments into consecutive parts that keep to the rules, as lists of segment counts. */
function allSplits(seconds: readonly number[], rules: SplitRules): readonly (readonly number[])[] {
  if (seconds.length === 0) return [[]];
  const splits: (readonly number[])[] = [];
  for (let count = 1; count <= Math.min(seconds.length, rules.mostSegments); count++) {
    const length = seconds.slice(0, count).reduce((sum, one) => sum + one, 0);
    if (!rules.accepts(length, count === seconds.length)) continue;
    splits.push(...allSplits(seconds.slice(count), rules).map((rest) => [count, ...rest]));
  }
  return splits;
}

/** Fewest parts; of those, the one whose parts are longest, the earliest compared first. */
function bestOf(splits: readonly (readonly number[])[]): readonly number[] | null {
  const fewest = Math.min(...splits.map((split) => split.length));
  const short = splits.filter((split) => split.length === fewest);
  return short.reduce<readonly number[] | null>(
    (best, split) => (best && !isLonger(split, best) ? best : split),
    null,
  );
}

/** Segments are never empty, so more segments in an earlier part is more seconds. */
function isLonger(one: readonly number[], other: readonly number[]): boolean {
  const at = one.findIndex((count, index) => count !== other[index]);
  return at >= 0 && (one[at] as number) > (other[at] as number);
}

const threeToFifteen: SplitRules = { mostSegments: 20, accepts: (seconds) => seconds >= 3 && seconds <= 15 };

describe('splitSegments', () => {
  it.each([
    [[5, 5], [2]],
    [
      [8, 5, 9, 4],
      [2, 2],
    ],
    [
      [5, 5, 5, 5],
      [3, 1],
    ],
    [
      [15, 15, 3],
      [1, 1, 1],
    ],
    [
      [14, 3, 3],
      [1, 2],
    ],
  ])('groups segments of %j as %j', (seconds, expected) => {
    expect(splitSegments(seconds, threeToFifteen)).toEqual(expected);
  });

  it('makes one part of each segment for a model without segments', () => {
    const accepts = (seconds: number, isLast: boolean) =>
      seconds === 5 || seconds === 10 || (isLast && seconds === 7);
    expect(splitSegments([5, 10, 7], { mostSegments: 1, accepts })).toEqual([1, 1, 1]);
    expect(splitSegments([7, 10, 5], { mostSegments: 1, accepts })).toBeNull();
  });

  it('finds the same grouping as trying all of them', () => {
    const rules = fc
      .record({
        mostSegments: fc.integer({ min: 1, max: 4 }),
        middle: fc.uniqueArray(fc.integer({ min: 3, max: 30 })),
        last: fc.uniqueArray(fc.integer({ min: 3, max: 30 })),
      })
      .map(({ mostSegments, middle, last }) => ({
        mostSegments,
        accepts: (seconds: number, isLast: boolean) => (isLast ? last : middle).includes(seconds),
      }));
    const seconds = fc.array(fc.integer({ min: 3, max: 15 }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(seconds, fc.oneof(rules, fc.constant(threeToFifteen)), (lengths, limits) => {
        const splits = allSplits(lengths, limits);
        expect(splitSegments(lengths, limits)).toEqual(splits.length === 0 ? null : bestOf(splits));
      }),
      { numRuns: 2000 },
    );
  });
});
