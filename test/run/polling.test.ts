import { describe, expect, it } from 'vitest';
import { nextWait, together } from '../../src/run/requests/polling.js';
import { RenderTimes } from '../../src/run/requests/render-times.js';

const KIND = { model: 'kling/kling-3.0/standard/image-to-video', seconds: 5, audio: true };

const rendering = (age: number) => ({ at: 'rendering', age }) as const;
const guess = (usual: number) => ({ usual, earliest: 0, latest: 2 * usual, guessing: 1 });
const known = (earliest: number, latest: number) => ({
  usual: (earliest + latest) / 2,
  earliest,
  latest,
  guessing: 0,
});

/** Follows renders of given lengths, as a run would; returns the delays (seconds) and questions of the later half. */
function follow(lengths: readonly number[]) {
  const times = new RenderTimes({ local: false });
  const seen = lengths.map((length) => {
    let age = 0;
    let after = 0;
    let questions = 0;
    for (;;) {
      age += nextWait(rendering(age), times.expect(KIND));
      questions += 1;
      if (age >= length) break;
      after = age;
    }
    times.learn(KIND, { after, before: age });
    return { delay: age - length, questions };
  });
  const later = seen.slice(seen.length / 2);
  const delays = later.map(({ delay }) => delay).sort((a, b) => a - b);
  const questions = later.reduce((sum, one) => sum + one.questions, 0) / later.length;
  return { median: delays[delays.length >> 1] ?? 0, questions };
}

/** Evenly spread over a range, in an order that looks like chance and is always the same. */
function spread(usual: number, share: number): readonly number[] {
  const golden = 0.618033988749895;
  return Array.from({ length: 2000 }, (_, index) => usual * (1 + share * (2 * ((index * golden) % 1) - 1)));
}

describe('when to ask', () => {
  it('knows of the end of renders of 60 s, give or take 30 %, within 1.5 s, by six questions', () => {
    const { median, questions } = follow(spread(60, 0.3));
    expect(median).toBeLessThan(1.5);
    expect(questions).toBeLessThan(6);
  });

  it.each([0.5, 10, 60, 600])(
    'asks seldom about one of %s s where it guessed 2 s, and learns of its end in time',
    (length) => {
      let age = 0;
      let questions = 0;
      for (; age < length; questions += 1) age += nextWait(rendering(age), guess(2));
      expect(questions).toBeLessThan(length / 15 + 30);
      expect(age - length).toBeLessThanOrEqual(Math.min(15, Math.max(length / 4, 0.125)));
    },
  );

  it('asks about twice where renders always take as long', () => {
    const { median, questions } = follow(Array.from({ length: 500 }, () => 1));
    expect(median).toBeLessThan(0.03);
    expect(questions).toBeLessThan(2.2);
  });

  it.each([
    ['first of a long one', rendering(0), guess(600), 15],
    ['of a long one that is well known', rendering(0), known(590, 610), 120],
    ['in a long line', { at: 'queued', position: 500 }, guess(60), 15],
    ['far overdue', rendering(4000), known(30, 90), 15],
    ['near the end', rendering(61.9), known(58, 62), 0.55],
    ['of a very short one', { at: 'queued', position: 0 }, known(0.4, 0.6), 0.0625],
  ] as const)('waits within bounds: %s', (_name, state, time, seconds) => {
    expect(nextWait(state, time)).toBeCloseTo(seconds, 3);
  });

  it('puts far questions off to the same quarters of a second, and near ones never', () => {
    expect(together(5_010, 1_000_100)).toBe(5_150);
    expect(together(5_140, 1_000_100)).toBe(5_150);
    expect(together(1_990, 1_000_100)).toBe(1_990);
  });

  it('asks each of many less often while any of them may be the first to end, and a few as often as one', () => {
    const many = { ...guess(2), guessing: 500 };
    const few = { ...guess(2), guessing: 16 };
    expect(nextWait(rendering(8), many)).toBe(8);
    expect(nextWait(rendering(8), few)).toBe(2);
  });

  it('wakes all of a kind when the first of them has ended, and no others', () => {
    const times = new RenderTimes({ local: true });
    const over = new AbortController();
    const [one, other] = [
      times.untilKnown(KIND, over.signal),
      times.untilKnown({ ...KIND, seconds: 10 }, over.signal),
    ];
    times.learn(KIND, { after: 39, before: 41 });
    expect([one.aborted, other.aborted]).toEqual([true, false]);
    // From now on nobody is woken for more.
    expect(times.untilKnown(KIND, over.signal)).toBe(over.signal);
    over.abort();
    expect(other.aborted).toBe(true);
  });

  it('counts those that are followed, each kind for itself', () => {
    const times = new RenderTimes({ local: true });
    const unfollow = times.follow(KIND);
    times.follow(KIND);
    times.follow({ ...KIND, seconds: 10 });
    expect(times.expect(KIND).guessing).toBe(2);
    unfollow();
    expect(times.expect(KIND).guessing).toBe(1);
  });

  it('lets what is learned of one length stand in for another of the same model', () => {
    const times = new RenderTimes({ local: true });
    expect(times.expect(KIND).usual).toBe(2);
    times.learn(KIND, { after: 39, before: 41 });
    expect(times.expect({ ...KIND, seconds: 10 })).toMatchObject({ usual: 40, guessing: 1 });
  });
});
