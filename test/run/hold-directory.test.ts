import { expect, it } from 'vitest';
import { Exit } from '../../src/base/exit.js';
import { holdDirectory } from '../../src/run/directory/hold-directory.js';
import { takeLock } from '../../src/run/directory/lock.js';
import { planOf, World } from './world.js';

it('says in words that the held directory was taken over meanwhile', async () => {
  const world = new World();
  await world.run(planOf('cliff'));
  const { directory } = world;
  const now = '2026-11-21T09:00:00.000Z';
  const result = await holdDirectory({ directory, now }, async ({ lock }) => {
    const other = await takeLock({ directory, now, force: true });
    if (!other.ok) throw new Error('not taken over');
    await lock.assertHeld().finally(() => other.lock.release());
    return { ok: true } as const;
  });
  expect(result).toMatchObject({ ok: false, exit: Exit.unfinished });
  expect(result.ok ? '' : result.message).toContain('was taken over by process');
});
