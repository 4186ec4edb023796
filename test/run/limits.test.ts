import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Exit } from '../../src/base/exit.js';
import { Pace } from '../../src/runcomfy/pace.js';
import { VirtualClock } from '../rig/virtual-clock.js';
import { chain, planOf, submission, World } from './world.js';

const FAST = 'kling/kling-3.0/standard/image-to-video';
const SLOW = 'kling/kling-3.0/4k/image-to-video';

/** A number of shots of one model, in a row. */
function shots(count: number, model = FAST) {
  const name = model === SLOW ? 'big' : 'small';
  return Array.from({ length: count }, (_, index) => submission(`${name}${index}`, { model }));
}

/** Most requests of a model that were with the service at the same time. */
function busiest(world: World, model: string): number {
  const spans = world.service.accepted
    .filter((one) => one.model === model)
    .map(({ at }) => [at, at + world.service.renderSeconds * 1000] as const);
  return Math.max(
    ...spans.map(([begin]) => spans.filter(([from, to]) => from <= begin && begin < to).length),
  );
}

describe('concurrency', () => {
  it('keeps the limit of a model and the limit of all models', async () => {
    const world = new World();
    const plan = planOf(...shots(10, SLOW), ...shots(10));
    const modelConcurrency = new Map([[SLOW, 2]]);
    expect(await world.run(plan, { concurrency: 5, modelConcurrency })).toMatchObject({ exit: Exit.done });
    expect(busiest(world, SLOW)).toBe(2);
    expect(world.service.busiest).toBe(5);
  });

  it('does not let a shot that waits for its model keep another waiting', async () => {
    const world = new World();
    const plan = planOf(...shots(20, SLOW), ...shots(3));
    await world.run(plan, { concurrency: 4, modelConcurrency: new Map([[SLOW, 1]]) });
    expect(world.service.accepted.slice(0, 4).map(({ model }) => model)).toEqual([SLOW, FAST, FAST, FAST]);
  });

  it('counts requests of an earlier run toward the limit of a model', async () => {
    const world = new World();
    const plan = planOf(...shots(4, SLOW));
    world.service.renderSeconds = 100;
    const modelConcurrency = new Map([[SLOW, 2]]);
    await world.run(plan, { modelConcurrency, timeouts: { run: 30 } });
    expect(world.service.accepted).toHaveLength(2);
    await world.run(plan, { modelConcurrency });
    expect(world.service.accepted).toHaveLength(4);
    expect(busiest(world, SLOW)).toBe(2);
  });

  it('finishes a chain under the limit of its model', async () => {
    const world = new World();
    const finished = await world.run(chain(5), { concurrency: 2, modelConcurrency: new Map([[FAST, 1]]) });
    expect(finished).toMatchObject({ exit: Exit.done, states: { done: 5 } });
  });
});

describe('a submission rate', () => {
  it('sends submissions evenly under a submission rate', async () => {
    const world = new World();
    await world.run(planOf(...shots(25)), { concurrency: 25, submitRate: 12 });
    const times = world.service.accepted.map(({ at }) => at);
    const gaps = times.slice(1).map((at, index) => at - (times[index] as number));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(5000);
    expect(Math.max(...gaps)).toBeLessThan(5100);
  });

  it('keeps the submission rate although the preparation of submissions takes longer or shorter', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(3000), { minLength: 2, maxLength: 30 }), async (delays) => {
        const clock = new VirtualClock();
        const pace = new Pace({ now: clock.now, sleep: clock.sleep, random: () => 0.5 });
        pace.limitSubmissions(60);
        const left: number[] = [];
        const one = async (delay: number) => {
          await clock.sleep(delay);
          await pace.waitForDeparture();
          left.push(clock.now());
        };
        const all = async () => {
          const begun: Promise<void>[] = [];
          for (const delay of delays) {
            await pace.waitForSubmissionTurn();
            begun.push(one(delay));
          }
          await Promise.all(begun);
        };
        await clock.run(all());
        const gaps = left.slice(1).map((at, index) => at - (left[index] as number));
        expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1000);
      }),
      { numRuns: 30 },
    );
  });
});

describe('a service that is asked too much', () => {
  /** Accepts a number of submissions in any minute; answers when the next may come. */
  function limited(perMinute: number) {
    const world = new World();
    const left: number[] = [];
    let refused = 0;
    world.service.script.submit = () => {
      const now = world.clock.now();
      const recent = left.filter((at) => at > now - 60_000);
      if (recent.length < perMinute) {
        left.push(now);
        return undefined;
      }
      refused += 1;
      const retryAfter = Math.ceil(((recent[0] as number) + 60_000 - now) / 1000);
      return { kind: 'not-sent', status: 429, code: null, message: 'Too many requests.', retryAfter };
    };
    return { world, left, refusals: () => refused };
  }

  it('sends a service with a rate limit little more than it takes, and loses no shot', async () => {
    const { world, left, refusals } = limited(20);
    const finished = await world.run(planOf(...shots(100)), { concurrency: 8 });
    expect(finished).toMatchObject({ exit: Exit.done, states: { done: 100 } });
    expect(left).toHaveLength(100);
    // At most those that are under way when a minute is full are refused, once for each minute.
    expect(refusals()).toBeLessThanOrEqual(5 * 8);
    expect(finished.elapsed).toBeLessThan(6 * 60);
  });

  it('is never refused a submission at the rate that the service takes', async () => {
    const { world, refusals } = limited(20);
    await world.run(planOf(...shots(50)), { concurrency: 50, submitRate: 20 });
    expect(refusals()).toBe(0);
  });
});

