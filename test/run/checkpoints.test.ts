import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Exit } from '../../src/base/exit.js';
import type { KeepRecords } from '../../src/run/checkpoints.js';
import { planOf, World } from './world.js';

const KEPT = { ok: true, message: '' };

/** The records in the run directory, as their files have them. */
async function records({ directory }: World): Promise<string> {
  const videos = join(directory, 'videos');
  const files = (await readdir(videos)).filter((name) => name.endsWith('.json'));
  return (await Promise.all(files.map((name) => readFile(join(videos, name), 'utf8')))).join('');
}

/** A place for the records of a run that takes a second for each, and the requests that were accepted at each of them. */
function safePlace(world: World) {
  const kept: { readonly text: string; readonly accepted: number }[] = [];
  const keepRecords: KeepRecords = async () => {
    const text = await records(world);
    await world.clock.sleep(1000);
    kept.push({ text, accepted: world.service.accepted.length });
    return KEPT;
  };
  return { kept, keepRecords };
}

describe('checkpoints', () => {
  it('keeps the record of a submission elsewhere before it leaves, and its request id soon after', async () => {
    const world = new World();
    const { kept, keepRecords } = safePlace(world);
    const finished = await world.run(planOf('a', 'b', 'c'), { concurrency: 1, keepRecords });
    expect(finished).toMatchObject({ exit: Exit.done });
    const [first, second] = kept;
    expect(first?.text).toContain('"id": "a"');
    expect(first?.accepted).toBe(0);
    expect(second?.text).toContain(world.service.accepted[0]?.id);
    expect(kept.at(-1)?.text).toContain(world.service.accepted[2]?.id);
  });

  it('makes one checkpoint for submissions that wait together', async () => {
    const world = new World();
    const { kept, keepRecords } = safePlace(world);
    await world.run(planOf(...'abcdefgh'), { concurrency: 8, keepRecords });
    expect(kept.length).toBeLessThan(8);
    expect(world.service.accepted).toHaveLength(8);
  });

  it('sends nothing more when records cannot be kept elsewhere, and follows what was sent before', async () => {
    const world = new World();
    let calls = 0;
    const keepRecords: KeepRecords = async () =>
      ++calls < 3 ? KEPT : { ok: false, message: 'the server hung up' };
    const finished = await world.run(planOf('a', 'b', 'c'), { concurrency: 1, keepRecords });
    expect(finished).toMatchObject({ exit: Exit.cannotWrite, states: { done: 1 } });
    expect(world.service.accepted).toHaveLength(1);
    expect(world.notices()).toContain(
      'The command of --checkpoint did not keep the records elsewhere: the server hung up.',
    );
    expect(world.last('b')?.message).toBe('Not sent: its record could not be kept elsewhere.');
    // Nothing was accepted, so the next run sends them.
    expect(await world.run(planOf('a', 'b', 'c'))).toMatchObject({ exit: Exit.done });
    expect(world.service.accepted).toHaveLength(3);
  });

  it('does not wait for a checkpoint when the run is interrupted', async () => {
    const world = new World();
    const keepRecords: KeepRecords = (signal) =>
      new Promise((resolve) =>
        signal.addEventListener('abort', () => resolve({ ok: false, message: 'it was stopped' })),
      );
    const finished = await world.run(planOf('a'), { keepRecords, interruptAfter: 10 });
    expect(finished).toMatchObject({ exit: Exit.interrupted });
    expect(world.service.accepted).toHaveLength(0);
    expect(world.notices().join()).not.toContain('--checkpoint');
  });
});
