import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/plan/plan.js';
import { type Fetch, sortWork, type Work } from '../../src/run/job.js';
import type { Render } from '../../src/run/records/render.js';
import { done, keyStatesOf, lifeOf, rendered, SENT, type Steps, stepped, UNSAFE, WHY } from './lives.js';
import { chained, clipOf, planOf } from './world.js';

/** The names of the jobs in each list of the work. */
function named({ adopted, toFetch, toSend, kept, held, blocked }: Work) {
  const lists = { adopted, toFetch, toSend, kept, held, blocked: blocked.map(({ job }) => job) };
  const names = Object.entries(lists).map(([list, jobs]) => [list, jobs.map(({ name }) => name)] as const);
  return Object.fromEntries(names.filter(([, found]) => found.length > 0));
}

interface Options {
  /** Ids of the shots whose clip is on this machine. */
  readonly here?: readonly string[];
  readonly fetch?: Fetch;
  readonly chosen?: readonly string[];
  readonly retryFailed?: boolean;
}

function sort(plan: Plan, lives: Readonly<Record<string, Steps | Render>>, options: Options = {}): Work {
  const directory = mkdtempSync(join(tmpdir(), 'shotlist-work-'));
  for (const id of options.here ?? []) {
    mkdirSync(dirname(join(directory, clipOf(id))), { recursive: true });
    writeFileSync(join(directory, clipOf(id)), 'abc');
  }
  const renders = Object.entries(lives).map(([id, life]) =>
    'attempts' in life ? life : lifeOf(id, [life as Steps]),
  );
  return sortWork({
    plan,
    keyStates: keyStatesOf(...renders),
    directory,
    refreshChained: false,
    retryFailed: options.retryFailed ?? false,
    fetch: options.fetch ?? 'all',
    chosen: options.chosen && new Set(options.chosen),
  });
}

const FAILED: Steps = [SENT, UNSAFE];
const wish = (id: string, type: 'accepted-missing' | 'rerender') =>
  stepped(lifeOf(id, [done(0.5)]), { type }, id);

describe('the work of a run', () => {
  it.each<[string, Steps | null, string]>([
    ['was never sent', null, 'toSend'],
    ['was refused', [{ type: 'refused', ...WHY }], 'toSend'],
    ['was cancelled', [SENT, { type: 'cancelling' }, { type: 'cancelled' }], 'toSend'],
    ['a person says was never taken', [{ type: 'released' }], 'toSend'],
    ['is with the service', [SENT], 'adopted'],
    ['is rendered', rendered(0.5), 'toFetch'],
    ['is done and not here', done(0.5), 'toFetch'],
    ['failed', FAILED, 'held'],
    ['was given up', [{ type: 'given-up' }], 'held'],
    ['is unknown', [], 'held'],
  ])('puts a shot that %s in its place', (_what, steps, place) => {
    expect(named(sort(planOf('cliff'), steps ? { cliff: steps } : {}))).toEqual({ [place]: ['cliff'] });
  });

  it('keeps a shot whose clip is here, and fetches it again if its length is another', () => {
    expect(named(sort(planOf('cliff'), { cliff: done(0.5) }, { here: ['cliff'] }))).toEqual({
      kept: ['cliff'],
    });
    const [render] = [lifeOf('cliff', [done(0.5)]) as Render];
    const longer = JSON.parse(JSON.stringify(render).replace('"bytes":3', '"bytes":4'));
    expect(named(sort(planOf('cliff'), { cliff: longer }, { here: ['cliff'] }))).toEqual({
      toFetch: ['cliff'],
    });
  });

  it('follows what is with the service for a shot that has left the list, and fetches no old clip for it', () => {
    const lives = { sent: [SENT], rendered: rendered(0.5), old: done(0.5), failed: FAILED } as const;
    expect(named(sort(planOf(), lives))).toEqual({
      adopted: ['sent'],
      toFetch: ['rendered'],
      kept: ['old', 'failed'],
    });
  });
});

