import { describe, expect, it } from 'vitest';
import { Exit } from '../../src/base/exit.js';
import { NO_LIMITS } from '../../src/run/budget.js';
import { requestState } from '../rig/scripted-service.js';
import { chained, planOf, submission, World } from './world.js';

/** A world whose service fails the first requests, or those of some prompts. */
function failing(times: number, prompt?: string): World {
  const world = new World();
  world.service.script.result = (requestId) => {
    const mine = world.service.accepted.filter(({ body }) => !prompt || body.prompt === prompt);
    const index = mine.findIndex(({ id }) => id === requestId);
    if (index < 0 || index >= times) return undefined;
    const error = 'The generation failed.';
    return { kind: 'state', request: requestState({ requestId, status: 'failed', error }) };
  };
  return world;
}

const cliff = (retries: number) => submission('cliff', { retries });

describe('a shot that failed', () => {
  it('does not send a failed shot again unless it has retries', async () => {
    const world = failing(1);
    const plan = planOf('cliff');
    expect(await world.run(plan)).toMatchObject({ exit: Exit.failed, states: { failed: 1 } });
    expect(await world.run(plan)).toMatchObject({ exit: Exit.failed });
    expect(world.service.calls.submit).toBe(1);
    expect(world.last('cliff')?.message).toBe(
      'The service could not render it: The generation failed. It is not sent again by itself: change the shot, or pay for it again with --retry-failed.',
    );
  });

  it('sends a failed shot with retries again after a wait, and says so', async () => {
    const world = failing(2);
    const finished = await world.run(planOf(cliff(2)));
    expect(finished).toMatchObject({ exit: Exit.done, states: { done: 1 }, usd: 0.5, usd_unknown: 2 });
    const times = world.service.accepted.map(({ at }) => at);
    expect((times[1] as number) - (times[0] as number)).toBeGreaterThanOrEqual(3000);
    expect((times[2] as number) - (times[1] as number)).toBeGreaterThanOrEqual(6000);
    expect(world.notices()).toContain(
      'cliff failed. The service could not render it: The generation failed. It is sent again, and paid again, in 3 s: retry 1 of 2.',
    );
    const [entry] = (await world.manifest()).submissions;
    expect(entry).toMatchObject({ state: 'done', attempts: 3, failures: 2 });
  });

  it('ends a shot as failed when its retries are used up, by whatever run', async () => {
    const world = failing(9);
    expect(await world.run(planOf(cliff(1)))).toMatchObject({ exit: Exit.failed });
    expect(world.service.calls.submit).toBe(2);
    expect(await world.run(planOf(cliff(1)))).toMatchObject({ exit: Exit.failed });
    expect(world.service.calls.submit).toBe(2);
    await world.run(planOf(cliff(3)));
    expect(world.service.calls.submit).toBe(4);
  });

  it('holds no slot for a failed shot that waits to be sent again', async () => {
    const world = failing(1);
    await world.run(planOf(cliff(1), 'beach'), { concurrency: 1 });
    expect(world.service.accepted.map(({ body }) => body.prompt)).toEqual(['A cliff', 'A beach', 'A cliff']);
  });

  it('sends a failed shot with retries again in the next run if this one was stopped before', async () => {
    const world = failing(1);
    const plan = planOf(cliff(1));
    const first = await world.run(plan, { timeouts: { run: 3 } });
    expect(first).toMatchObject({ exit: Exit.unfinished, states: { failed: 1 } });
    expect(world.last('cliff')).toMatchObject({ state: 'unsent' });
    expect(await world.manifest()).toMatchObject({ submissions: [{ state: 'failed', failures: 1 }] });
    const opened = await world.open(plan);
    expect(opened).toMatchObject({ counts: { to_send: 1, to_retry: 1 }, usd: 0.63, retries: 0 });
    await opened.close();
    expect(await world.run(plan)).toMatchObject({ exit: Exit.done });
    expect(world.service.calls.submit).toBe(2);
  });

  it('does not block shots that are chained to a failed shot with retries', async () => {
    const world = failing(1, 'A cliff');
    const plan = planOf(cliff(1), chained('beach', 'cliff'));
    expect(await world.run(plan)).toMatchObject({ exit: Exit.done, states: { done: 2 } });
  });

  it('sends a failed chained shot again with the same frame, although an earlier run took that', async () => {
    const world = failing(1, 'A beach');
    const plan = planOf('cliff', { ...chained('beach', 'cliff'), retries: 1 });
    world.service.renderSeconds = 20;
    await world.run(plan, { timeouts: { run: 30 } });
    expect(world.service.accepted).toHaveLength(2);
    expect(await world.run(plan)).toMatchObject({ exit: Exit.done, states: { done: 2 } });
    const [, before, after] = world.service.accepted;
    expect(after?.body).toEqual(before?.body);
  });

  it('gives a key that two shots share the retries of the shot that allows more', async () => {
    const world = failing(1);
    const again = submission('again', { key: cliff(0).key, same_as: 'cliff', retries: 1 });
    expect(await world.run(planOf(cliff(0), again))).toMatchObject({ exit: Exit.done, states: { done: 2 } });
  });

  it('does not send a failed shot again in a run that did not choose it', async () => {
    const world = failing(1);
    const plan = planOf(cliff(1), 'beach');
    await world.run(plan, { concurrency: 1, timeouts: { run: 3 } });
    await world.run(plan, { chosen: new Set(['beach']) });
    expect(world.service.accepted.map(({ body }) => body.prompt)).toEqual(['A cliff', 'A beach']);
  });
});

