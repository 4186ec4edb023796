import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Exit } from '../../src/base/exit.js';
import type { Plan } from '../../src/plan/plan.js';
import type { ReplaceFile } from '../../src/run/records/records.js';
import { requestState } from '../rig/scripted-service.js';
import { chain, planOf, recordOf, submission, unsynced, World } from './world.js';

/** Moment at which the machine stops: before or after the nth record is replaced. */
interface Crash {
  readonly writes: number;
  readonly when: 'before' | 'after';
}

const NEVER = new Promise<never>(() => {});

/** Runs a plan until a crash; afterwards nothing of that run can reach the service or the disk any more. */
async function runUntil(world: World, plan: Plan, options: Crash & { concurrency: number }): Promise<void> {
  let dead = false;
  let die = () => {};
  const died = new Promise<void>((resolve) => {
    die = () => {
      dead = true;
      resolve();
    };
  });
  let left = options.writes;
  const replaceFile: ReplaceFile = async (path, text) => {
    if (dead) return NEVER;
    left -= 1;
    if (left > 0) return unsynced(path, text);
    if (options.when === 'after') await unsynced(path, text);
    die();
    return NEVER;
  };
  const { service } = world;
  const guarded = new Proxy(service, {
    get: (target, name) => {
      const value = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => (dead ? NEVER : value.apply(target, args));
    },
  });
  const { deps } = world.options(planOf());
  const opened = await world.open(plan, {
    service: guarded,
    concurrency: options.concurrency,
    takeLock: true,
    deps: { ...deps, replaceFile },
  });
  await world.clock.run(Promise.race([opened.execute(new AbortController().signal), died]));
}

const crash = fc.record({
  writes: fc.integer({ min: 1, max: 14 }),
  when: fc.constantFrom('before', 'after'),
});

it('never sends an accepted shot twice and never loses one, wherever it is killed', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 4 }),
      fc.array(crash, { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      async (shots, concurrency, crashes, isChain) => {
        const world = new World();
        const ids = Array.from({ length: shots }, (_, index) => `shot${index}`);
        const plan = isChain ? chain(shots) : planOf(...ids);
        for (const one of crashes)
          await runUntil(world, plan, { ...one, concurrency } as Crash & { concurrency: number });
        const finished = await world.run(plan, { concurrency, takeLock: true });
        const prompts = world.service.accepted.map(({ body }) => body.prompt);
        expect(new Set(prompts).size).toBe(prompts.length);
        const { submissions } = await world.manifest();
        for (const { state, prompt, error } of submissions) {
          // Of a chain, what comes after an unknown one waits for it.
          if (state === 'planned') expect(error.code).toBe('blocked');
          else expect(['done', 'unknown']).toContain(state);
          if (state === 'done') expect(prompts).toContain(prompt);
        }
        // Only what was between POST and answer when the machine stopped may be unknown.
        const unknown = submissions.filter(({ state }: { state: string }) => state === 'unknown').length;
        expect(unknown).toBeLessThanOrEqual(crashes.length * concurrency);
        expect(finished.exit).toBe(unknown > 0 ? Exit.unknown : Exit.done);
      },
    ),
    { numRuns: 80 },
  );
});

it('never sends a shot more often than its retries allow, wherever it is killed', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 3 }),
      fc.array(crash, { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      async (retries, crashes, keepsManifest) => {
        const world = new World();
        const error = 'The generation failed.';
        world.service.script.result = (requestId) => ({
          kind: 'state',
          request: requestState({ requestId, status: 'failed', error }),
        });
        const plan = planOf(submission('cliff', { retries }), submission('beach', { retries }));
        for (const one of crashes) {
          await runUntil(world, plan, { ...one, concurrency: 2 } as Crash & { concurrency: number });
        }
        // It decides nothing.
        if (!keepsManifest) await rm(join(world.directory, 'manifest.json'), { force: true });
        await world.run(plan, { takeLock: true });
        const { submissions } = await world.manifest();
        for (const { state, failures = 0, prompt } of submissions) {
          const sent = world.service.accepted.filter(({ body }) => body.prompt === prompt).length;
          expect(sent).toBeLessThanOrEqual(retries + 1);
          expect(['failed', 'unknown']).toContain(state);
          if (state === 'failed') expect([failures, sent]).toEqual([retries + 1, retries + 1]);
        }
      },
    ),
    { numRuns: 40 },
  );
});

it.each([
  [1, 'before'],
  [1, 'after'],
  [2, 'before'],
  [2, 'after'],
  [3, 'before'],
] as const)(
  'loses nothing of two branches if it is killed at file %i, %s it is replaced',
  async (writes, when) => {
    const [ours, theirs] = [new World(), new World()];
    const plan = planOf('cliff', 'beach');
    await ours.run(plan);
    await theirs.run(planOf('other'));
    await theirs.run(plan);
    // A conflict in the record of one shot, and two files of the other.
    const conflict = `<<<<<<< HEAD\n${await ours.read(recordOf('cliff'))}=======\n${await theirs.read(recordOf('cliff'))}>>>>>>> b\n`;
    await writeFile(ours.path(recordOf('cliff')), conflict);
    const beach = await theirs.read(recordOf('beach'));
    await writeFile(ours.path(recordOf('beach').replace('beach', 'shore')), beach);
    const { deps } = ours.options(plan);
    await runUntil(ours, planOf('cliff', 'beach', 'pier'), { writes, when, concurrency: 1 });
    await ours.run(planOf('cliff', 'beach', 'pier'), { takeLock: true, deps });
    const known = await Promise.all(['cliff', 'beach'].map((id) => ours.record(id)));
    const ids = known.map(({ attempts }) => attempts.map((one: { request_id: string }) => one.request_id));
    expect(ids).toEqual([
      ['req-1', 'req-2'],
      ['req-2', 'req-3'],
    ]);
    // A file that is left over has nothing of its own, and does not change anything.
    const before = ours.committed();
    expect(await ours.run(planOf('cliff', 'beach', 'pier'))).toMatchObject({ states: { done: 2 } });
    expect(ours.committed()).toEqual(before);
    expect(ours.service.accepted.filter(({ body }) => body.prompt !== 'A pier')).toHaveLength(2);
  },
);
