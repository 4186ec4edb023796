import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timeSegments } from '../../src/plan/parts.js';

/** Segments with those durations; 0 for none. */
function segments(...durations: number[]) {
  return durations.map((duration) => ({ prompt: 'x', ...(duration > 0 && { duration }) }));
}

function seconds(durations: number[], duration?: number): readonly number[] | string {
  const timed = timeSegments(segments(...durations), duration);
  return 'problem' in timed ? timed.problem : timed.segments.map((segment) => segment.seconds);
}

describe('timeSegments', () => {
  it.each<[what: string, durations: number[], duration: number | undefined, expected: number[]]>([
    ['keeps what is written', [4, 6], 10, [4, 6]],
    ['adds up what is written', [4, 6], undefined, [4, 6]],
    ['gives five seconds where nothing is written', [0, 0], undefined, [5, 5]],
    ['gives five seconds to one among others', [4, 0], undefined, [4, 5]],
    ['shares the shot evenly', [0, 0], 10, [5, 5]],
    ['lets earlier ones be longer', [0, 0, 0], 11, [4, 4, 3]],
    ['shares what the others leave', [4, 0, 0], 11, [4, 4, 3]],
    ['shares what the others leave wherever they stand', [0, 4, 0], 11, [4, 4, 3]],
    ['gives all to one', [0], 15, [15]],
    ['gives the least there is', [12, 0], 15, [12, 3]],
  ])('times segments: %s', (_, durations, duration, expected) => {
    expect(seconds(durations, duration)).toEqual(expected);
  });

  it.each<[durations: number[], duration: number, problem: string]>([
    [[4, 5], 10, 'the segments add up to 4 + 5 = 9 s, but the shot lasts 10 s'],
    [[4], 10, 'the segments add up to 4 s, but the shot lasts 10 s'],
    [
      [4, 0],
      6,
      "of the shot's 6 s, 2 s remain after 4 s for the segment without a duration; each takes at least 3 s",
    ],
    [
      [4, 3, 0, 0],
      12,
      "of the shot's 12 s, 5 s remain after 4 + 3 = 7 s for the 2 segments without a duration; each takes at least 3 s",
    ],
    [
      [0, 0],
      5,
      "of the shot's 5 s, 5 s remain for the 2 segments without a duration; each takes at least 3 s",
    ],
    [
      [9, 0],
      6,
      "of the shot's 6 s, 0 s remain after 9 s for the segment without a duration; each takes at least 3 s",
    ],
  ])('explains why segments of %j do not fit into %i s', (durations, duration, problem) => {
    expect(seconds(durations, duration)).toBe(problem);
  });

  it('times a shot without segments', () => {
    expect(timeSegments([], undefined)).toEqual({ segments: [], seconds: 0 });
  });

  it('fills a shot exactly, with segments of three or more whole seconds', () => {
    const durations = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 3, max: 15 })), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(
        durations,
        fc.option(fc.integer({ min: 1, max: 300 }), { nil: undefined }),
        (some, duration) => {
          const timed = timeSegments(segments(...some), duration);
          if ('problem' in timed) return duration !== undefined;
          const each = timed.segments.map((segment) => segment.seconds);
          expect(each.every((value) => Number.isInteger(value) && value >= 3)).toBe(true);
          expect(each.reduce((sum, value) => sum + value, 0)).toBe(timed.seconds);
          if (duration !== undefined) expect(timed.seconds).toBe(duration);
          const open = each.filter((_, index) => some[index] === 0);
          expect(open).toEqual(open.toSorted((a, b) => b - a));
          return true;
        },
      ),
    );
  });
});
