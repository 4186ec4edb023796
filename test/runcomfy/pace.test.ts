import { expect, it } from 'vitest';
import { Pace } from '../../src/runcomfy/pace.js';
import { createClock } from './rig.js';

it('holds no call back before the first fault', async () => {
  const clock = createClock();
  const pace = new Pace(clock.deps);
  for (let call = 0; call < 5; call += 1) expect(await pace.waitForTurn()).toBe(true);
  expect(clock.sleeps).toEqual([]);
});

it('stops all calls for as long as a 429 asks, and then lets them leave one by one', async () => {
  const clock = createClock();
  const pace = new Pace(clock.deps);
  pace.rateLimited(10);
  await pace.waitForTurn();
  await pace.waitForTurn();
  await pace.waitForTurn();
  expect(clock.sleeps).toEqual([10_500, 400, 400]);
});

it('halves the gap between calls with each good answer', async () => {
  const clock = createClock();
  const pace = new Pace(clock.deps);
  pace.rateLimited(1);
  await pace.waitForTurn();
  for (let call = 0; call < 4; call += 1) {
    pace.answered();
    await pace.waitForTurn();
  }
  expect(clock.sleeps).toEqual([1_500, 400, 200, 100]);
});

it('pauses longer after each 429, except after those to calls that left before the pause', async () => {
  const pauses: number[] = [];
  const clock = createClock();
  const pace = new Pace(clock.deps, (seconds) => pauses.push(seconds));
  for (let round = 0; round < 3; round += 1) {
    pace.rateLimited(null);
    pace.rateLimited(null);
    pace.rateLimited(null);
    await pace.waitForTurn();
  }
  expect(pauses).toEqual([0.5, 1, 2]);
  pace.rateLimited(1);
  pace.rateLimited(20);
  await pace.waitForTurn();
  expect(clock.sleeps.at(-1)).toBe(20_500);
});

it('ignores good answers to calls that left before the pause', async () => {
  const clock = createClock();
  const pace = new Pace(clock.deps);
  pace.rateLimited(5);
  pace.answered();
  pace.answered();
  pace.answered();
  await pace.waitForTurn();
  await pace.waitForTurn();
  expect(clock.sleeps).toEqual([5_500, 400]);
});

it('ends a wait when its signal aborts', async () => {
  const clock = createClock();
  const pace = new Pace(clock.deps);
  pace.rateLimited(10);
  expect(await pace.waitForTurn(clock.signalAfter(1))).toBe(false);
  expect(await pace.waitForTurn(AbortSignal.abort())).toBe(false);
});
