import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Exit } from '../../src/base/exit.js';
import type { Plan } from '../../src/plan/plan.js';
import { type Limits, NO_LIMITS } from '../../src/run/budget.js';
import type { RunOptions } from '../../src/run/context.js';
import type { CostChanged, LeftOut } from '../../src/run/events.js';
import { requestState } from '../rig/scripted-service.js';
import { chain, planOf, submission, World } from './world.js';

const SERVICE = 'https://model-api.runcomfy.net';

const NO_PRICE = { usd: null, rate: null, date: null };

/** Shots that are estimated at 0.63 USD each. */
const five = planOf('a', 'b', 'c', 'd', 'e');

/** A run directory on the real service, where things cost money: a render 0.50 USD unless said. */
class PaidWorld extends World {
  /** Cost that the service reports for each request, by its id. */
  costs: ReadonlyMap<string, number | null> = new Map();

  constructor() {
    super();
    this.service.origin = SERVICE;
    this.service.script.result = (id) => this.#completed(id);
  }

  override options(plan: Plan, over: Partial<RunOptions> = {}): RunOptions {
    return super.options(plan, { serviceName: SERVICE, ...over });
  }

  spend(plan: Plan, limits: Partial<Limits>, over: Parameters<World['run']>[1] = {}) {
    return this.run(plan, { limits: { ...NO_LIMITS, ...limits, allowUnknown: false }, ...over });
  }

  get leftOut(): LeftOut | undefined {
    return this.events.find((event) => event.event === 'left_out') as LeftOut | undefined;
  }

  get costsSaid(): readonly CostChanged[] {
    return this.events.filter((event) => event.event === 'cost') as CostChanged[];
  }

  /** Prompts of what the service has accepted, in order: `A cliff` for the shot `cliff`. */
  get sent(): readonly unknown[] {
    return this.service.accepted.map(({ body }) => String(body.prompt).slice(2));
  }

  /** Ids of the shots that were about to leave, or had left. */
  get submitting(): readonly string[] {
    return this.events.flatMap((event) =>
      event.event === 'shot' && event.state === 'submitting' ? [event.id] : [],
    );
  }

  #completed(id: string) {
    const found = this.service.accepted.find((one) => one.id === id);
    if (!found || !this.costs.has(id) || this.clock.now() < found.at + 10_000) return undefined;
    const cost = this.costs.get(id) ?? null;
    return { kind: 'state', request: requestState({ requestId: id, status: 'completed', cost }) } as const;
  }
}