describe('a service that has refused a while', () => {
  it('calls the service without gaps again a few answers after its last 429', async () => {
    const seconds = fc.option(fc.integer({ min: 1, max: 60 }));
    await fc.assert(
      fc.asyncProperty(fc.array(seconds, { minLength: 1, maxLength: 12 }), async (refusals) => {
        const clock = new VirtualClock();
        const pace = new Pace({ now: clock.now, sleep: clock.sleep, random: () => 0.5 });
        const recover = async () => {
          for (const retryAfter of refusals) {
            await pace.waitForTurn();
            pace.rateLimited(retryAfter);
          }
          for (let index = 0; index < 8; index += 1) {
            await pace.waitForTurn();
            pace.answered();
          }
          const recovered = clock.now();
          for (let index = 0; index < 50; index += 1) await pace.waitForTurn();
          return clock.now() - recovered;
        };
        expect(await clock.run(recover())).toBe(0);
      }),
      { numRuns: 20 },
    );
  });
});

describe('a service that cannot be reached for a while', () => {
  it('sends submissions without gaps again a few answers after the last missing connection', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 12 }), async (misses) => {
        const clock = new VirtualClock();
        const pace = new Pace({ now: clock.now, sleep: clock.sleep, random: () => 0.5 });
        const recover = async () => {
          for (let index = 0; index < misses; index += 1) {
            await pace.waitForSubmissionTurn();
            pace.disconnected();
          }
          for (let index = 0; index < 8; index += 1) {
            await pace.waitForSubmissionTurn();
            pace.connected();
          }
          const recovered = clock.now();
          await pace.waitForSubmissionTurn();
          await pace.waitForSubmissionTurn();
          return clock.now() - recovered;
        };
        expect(await clock.run(recover())).toBeLessThan(250);
      }),
      { numRuns: 12 },
    );
  });
});

describe('a shot that takes too long', () => {
  it('leaves a shot that takes too long with the service, and follows it in the next run without another submission', async () => {
    const world = new World();
    world.service.renderSeconds = 1000;
    const finished = await world.run(planOf('cliff'), { timeouts: { shot: 90 } });
    expect(finished).toMatchObject({ exit: Exit.unfinished, states: { submitted: 1 } });
    expect(world.last('cliff')).toMatchObject({ state: 'unfinished', request_id: 'req-1' });
    expect(world.last('cliff')?.message).toMatch(
      /^It has been with the service for 1m30s and is not done\. The service said `rendering`\. It is left there \(request req-1\), not cancelled, since it is paid for\. Run again to fetch it, or end the waiting: shotlist resolve \S+ cliff --give-up$/,
    );
    expect(world.service.calls.cancel).toBe(0);
    expect(await world.run(planOf('cliff'))).toMatchObject({ exit: Exit.done });
    expect(world.service.accepted).toHaveLength(1);
  });

  it('gives the slot of a shot that takes too long to the next', async () => {
    const world = new World();
    world.service.renderSeconds = 1000;
    const finished = await world.run(planOf('cliff', 'beach'), { concurrency: 1, timeouts: { shot: 60 } });
    expect(finished).toMatchObject({ exit: Exit.unfinished, states: { submitted: 2 } });
  });
});

describe('a run that takes too long', () => {
  it('ends a run on time with its manifest, and continues it in the next run', async () => {
    const world = new World();
    const plan = planOf('cliff', 'beach', 'pier');
    const finished = await world.run(plan, { concurrency: 1, timeouts: { run: 15 } });
    expect(finished).toMatchObject({ exit: Exit.unfinished, states: { done: 1, submitted: 1, planned: 1 } });
    expect(finished.elapsed).toBeLessThan(16);
    expect(world.notices()).toContain(
      "The run's time of 15s is over: nothing more is sent, asked or fetched. What is with the service stays there; run again to continue.",
    );
    expect((await world.manifest()).submissions[1]).toMatchObject({
      state: 'submitted',
      request_id: 'req-2',
    });
    expect(world.service.calls.cancel).toBe(0);
    expect(await world.run(plan)).toMatchObject({ exit: Exit.done, states: { done: 3 } });
    expect(world.service.accepted).toHaveLength(3);
  });

  it('waits for the answer to a POST in flight when the time of the run is over', async () => {
    const world = new World();
    world.service.script.submit = async () => {
      await world.clock.sleep(20_000);
      return undefined;
    };
    const finished = await world.run(planOf('cliff'), { timeouts: { run: 5 } });
    expect(finished).toMatchObject({ exit: Exit.unfinished, states: { submitted: 1 } });
  });

  it('does not wait longer than 30 s for the answer to a POST when the time of the run is over', async () => {
    const world = new World();
    world.service.script.submit = async (_body, signal) => {
      await world.clock.sleep(1_000_000, signal);
      return { kind: 'unknown', status: null, code: 'aborted', message: 'No answer.' };
    };
    const finished = await world.run(planOf('cliff'), { timeouts: { run: 5 } });
    expect(finished).toMatchObject({ exit: Exit.unknown, states: { unknown: 1 } });
    expect(finished.elapsed).toBeLessThan(36);
  });

  it('says nothing of the time of a run that is done in time', async () => {
    const world = new World();
    expect(await world.run(planOf('cliff'), { timeouts: { run: 600 } })).toMatchObject({ exit: Exit.done });
    expect(world.notices()).toEqual([]);
  });
});
