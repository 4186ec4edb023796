import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Exit } from '../../src/base/exit.js';
import { readRecords } from '../../src/run/records/record-file.js';
import { planOf, World } from './world.js';

const ids = Array.from({ length: 30 }, (_, index) => `shot${index}`);

it.each([1, 15, 26, 38])(
  'a run that is taken over after %i seconds leaves everything to the other run',
  async (seconds) => {
    const world = new World();
    const plan = planOf(...ids);
    const first = await world.open(plan, { concurrency: 8 });
    const never = new AbortController().signal;
    const running = first.execute(never);
    await world.clock.run(world.clock.sleep(seconds * 1000));
    const second = await world.open(plan, { concurrency: 8, takeLock: true });
    const [left, ended] = await world.clock.run(Promise.all([running, second.execute(never)]));
    expect(left).toMatchObject({ exit: Exit.unfinished, manifest: null });
    expect(world.notices().join()).toContain(`was taken over by process ${process.pid}`);
    await first.close();
    await second.close();
    expect([Exit.done, Exit.unknown]).toContain(ended.exit);
    // Answers that the first run received after the second had read the records are known now.
    expect(await world.run(plan)).toMatchObject({ exit: Exit.done, states: { done: 30 } });
    expect(world.service.accepted).toHaveLength(30);
    expect(readRecords(world.directory)).toMatchObject({ kind: 'read', twice: [] });
  },
);

it('a run whose lock was deleted sends nothing more', async () => {
  const world = new World();
  const running = (await world.open(planOf(...ids), { concurrency: 2 })).execute(
    new AbortController().signal,
  );
  await world.clock.run(world.clock.sleep(5_000));
  await rm(join(world.directory, 'lock'));
  expect(await world.clock.run(running)).toMatchObject({ exit: Exit.unfinished });
  expect(world.service.accepted).toHaveLength(2);
  expect(world.notices().join()).toContain('its lock was taken away');
});

it('a run whose directory was removed sends nothing more, and does not claim that nothing is lost', async () => {
  const world = new World();
  const running = (await world.open(planOf(...ids), { concurrency: 2 })).execute(
    new AbortController().signal,
  );
  await world.clock.run(world.clock.sleep(5_000));
  await rm(world.directory, { recursive: true });
  expect(await world.clock.run(running)).toMatchObject({ exit: Exit.cannotWrite, manifest: null });
  expect(world.service.accepted).toHaveLength(2);
  const said = world.notices().join();
  expect(said).toContain('was removed while this run was at work in it');
  expect(said).toContain('would send these again, and pay again');
  expect(said).not.toContain('Nothing is lost');
});
