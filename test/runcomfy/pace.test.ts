import { expect, it } from 'vitest';
import { Pace } from '../../src/runcomfy/pace.js';
import { createClock } from './rig.js';

it('holds no call back before the first fault', async () => {
  const clock = createClock();
  const pace = new Pace(clock.deps);
  for (let call = 0; call < 5; call += 1) expect(await pace.turn()).toBe(true);
  expect(clock.sleeps).toEqual([]);
});

it('stops all calls for as long as a 429 asks, and then lets them leave one by one', async () => {
  const clock = createClock();
  const pace = new Pace(clock.deps);
  pace.tooFast(10);
  await pace.turn();
  await pace.turn();
  await pace.turn();
  expect(clock.sleeps).toEqual([10_500, 400, 400]);
});

it('halves the gap between calls with each good answer', async () => {
  const clock = createClock();
  const pace = new Pace(clock.deps);
  pace.tooFast(1);
  await pace.turn();
  for (let call = 0; call < 4; call += 1) {
    pace.fine();
    await pace.turn();
  }
  expect(clock.sleeps).toEqual([1_500, 400, 200, 100]);
});

it('pauses longer after each 429, except after those to calls that left before the pause', async () => {
  const pauses: number[] = [];
  const clock = createClock();
  const pace = new Pace(clock.deps, (seconds) => pauses.push(seconds));
  for (let round = 0; round < 3; round += 1) {
    pace.tooFast(null);
    pace.tooFast(null);
    pace.tooFast(null);
    await pace.turn();
  }
  expect(pauses).toEqual([0.5, 1, 2]);
  pace.tooFast(1);
  pace.tooFast(20);
  await pace.turn();
  expect(clock.sleeps.at(-1)).toBe(20_500);
});

it('ignores good answers to calls that left before the pause', async () => {
  const clock = createClock();
  const pace = new Pace(clock.deps);
  pace.tooFast(5);
  pace.fine();
  pace.fine();
  pace.fine();
  await pace.turn();
  await pace.turn();
  expect(clock.sleeps).toEqual([5_500, 400]);
});

it('ends a wait when its signal aborts', async () => {
  const clock = createClock();
  const pace = new Pace(clock.deps);
  pace.tooFast(10);
  expect(await pace.turn(clock.signalAfter(1))).toBe(false);
  expect(await pace.turn(AbortSignal.abort())).toBe(false);
});