describe('a limit', () => {
  it('sends the shots that fit a limit, in list order, and names the others', async () => {
    const world = new PaidWorld();
    const finished = await world.spend(five, { run: 1.3 });
    expect(world.sent).toEqual(['a', 'b']);
    expect(finished).toMatchObject({ exit: Exit.unfinished, states: { done: 2, planned: 3 }, left_out: 3 });
    expect(world.leftOut).toMatchObject({
      ids: ['c', 'd', 'e'],
      usd: 1.5,
      limits: [{ limit: 'max-cost', usd: 1.3, spent: 1 }],
    });
    expect(world.last('c')).toMatchObject({
      state: 'unsent',
      message: expect.stringMatching(/^Not sent/),
    });
  });

  it('makes room under a limit when a shot cost less than its estimate', async () => {
    const world = new PaidWorld();
    await world.spend(five, { run: 1.7 });
    expect(world.sent).toEqual(['a', 'b', 'c']);
    expect(world.leftOut?.ids).toEqual(['d', 'e']);
  });

  it('has less room under a limit when a shot cost more than its estimate', async () => {
    const world = new PaidWorld();
    world.costs = new Map([['req-1', 1.2]]);
    await world.spend(five, { run: 2 }, { concurrency: 1 });
    expect(world.sent).toEqual(['a']);
    expect(world.leftOut?.limits).toEqual([{ limit: 'max-cost', usd: 2, spent: 1.2, spent_unknown: 0 }]);
  });

  it('lets a limit be reached exactly', async () => {
    const world = new PaidWorld();
    const finished = await world.spend(planOf('a', 'b'), { run: 1.26, lifetime: 1.26 });
    expect(finished).toMatchObject({ exit: Exit.done, left_out: 0 });
    expect(world.leftOut).toBeUndefined();
  });

  it('sends a cheap shot after a shot that is too expensive for the limit', async () => {
    const world = new PaidWorld();
    const dear = submission('dear', { cost: { usd: 9, rate: null, date: null } });
    const finished = await world.spend(planOf('a', dear, 'b'), { lifetime: 2 });
    expect(world.sent).toEqual(['a', 'b']);
    expect(finished.left_out).toBe(1);
  });

  it('sends nothing if no shot fits the limit', async () => {
    const world = new PaidWorld();
    const finished = await world.spend(five, { run: 0.1 });
    expect(world.service.calls.submit).toBe(0);
    expect(finished).toMatchObject({ exit: Exit.unfinished, left_out: 5, usd: 0 });
  });

  it('names shots that are chained to a shot that the limit left out', async () => {
    const world = new PaidWorld();
    const finished = await world.spend(chain(3), { run: 0.9 });
    expect(world.sent).toEqual(['part1']);
    expect(world.leftOut?.ids).toEqual(['part2', 'part3']);
    expect(finished.exit).toBe(Exit.unfinished);
    expect(world.last('part3')?.state).toBe('unsent');
  });

  it('counts a shot once that was sent again after a 429', async () => {
    const world = new PaidWorld();
    const busy = { kind: 'not-sent', status: 429, code: null, message: 'Busy.', retryAfter: 1 } as const;
    world.service.script.submit = () => (world.service.calls.submit <= 2 ? busy : undefined);
    const finished = await world.spend(planOf('a', 'b'), { run: 1.26 });
    expect(finished).toMatchObject({ exit: Exit.done, left_out: 0 });
  });

  it('never sends a shot without a known price under a limit, unless that is allowed', async () => {
    const world = new PaidWorld();
    const free = submission('free', { model: 'a/model', cost: NO_PRICE });
    await world.spend(planOf('a', free), { run: 5 });
    expect(world.sent).toEqual(['a']);
    expect(world.leftOut).toMatchObject({ ids: ['free'], usd_unknown: 1 });
    await world.run(planOf('a', free), { limits: { ...NO_LIMITS, run: 5 } });
    expect(world.sent).toEqual(['a', 'free']);
    expect(world.notices()).toEqual([expect.stringContaining('No price is known for free')]);
  });

  it('ignores limits in a rehearsal, which is free', async () => {
    const world = new World();
    const finished = await world.run(five, { limits: { ...NO_LIMITS, run: 0.1, lifetime: 0.1 } });
    expect(finished).toMatchObject({ exit: Exit.done, limits: [] });
    expect(world.events.some(({ event }) => event === 'cost')).toBe(false);
  });
});

describe('a budget', () => {
  const budget = { lifetime: 1.4 };

  it('counts all runs of a directory toward the budget, and one run toward --max-cost', async () => {
    const world = new PaidWorld();
    await world.spend(planOf('a'), { run: 1 });
    expect(await world.spend(planOf('a', 'b'), { run: 1 })).toMatchObject({ left_out: 0 });
    const third = await world.spend(planOf('a', 'b', 'c'), { run: 1, ...budget });
    expect(third).toMatchObject({ left_out: 1, limits: [{ limit: 'budget', spent: 1 }, { spent: 0 }] });
    expect(world.leftOut?.limits.map(({ limit }) => limit)).toEqual(['budget']);
  });

  it('counts shots that have left the list toward the budget, also without a manifest', async () => {
    const world = new PaidWorld();
    await world.spend(planOf('a', 'b'), budget);
    await world.spend(planOf('c'), budget);
    expect(world.leftOut?.limits).toMatchObject([{ spent: 1 }]);
    await rm(join(world.directory, 'manifest.json'));
    await world.spend(planOf('d'), budget);
    expect(world.leftOut?.limits).toMatchObject([{ spent: 1 }]);
    expect(world.sent).toEqual(['a', 'b']);
  });

  it('counts unknown and failed submissions toward the budget as estimated', async () => {
    const world = new PaidWorld();
    const reset = { status: null, code: 'ECONNRESET', message: 'The connection was cut.' };
    world.service.script.afterAccept = ({ id }) =>
      id === 'req-1' ? { kind: 'unknown', ...reset } : undefined;
    world.service.script.result = (id) => {
      const failed = requestState({ requestId: id, status: 'failed', error: 'Unsafe.' });
      return id === 'req-2' ? { kind: 'state', request: failed } : undefined;
    };
    const finished = await world.spend(five, budget);
    expect(finished).toMatchObject({ exit: Exit.unknown, states: { unknown: 1, failed: 1, planned: 3 } });
    expect(finished.limits).toMatchObject([{ spent: 1.26 }]);
  });

  it('does not count a failure toward the budget that the service reports as free', async () => {
    const world = new PaidWorld();
    world.service.script.result = (id) => {
      const failed = requestState({ requestId: id, status: 'failed', cost: 0 });
      return id === 'req-1' ? { kind: 'state', request: failed } : undefined;
    };
    await world.spend(planOf('a', 'b', 'c'), budget);
    expect(world.sent).toEqual(['a', 'b', 'c']);
  });

  it('counts requests of an earlier run as estimated, and then as reported', async () => {
    const world = new PaidWorld();
    await world.spend(planOf('a', 'b'), budget, { interruptAfter: 5 });
    expect(world.sent).toEqual(['a', 'b']);
    const opened = await world.open(five, { limits: { ...NO_LIMITS, ...budget } });
    expect(opened.limits).toMatchObject([{ spent: 1.26 }]);
    await opened.close();
    const finished = await world.spend(five, { lifetime: 1.7, run: 0.7 });
    expect(world.sent).toEqual(['a', 'b', 'c']);
    expect(finished.limits).toMatchObject([{ limit: 'budget', spent: 1.5 }, { spent: 0.5 }]);
  });
});