describe('--fetch', () => {
  const plan = planOf('old', 'base', chained('next', 'base'), 'new');
  const lives = { old: done(0.5), base: done(0.5) };

  it.each<[Fetch, readonly string[], readonly string[]]>([
    ['all', ['old', 'base'], []],
    ['needed', ['base'], ['old']],
    ['new', [], ['old', 'base']],
  ])('%s fetches of earlier clips what it says', (fetch, toFetch, kept) => {
    const work = named(sort(plan, lives, { fetch }));
    expect(work).toMatchObject({ toSend: ['next', 'new'] });
    expect([work.toFetch ?? [], work.kept ?? []]).toEqual([toFetch, kept]);
  });

  it('needs what an adopted shot starts from, for its retries', () => {
    const adopted = {
      ...lives,
      next: lifeOf('next', [[SENT]], { submission: chained('next', 'base') }) as Render,
    };
    expect(named(sort(plan, adopted, { fetch: 'needed' }))).toMatchObject({ toFetch: ['base'] });
  });

  it('fetches what an earlier run rendered and nobody has fetched yet, whatever it says', () => {
    expect(named(sort(planOf('cliff'), { cliff: rendered(0.5) }, { fetch: 'new' }))).toEqual({
      toFetch: ['cliff'],
    });
  });
});

describe('--only', () => {
  it('sends and holds only what was chosen, and fetches what that starts from', () => {
    const plan = planOf('base', 'failed', 'unknown', 'old', 'unsent', chained('next', 'base'));
    const lives = { base: done(0.5), failed: FAILED, unknown: [], old: done(0.5) };
    expect(named(sort(plan, lives, { chosen: ['next'] }))).toEqual({
      toSend: ['next'],
      toFetch: ['base'],
      kept: ['old'],
    });
  });

  it('blocks a chosen shot that is chained to a failed one outside the selection', () => {
    const work = sort(planOf('base', chained('next', 'base')), { base: FAILED }, { chosen: ['next'] });
    expect(named(work)).toEqual({ blocked: ['next'] });
  });

  it('does not count what lies outside', () => {
    const { counts } = sort(planOf('a', 'b', 'c'), { a: FAILED, b: [] }, { chosen: ['c'] });
    expect(counts).toMatchObject({ total: 1, kept: 0, to_send: 1, held: 0 });
  });

  it('retries a failed shot only if it was chosen', () => {
    const lives = { a: FAILED, b: FAILED };
    const work = sort(planOf('a', 'b'), lives, { chosen: ['b'], retryFailed: true });
    expect(named(work)).toEqual({ toSend: ['b'] });
  });
});

describe('a person’s decision', () => {
  it('leaves a clip that nobody needs here with the service', () => {
    expect(named(sort(planOf('cliff'), { cliff: wish('cliff', 'accepted-missing') }))).toEqual({
      kept: ['cliff'],
    });
    const never = stepped(lifeOf('cliff', [rendered(0.5)]), { type: 'accepted-missing' });
    expect(named(sort(planOf('cliff'), { cliff: never }))).toEqual({ kept: ['cliff'] });
  });

  it('renders a shot again that has its clip, once it is chosen and in the list', () => {
    const cliff = wish('cliff', 'rerender');
    const here = ['cliff'];
    const work = sort(planOf('cliff'), { cliff }, { here });
    expect(named(work)).toEqual({ toSend: ['cliff'] });
    expect([...work.again]).toEqual([cliff.key]);
    expect(named(sort(planOf('cliff', 'b'), { cliff }, { here, chosen: ['b'] }))).toEqual({
      toSend: ['b'],
      kept: ['cliff'],
    });
    expect(named(sort(planOf(), { cliff }, { here }))).toEqual({ kept: ['cliff'] });
  });

  it('does not render a shot a third time while it is being rendered again', () => {
    const again = lifeOf('cliff', [[SENT]], { from: wish('cliff', 'rerender'), number: 1 }) as Render;
    expect(named(sort(planOf('cliff'), { cliff: again }, { here: ['cliff'] }))).toEqual({
      adopted: ['cliff'],
    });
    const unknown = lifeOf('cliff', [[]], { from: wish('cliff', 'rerender'), number: 1 }) as Render;
    expect(named(sort(planOf('cliff'), { cliff: unknown }, { here: ['cliff'] }))).toEqual({
      held: ['cliff'],
    });
  });
});