it('does not send a retry that would pass the budget', async () => {
  const world = failing(9);
  world.service.origin = 'https://model-api.runcomfy.net';
  const plan = planOf(cliff(5));
  const paid = { serviceName: world.service.origin, limits: { ...NO_LIMITS, lifetime: 1.3 } };
  expect(await world.run(plan, paid)).toMatchObject({ exit: Exit.unfinished, states: { failed: 1 } });
  expect(world.service.calls.submit).toBe(2);
  expect(world.last('cliff')).toMatchObject({ state: 'unsent' });
  expect(await world.run(plan, paid)).toMatchObject({ exit: Exit.unfinished });
  expect(world.service.calls.submit).toBe(2);
});

describe('--retry-failed', () => {
  it('sends each failed shot once more with --retry-failed, and counts and prices it', async () => {
    const world = failing(2);
    const plan = planOf('cliff', 'beach', 'pier');
    await world.run(plan, { concurrency: 1 });
    const opened = await world.open(plan, { retryFailed: true });
    expect(opened).toMatchObject({ counts: { to_send: 2, to_retry: 2, kept: 1, held: 0 }, usd: 1.26 });
    await opened.close();
    const finished = await world.run(plan, { retryFailed: true });
    expect(finished).toMatchObject({ exit: Exit.done, states: { done: 3 } });
    expect(world.service.calls.submit).toBe(5);
  });

  it('does not send a shot a third time in a run with --retry-failed', async () => {
    const world = failing(9);
    await world.run(planOf('cliff'));
    expect(await world.run(planOf('cliff'), { retryFailed: true })).toMatchObject({ exit: Exit.failed });
    expect(world.service.calls.submit).toBe(2);
  });

  it('renders shots with --retry-failed that a failed shot had blocked', async () => {
    const world = failing(1);
    const plan = planOf('cliff', chained('beach', 'cliff'));
    expect(await world.run(plan)).toMatchObject({ exit: Exit.failed, blocked: 1 });
    const finished = await world.run(plan, { retryFailed: true });
    expect(finished).toMatchObject({ exit: Exit.done, states: { done: 2 }, blocked: 0 });
  });

  it('does not send failed shots with --retry-failed that were not chosen, and is not failed by them', async () => {
    const world = failing(2);
    const plan = planOf('cliff', 'beach');
    await world.run(plan, { concurrency: 1 });
    const finished = await world.run(plan, { retryFailed: true, chosen: new Set(['beach']) });
    expect(world.service.accepted.map(({ body }) => body.prompt)).toEqual(['A cliff', 'A beach', 'A beach']);
    expect(finished).toMatchObject({ exit: Exit.done, states: { failed: 1, done: 1 } });
  });

  it('leaves a shot failed if its submission by --retry-failed is refused', async () => {
    const world = failing(1);
    await world.run(planOf('cliff'));
    world.service.script.submit = () => ({ kind: 'refused', status: 422, code: null, message: 'No.' });
    await world.run(planOf('cliff'), { retryFailed: true });
    const before = world.service.calls.submit;
    expect(await world.run(planOf('cliff'))).toMatchObject({ exit: Exit.failed, states: { failed: 1 } });
    expect(world.service.calls.submit).toBe(before);
  });
});
