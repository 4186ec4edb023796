import { describe, expect, it } from 'vitest';
import { nextWait } from '../../src/run/requests/polling.js';
import { RenderTimes } from '../../src/run/requests/render-times.js';

const KIND = { model: 'kling/kling-3.0/standard/image-to-video', seconds: 5, audio: true };

/** Follows renders of given lengths, as a run would; returns the delays (seconds) and questions of the later half. */
function follow(lengths: readonly number[]) {
  const times = new RenderTimes({ local: false });
  const seen = lengths.map((length) => {
    let age = 0;
    let after = 0;
    let questions = 0;
    for (;;) {
      age += nextWait({ at: 'rendering', age }, times.expect(KIND));
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
      const guess = { usual: 2, earliest: 0, latest: 4, isGuess: true };
      let age = 0;
      let questions = 0;
      for (; age < length; questions += 1) age += nextWait({ at: 'rendering', age }, guess);
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
    [
      'first of a long one',
      { at: 'rendering', age: 0 },
      { usual: 600, earliest: 0, latest: 1200, isGuess: true },
      15,
    ],
    [
      'of a long one that is well known',
      { at: 'rendering', age: 0 },
      { usual: 600, earliest: 590, latest: 610, isGuess: false },
      120,
    ],
    [
      'in a long line',
      { at: 'queued', position: 500 },
      { usual: 60, earliest: 0, latest: 120, isGuess: true },
      15,
    ],
    [
      'far overdue',
      { at: 'rendering', age: 4000 },
      { usual: 60, earliest: 30, latest: 90, isGuess: false },
      15,
    ],
    [
      'near the end',
      { at: 'rendering', age: 61.9 },
      { usual: 60, earliest: 58, latest: 62, isGuess: false },
      0.55,
    ],
    [
      'of a very short one',
      { at: 'queued', position: 0 },
      { usual: 0.5, earliest: 0.4, latest: 0.6, isGuess: false },
      0.0625,
    ],
  ] as const)('waits within bounds: %s', (_name, state, time, seconds) => {
    expect(nextWait(state, time)).toBeCloseTo(seconds, 3);
  });

  it('lets what is learned of one length stand in for another of the same model', () => {
    const times = new RenderTimes({ local: true });
    expect(times.expect(KIND).usual).toBe(2);
    times.learn(KIND, { after: 39, before: 41 });
    expect(times.expect({ ...KIND, seconds: 10 })).toMatchObject({ usual: 40, isGuess: true });
  });
});
