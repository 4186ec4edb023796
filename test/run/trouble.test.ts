import { existsSync } from 'node:fs';
import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Exit } from '../../src/base/exit.js';
import type { ReplaceFile } from '../../src/run/records/records.js';
import { requestState } from '../rig/scripted-service.js';
import { planOf, unsynced, World } from './world.js';

const NOT_MADE = {
  kind: 'not-sent',
  status: null,
  code: 'ECONNREFUSED',
  message: 'No connection.',
  retryAfter: null,
} as const;

describe('trouble on the way', () => {
  const GONE = { kind: 'refused', status: 403, code: null, message: 'The link has run out.' } as const;

  it('asks the service once more for a link that has expired', async () => {
    const world = new World();
    let asked = 0;
    world.service.script.result = (requestId) => {
      const status =
        world.clock.now() - (world.service.accepted[0]?.at ?? 0) < 5000 ? 'rendering' : 'completed';
      if (status === 'completed') asked += 1;
      const outputs = [`https://files.runcomfy.net/1.mp4?sig=${asked}`];
      return { kind: 'state', request: requestState({ requestId, status, ...(asked > 0 && { outputs }) }) };
    };
    world.service.script.download = (url) => (url.endsWith('sig=1') ? GONE : undefined);
    expect(await world.run(planOf('cliff'))).toMatchObject({ exit: Exit.done, states: { done: 1 } });
    expect(asked).toBe(2);
  });

  it('says that the service does not answer once for all shots', async () => {
    const world = new World();
    const { result } = world.service;
    let isAway = true;
    world.service.result = async (requestId, signal) => {
      if (isAway) await world.clock.sleep(100_000, signal);
      isAway = false;
      return result.call(world.service, requestId, signal);
    };
    const ids = Array.from({ length: 20 }, (_, index) => `shot${index}`);
    expect(await world.run(planOf(...ids), { concurrency: 20 })).toMatchObject({ exit: Exit.done });
    const said = world.notices().filter((notice) => notice.includes('No answer from the local provider'));
    expect(said[0]).toContain('for 10 s; still trying');
    expect(said.length).toBeLessThan(8);
  });

  it('treats an answer with the request id of another shot as unknown', async () => {
    const world = new World();
    world.service.script.afterAccept = () => ({ kind: 'accepted', requestId: 'req-1' });
    const finished = await world.run(planOf('cliff', 'beach', 'pier'));
    expect(finished).toMatchObject({ exit: Exit.unknown, states: { done: 1, unknown: 2 } });
    expect(world.last('pier')?.message).toContain('which is already that of cliff');
  });

  it('counts a submission that never left as planned', async () => {
    const world = new World();
    world.service.script.submit = () => NOT_MADE;
    expect(await world.run(planOf('cliff'))).toMatchObject({ states: { planned: 1, refused: 0 } });
  });
});

describe('a disk that is full', () => {
  const FULL = Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC', syscall: 'write' });

  const RESERVE = 'records.reserve';

  /** A disk with room for some more records; for all once the reserve is gone. */
  function small(world: World, isFull: (reserved: boolean) => boolean) {
    const { deps } = world.options(planOf());
    const replaceFile: ReplaceFile = async (path, text) => {
      if (isFull(existsSync(join(world.directory, RESERVE)))) throw FULL;
      await unsynced(path, text);
    };
    return { ...deps, replaceFile };
  }

  it('still records the answer to a POST on a full disk', async () => {
    const world = new World();
    const deps = small(world, (reserved) => reserved && world.service.accepted.length > 0);
    const finished = await world.run(planOf('cliff', 'beach', 'pier'), { concurrency: 1, deps });
    expect(finished).toMatchObject({
      exit: Exit.cannotWrite,
      states: { submitted: 1, unknown: 0, planned: 2 },
    });
    expect(world.notices().at(-1)).toContain('the disk is full (ENOSPC). 0 here, 0 rendered but not here, 1');
    expect(await world.run(planOf('cliff', 'beach', 'pier'))).toMatchObject({ exit: Exit.done });
    expect(world.service.accepted).toHaveLength(3);
    expect(existsSync(join(world.directory, RESERVE))).toBe(false);
  });

  it('shows the request id and the command to type if a full disk takes no record, and does not say that nothing is lost', async () => {
    const world = new World();
    const deps = small(world, () => world.service.accepted.length > 0);
    const finished = await world.run(planOf('cliff'), { deps });
    expect(finished).toMatchObject({ exit: Exit.cannotWrite, states: { unknown: 1 } });
    expect(world.last('cliff')?.message).toContain(
      `shotlist resolve ${world.directory} cliff --request-id req-1`,
    );
    expect(world.notices().at(-1)).toContain('1 unknown. Make room');
  });

  it('loses nothing if the manifest cannot be written, and writes it in the next run', async () => {
    const world = new World();
    const opened = await world.open(planOf('cliff'));
    await mkdir(join(world.directory, 'manifest.json'));
    const finished = await world.clock.run(opened.execute(new AbortController().signal));
    expect(finished).toMatchObject({ exit: Exit.cannotWrite, manifest: null });
    await opened.close();
    await rmdir(join(world.directory, 'manifest.json'));
    expect(await world.run(planOf('cliff'))).toMatchObject({ exit: Exit.done, states: { done: 1 } });
    expect(world.service.calls.submit).toBe(1);
  });
});
