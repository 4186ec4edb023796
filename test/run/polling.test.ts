import { describe, expect, it } from 'vitest';
import { RenderTimes } from '../../src/run/waits.js';
import { planOf, World } from './world.js';

const KIND = { model: 'kling/kling-3.0/standard/image-to-video', seconds: 5, audio: true };
const LONGER = { ...KIND, seconds: 10 };

const rendering = (age: number) => ({ at: 'rendering', age }) as const;
const timesOf = (local: boolean) => new RenderTimes({ local, random: () => 0.5 });

/** Times that know renders of these lengths, seconds, to the tenth. */
function knowing(...lengths: readonly number[]) {
  const times = timesOf(false);
  for (const length of lengths) times.learn(KIND, { after: length - 0.05, before: length + 0.05 });
  return times;
}

/** Follows one render of some length, seconds, as a run would; returns the delay and the number of questions. */
function follow(times: RenderTimes, length: number) {
  let age = 0;
  let after = 0;
  let questions = 0;
  for (;;) {
    age += times.wait(KIND, rendering(age));
    questions += 1;
    if (age >= length) break;
    after = age;
  }
  times.learn(KIND, { after, before: age });
  return { delay: age - length, questions };
}

/** Follows renders one after the other; returns the median delay and the mean questions of the later half. */
function followAll(times: RenderTimes, lengths: readonly number[]) {
  const later = lengths.map((length) => follow(times, length)).slice(lengths.length / 2);
  const delays = later.map(({ delay }) => delay).sort((one, other) => one - other);
  const questions = later.reduce((sum, one) => sum + one.questions, 0) / later.length;
  return { median: delays[delays.length >> 1] ?? 0, questions };
}

/** Lengths evenly spread over a range, in an order that looks random and is always the same. */
function spread(usual: number, share: number, count = 1000): readonly number[] {
  const golden = 0.618033988749895;
  return Array.from({ length: count }, (_, index) => usual * (1 + share * (2 * ((index * golden) % 1) - 1)));
}

describe('polling', () => {
  it('notices the end of renders of 60 s ± 30 % within 2 s, with less than eight questions each', () => {
    const { median, questions } = followAll(timesOf(false), spread(60, 0.3));
    expect(median).toBeLessThan(2);
    expect(questions).toBeLessThan(8);
  });

  it('notices the end of local renders of 1 to 5 s within half a second, with less than eight questions each', () => {
    const { median, questions } = followAll(timesOf(true), spread(3, 0.66));
    expect(median).toBeLessThan(0.5);
    expect(questions).toBeLessThan(8);
  });

  it('asks three times about renders that always take 60 s, and notices their end within half a second', () => {
    const { median, questions } = followAll(
      timesOf(false),
      Array.from({ length: 100 }, () => 60),
    );
    expect(median).toBeLessThan(0.5);
    expect(questions).toBeLessThanOrEqual(3.5);
  });

  it('follows a service that becomes twice as fast', () => {
    const times = knowing(...spread(60, 0.1, 40));
    for (const length of spread(30, 0.1, 40)) follow(times, length);
    expect(follow(times, 30).delay).toBeLessThan(1);
  });

  it.each([0.5, 10, 60, 600])(
    'asks rarely about a render of %s s whose time it guessed as 2 s, and notices its end in time',
    (length) => {
      const { delay, questions } = follow(timesOf(true), length);
      expect(questions).toBeLessThan(length / 15 + 30);
      expect(delay).toBeLessThanOrEqual(Math.min(15, Math.max(length / 4, 0.5)));
    },
  );

  it.each([
    ['15 s for the first question about a long render that nobody has timed', 0, [], 15],
    ['120 s for the first question about a render that takes 600 s', 0, [600, 600], 120],
    ['15 s for a render that is far overdue', 4000, [58, 62], 15],
    [
      'a fiftieth of the usual time near the end of a render that always takes as long',
      59,
      spread(60, 0, 32),
      1.2,
    ],
    ['a fiftieth of a second for the shortest renders', 0.2, [0.2, 0.2, 0.2], 0.02],
  ])('waits %s', (_title, age, lengths, seconds) => {
    expect(knowing(...lengths).wait(KIND, rendering(age))).toBeCloseTo(seconds, 2);
  });

  it('waits in the queue for as long as the position may need to change, and at most 15 s', () => {
    const times = knowing(16);
    expect(times.wait(KIND, { at: 'queued', position: 0 })).toBeCloseTo(2);
    expect(times.wait(KIND, { at: 'queued', position: null })).toBeCloseTo(2);
    expect(times.wait(KIND, { at: 'queued', position: 500 })).toBe(15);
  });

  it('spreads the questions about renders that nobody has timed by chance', () => {
    const waits = [0, 0.999].map((random) =>
      new RenderTimes({ local: true, random: () => random }).wait(KIND, rendering(8)),
    );
    expect(waits[0]).toBeCloseTo(1.5);
    expect(waits[1]).toBeCloseTo(2.5);
  });

  it('takes the time of one length for another length of the same model until that is known', () => {
    const times = knowing(40);
    expect(timesOf(true).usual(LONGER)).toBe(2);
    expect(times.usual(LONGER)).toBeCloseTo(40);
    times.learn(LONGER, { after: 79, before: 81 });
    expect(times.usual(LONGER)).toBe(80);
    expect(times.usual(KIND)).toBeCloseTo(40);
  });

  it('asks at most ten times a shot in a run of 60 shots', async () => {
    const world = new World();
    world.service.renderSeconds = 60;
    const ids = Array.from({ length: 60 }, (_, index) => `shot${index}`);
    await world.run(planOf(...ids));
    const { result, status } = world.service.calls;
    expect((result + status) / 60).toBeLessThanOrEqual(10);
  });
});