describe('under a budget', () => {
  it('passes a budget by no more than what was in flight before the first bill, whatever the service charges', async () => {
    const options = fc.record({
      estimates: fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 12 }),
      /** Bill of each shot, in percent of its estimate. */
      percent: fc.oneof(fc.constantFrom(50, 100, 200, 500), fc.integer({ min: 10, max: 900 })),
      cents: fc.integer({ min: 1, max: 300 }),
      concurrency: fc.integer({ min: 1, max: 6 }),
      submitRate: fc.constantFrom(undefined, 2),
    });
    await fc.assert(
      fc.asyncProperty(options, async ({ estimates, percent, cents, concurrency, submitRate }) => {
        const world = new PaidWorld();
        const plan = planOf(
          ...estimates.map((estimate, index) =>
            submission(`s${index}`, { cost: { usd: estimate / 100, rate: null, date: null } }),
          ),
        );
        const billed = (id: string) => ((estimates[Number(id.slice(1))] ?? 0) * percent) / 100;
        const sum = (ids: Iterable<string>) => [...ids].reduce((total, id) => total + billed(id), 0);
        let inFlight: ReadonlySet<string> | null = null;
        world.service.script.result = (requestId) => {
          const found = world.service.accepted.find(({ id }) => id === requestId);
          if (!found || world.clock.now() < found.at + 10_000) return undefined;
          inFlight ??= new Set(world.submitting);
          const cost = billed(String(found.body.prompt).slice(2)) / 100;
          return { kind: 'state', request: requestState({ requestId, status: 'completed', cost }) };
        };
        const finished = await world.spend(
          plan,
          { lifetime: cents / 100 },
          { concurrency, ...(submitRate && { submitRate }) },
        );
        const sent = world.sent.map(String);
        expect(sum(sent)).toBeLessThanOrEqual(Math.max(cents, sum(inFlight ?? [])) + 0.01);
        const left = world.leftOut?.ids ?? [];
        expect(finished.left_out).toBe(left.length);
        // The shots left out did not fit at the end either.
        const spent = finished.limits[0]?.spent ?? 0;
        const price = (id: string) => (sent.length > 0 ? billed(id) : (estimates[Number(id.slice(1))] ?? 0));
        for (const id of left) expect(spent * 100 + price(id)).toBeGreaterThan(cents - 0.01);
      }),
      { numRuns: 50 },
    );
  });
});

