import { describe, expect, it } from 'vitest';
import { Exit } from '../../src/base/exit.js';
import type { DownloadOptions } from '../../src/runcomfy/service.js';
import { planOf, World } from './world.js';

const DOWN = { status: 503, code: null, message: 'The result could not be fetched from a.test (503).' };

/** A client that meets a fault each second for a number of seconds, and then fetches. */
function faulty(world: World, seconds: number): void {
  const { download } = world.service;
  const until = new Map<string, number>();
  world.service.download = async (url: string, options: DownloadOptions) => {
    const { now } = world.clock;
    if (!until.has(url)) until.set(url, now() + seconds * 1000);
    while (now() < (until.get(url) ?? 0)) {
      if (options.signal?.aborted) return { kind: 'unreachable', ...DOWN };
      options.onFault?.(DOWN);
      await world.clock.sleep(1000, options.signal);
    }
    return download.call(world.service, url, options);
  };
}

/** A client that receives a number of bytes each second until it is stopped. */
function trickling(world: World, bytes: number): void {
  world.service.download = async (_url, { signal, onProgress }) => {
    for (let count = 0; !signal?.aborted; count += bytes) {
      onProgress?.(count, 1_000_000);
      await world.clock.sleep(1000, signal);
    }
    return { kind: 'unreachable', status: null, code: 'aborted', message: 'It was stopped.' };
  };
}

describe('a clip that does not arrive', () => {
  it('leaves a clip whose download time is over to the next run, which fetches it without a submission', async () => {
    const world = new World();
    faulty(world, 600);
    const finished = await world.run(planOf('cliff'), { timeouts: { download: 8 } });
    expect(finished).toMatchObject({ exit: Exit.unfinished, states: { completed: 1 } });
    expect(finished.elapsed).toBeLessThan(30);
    expect(world.last('cliff')).toMatchObject({
      state: 'unfinished',
      message:
        'Rendered, but not here yet. It did not arrive within 8s. The result could not be fetched from a.test (503). It is paid for: run again to fetch it; it is not rendered again.',
    });
    await world.clock.run(world.clock.sleep(600_000));
    expect(await world.run(planOf('cliff'), { timeouts: { download: 900 } })).toMatchObject({
      exit: Exit.done,
    });
    expect(world.service.accepted).toHaveLength(1);
  });

  it('reports a clip that does not arrive while it is tried, and fetches it in the end', async () => {
    const world = new World();
    faulty(world, 45);
    expect(await world.run(planOf('cliff'))).toMatchObject({ exit: Exit.done });
    const words =
      'The clip of cliff cannot be fetched yet; still trying. The result could not be fetched from a.test (503).';
    expect(world.notices()).toEqual([words, words]);
  });

  it('does not report a download fault that soon passes', async () => {
    const world = new World();
    faulty(world, 9);
    expect(await world.run(planOf('cliff'))).toMatchObject({ exit: Exit.done });
    expect(world.notices()).toEqual([]);
  });

  it('reports clips that do not arrive now and then, however many there are', async () => {
    const world = new World();
    faulty(world, 100);
    const ids = Array.from({ length: 40 }, (_, index) => `shot${index}`);
    expect(await world.run(planOf(...ids), { concurrency: 40 })).toMatchObject({ exit: Exit.done });
    const minutes = (world.service.accepted.length * 100) / 60;
    expect(world.notices().length).toBeGreaterThan(2);
    expect(world.notices().length).toBeLessThan(minutes);
  });

  it('reports a clip whose server answers without sending any of it', async () => {
    const world = new World();
    trickling(world, 0);
    const finished = await world.run(planOf('cliff'), { timeouts: { download: 15 } });
    expect(finished).toMatchObject({ exit: Exit.unfinished });
    expect(world.notices()).toEqual([
      'The clip of cliff cannot be fetched yet; still trying. Nothing has arrived for 10 s.',
    ]);
    expect(world.last('cliff')?.message).toContain(
      'not here yet. It did not arrive within 15s. It is paid for',
    );
  });

  it('leaves a slow clip when its download time is over, without another report', async () => {
    const world = new World();
    trickling(world, 1);
    const finished = await world.run(planOf('cliff'), { timeouts: { download: 60 } });
    expect(finished).toMatchObject({ exit: Exit.unfinished, states: { completed: 1 } });
    expect(world.notices()).toEqual([]);
  });

  it('does not call a clip late because the run is over', async () => {
    const world = new World();
    faulty(world, 600);
    await world.run(planOf('cliff'), { timeouts: { run: 40 } });
    expect(world.last('cliff')?.message).toBe(
      'Rendered, but not here yet. It is paid for: run again to fetch it; it is not rendered again.',
    );
  });
});