describe('the bills of a run', () => {
  const UNKNOWN = ['a', 'b', 'c', 'd', 'e'].map((id) => submission(id, { model: 'a/model', cost: NO_PRICE }));

  it('sends one shot of unknown price, and the others at the price of its bill', async () => {
    const world = new PaidWorld();
    const finished = await world.run(planOf(...UNKNOWN), { limits: { ...NO_LIMITS, run: 1.6 } });
    expect(world.sent).toEqual(['a', 'b', 'c']);
    const [first, second, third] = world.service.accepted.map(({ at }) => at);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThan(10_000);
    expect((third ?? 0) - (second ?? 0)).toBeLessThan(1_000);
    expect(finished.limits).toMatchObject([{ spent: 1.5, spent_unknown: 0 }]);
    expect(world.leftOut).toMatchObject({ ids: ['d', 'e'], usd: 1, usd_unknown: 0 });
  });

  it('sends another shot of unknown price when the first one fails, and all of them when a clip comes without a bill', async () => {
    const world = new PaidWorld();
    world.costs = new Map(Array.from({ length: 5 }, (_, index) => [`req-${index + 1}`, null]));
    const { result } = world.service.script;
    world.service.script.result = (id) => {
      const failed = requestState({ requestId: id, status: 'failed', cost: 0 });
      return id === 'req-1' ? { kind: 'state', request: failed } : result?.(id);
    };
    await world.run(planOf(...UNKNOWN), { limits: { ...NO_LIMITS, run: 1 } });
    expect(world.sent).toEqual(['a', 'b', 'c', 'd', 'e']);
    const [, second, third, fourth] = world.service.accepted.map(({ at }) => at);
    expect((third ?? 0) - (second ?? 0)).toBeGreaterThan(9_000);
    expect((fourth ?? 0) - (third ?? 0)).toBeLessThan(1_000);
  });

  it('learns nothing from a bill of nothing and from a failure', async () => {
    const world = new PaidWorld();
    world.costs = new Map([['req-1', 0]]);
    const { result } = world.service.script;
    world.service.script.result = (id) => {
      const failed = requestState({ requestId: id, status: 'failed', cost: 0.1 });
      return id === 'req-2' ? { kind: 'state', request: failed } : result?.(id);
    };
    await world.spend(five, { run: 1.2 }, { concurrency: 1 });
    expect(world.sent).toEqual(['a', 'b', 'c', 'd']);
    expect(world.leftOut).toMatchObject({ ids: ['e'], usd: 0.5, limits: [{ spent: 1.1 }] });
  });

  it('expects the other models to be as much dearer, but not as much cheaper, than their estimates', async () => {
    const other = (id: string) => submission(id, { model: 'a/model' });
    for (const [bill, left] of [
      [1.26, ['c']],
      [0.3, []],
    ] as const) {
      const world = new PaidWorld();
      world.costs = new Map([['req-1', bill]]);
      await world.spend(planOf('a', other('c')), { run: 1.9 }, { concurrency: 1 });
      expect(world.leftOut?.ids ?? []).toEqual(left);
    }
    const world = new PaidWorld();
    world.costs = new Map([['req-1', 0.3]]);
    await world.spend(planOf('a', other('c')), { run: 0.92 }, { concurrency: 1 });
    expect(world.leftOut?.ids).toEqual(['c']);
  });

  it('prices the next run by the bills of this one, so that the limit which it is told is enough', async () => {
    for (const factor of [0.5, 2, 5]) {
      const world = new PaidWorld();
      const bills = ['a', 'b', 'c', 'd', 'e'].map((_, index) => [`req-${index + 1}`, 0.63 * factor] as const);
      world.costs = new Map(bills);
      await world.spend(five, { run: 0.7 }, { concurrency: 1 });
      const { ids = [], usd = 0 } = world.leftOut ?? {};
      expect(usd).toBeCloseTo(ids.length * 0.63 * factor);
      const opened = await world.open(five);
      expect(opened.usd).toBeCloseTo(usd);
      expect(opened.toSend.every(({ cost }) => cost.bills === 5 - ids.length)).toBe(true);
      await opened.close();
      await world.spend(five, { run: Math.ceil(usd * 100) / 100 });
      expect(world.sent).toHaveLength(5);
    }
  });

  it('never prices the service by the rehearsals of its own directory', async () => {
    const world = new World();
    await world.run(planOf('a'));
    const opened = await world.open(planOf('a', 'b'));
    expect(opened.toSend.map(({ cost }) => cost)).toEqual([submission('b').cost]);
    await opened.close();
  });
});

describe('the cost of a run', () => {
  it('emits the cost of a run as it changes: so far, and to come', async () => {
    const world = new PaidWorld();
    await world.spend(planOf('a', 'b'), { run: 5 }, { concurrency: 1 });
    const said = world.costsSaid.map(({ usd, usd_to_come }) => [usd, usd_to_come]);
    expect(said[0]).toEqual([0.63, 0.63]);
    // After the first bill, the rest is expected to cost as much.
    expect(said).toContainEqual([0.5, 0.5]);
    expect(said.at(-1)).toEqual([1, 0]);
    expect(world.costsSaid.at(-1)?.limits).toMatchObject([{ limit: 'max-cost', usd: 5, spent: 1 }]);
  });

  it('expects no more cost of shots that were left out or blocked', async () => {
    const world = new PaidWorld();
    await world.spend(chain(4), { run: 0.9 });
    expect(world.costsSaid.at(-1)).toMatchObject({ usd: 0.5, usd_to_come: 0 });
  });
});
