import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { Exit } from '../../src/base/exit.js';
import type { DownloadAnswer, DownloadOptions } from '../../src/runcomfy/service.js';
import { requestState } from '../rig/scripted-service.js';
import { FACTS, hash, planOf, recordOf, World } from './world.js';

const refused = (status: number, code: string | null = null): DownloadAnswer => ({
  kind: 'refused',
  status,
  code,
  message: `The result could not be fetched from a.test (${status}).`,
});

/** A world whose storage gives an answer in place of each clip until some seconds after it was first asked. */
function late(answer: DownloadAnswer, seconds: number): { world: World; asked: number[] } {
  const world = new World();
  const asked: number[] = [];
  world.service.script.download = () => {
    asked.push(world.clock.now());
    return world.clock.now() < (asked[0] ?? 0) + seconds * 1000 ? answer : undefined;
  };
  return { world, asked };
}

const gaps = (times: readonly number[]) =>
  times.slice(1).map((time, index) => Math.round((time - (times[index] ?? 0)) / 1000));

describe('a clip that is not there when its render is done', () => {
  it.each([
    ['404', refused(404)],
    ['403', refused(403)],
    ['409', refused(409)],
    ['an empty file', refused(200, 'empty')],
  ])('is asked for again with growing pauses after %s, and then fetched', async (_words, answer) => {
    const { world, asked } = late(answer, 100);
    expect(await world.run(planOf('cliff'))).toMatchObject({ exit: Exit.done, states: { done: 1 } });
    expect(gaps(asked)).toEqual([1, 2, 4, 8, 16, 30, 30, 30]);
    expect(world.service.calls.submit).toBe(1);
    expect(world.notices().at(-1)).toBe(
      `The clip of cliff cannot be fetched yet; still trying. ${'message' in answer ? answer.message : ''}`,
    );
  });

  it('is asked for by a fresh link each time', async () => {
    const world = new World();
    let links = 0;
    world.service.script.result = (requestId) => {
      links += 1;
      const outputs = [`https://files.runcomfy.net/${requestId}.mp4?signature=${links}`];
      return { kind: 'state', request: requestState({ requestId, status: 'completed', outputs }) };
    };
    const fetched: string[] = [];
    world.service.script.download = (url) => {
      fetched.push(url.slice(url.indexOf('=')));
      return fetched.length < 5 ? refused(403) : undefined;
    };
    expect(await world.run(planOf('cliff'))).toMatchObject({ exit: Exit.done });
    expect(fetched).toEqual(['=1', '=2', '=3', '=4', '=5']);
  });

  it('is waited for while the service names no output yet', async () => {
    const world = new World();
    const from = world.clock.now() + 60_000;
    world.service.script.result = (requestId) => ({
      kind: 'state',
      request: requestState({
        requestId,
        status: 'completed',
        ...(world.clock.now() < from && { outputs: [] }),
      }),
    });
    expect(await world.run(planOf('cliff'))).toMatchObject({ exit: Exit.done, states: { done: 1 } });
    expect(world.service.calls.submit).toBe(1);
  });

  it('is given up when its time is over, and no later run waits for it again', async () => {
    const { world, asked } = late(refused(404), Number.POSITIVE_INFINITY);
    const timeouts = { download: 60 };
    expect(await world.run(planOf('cliff'), { timeouts })).toMatchObject({ exit: Exit.failed });
    expect(gaps(asked)).toEqual([1, 2, 4, 8, 16]);
    expect(world.last('cliff')?.message).toContain('(404). Run again to ask again, or settle it');
    await world.clock.run(world.clock.sleep(60_000));
    asked.length = 0;
    expect(await world.run(planOf('cliff'), { timeouts })).toMatchObject({ exit: Exit.failed });
    expect(asked).toHaveLength(1);
    world.service.script.download = () => undefined;
    expect(await world.run(planOf('cliff'), { timeouts })).toMatchObject({ exit: Exit.done });
    expect(world.service.calls.submit).toBe(1);
  });

  it('is waited for by the run that follows an interrupted one', async () => {
    const { world } = late(refused(404), 60);
    expect(await world.run(planOf('cliff'), { interruptAfter: 20 })).toMatchObject({
      exit: Exit.interrupted,
    });
    expect(world.last('cliff')?.message).toBe(
      'Rendered, but not here yet. It is paid for: run again to fetch it; it is not rendered again.',
    );
    expect(await world.run(planOf('cliff'))).toMatchObject({ exit: Exit.done });
  });

  it('keeps no other clip from being fetched', async () => {
    const world = new World();
    world.service.script.download = (url) => (url.endsWith('/req-9.mp4') ? undefined : refused(404));
    const ids = Array.from({ length: 9 }, (_, index) => `shot${index}`);
    await world.run(planOf(...ids), { concurrency: 9, timeouts: { download: 100 } });
    const ended = world.events.filter((event) => event.event === 'shot' && 'file' in event && event.file);
    expect(ended).toMatchObject([{ id: 'shot8', state: 'done' }]);
    expect(Date.parse(ended[0]?.at ?? '') - Date.UTC(2026, 10, 21, 8)).toBeLessThan(60_000);
  });

  it.each([
    ['once if it is gone (410)', refused(410), 1],
    ['once if its host is not allowed', { ...refused(0), status: null } as DownloadAnswer, 1],
    ['five times if something else comes', refused(400), 5],
  ])('is asked for %s', async (_words, answer, times) => {
    const { world, asked } = late(answer, Number.POSITIVE_INFINITY);
    expect(await world.run(planOf('cliff'))).toMatchObject({ exit: Exit.failed });
    expect(asked).toHaveLength(times);
  });
});

describe('a file that is still being written', () => {
  /** The bytes that storage has of a clip, one version after the other; the last one stays. */
  function growing(...versions: readonly string[]): World {
    const world = new World();
    let looks = 0;
    const now = () => versions[Math.min(looks, versions.length - 1)] ?? '';
    world.service.download = async (_url, { to, accept }: DownloadOptions) => {
      const bytes = now();
      await writeFile(`${to}.part`, bytes);
      const isAccepted = await accept?.(`${to}.part`);
      looks += 1;
      if (!isAccepted) return rm(`${to}.part`).then(() => ({ kind: 'not-accepted' }));
      await rename(`${to}.part`, to);
      return { kind: 'downloaded', bytes: bytes.length, sha256: hash(bytes) };
    };
    world.service.checkDownload = async () => {
      looks += 1;
      return { kind: 'available', bytes: now().length };
    };
    return world;
  }

  it('is fetched again until it is a whole video', async () => {
    const head = '\0\0\0\x1cftypisom';
    const parts = Array.from({ length: 7 }, (_, index) => head + 'x'.repeat(index));
    const world = growing(...parts, `${head} whole`);
    const { deps } = world.options(planOf());
    const probeVideo = async (path: string) =>
      (await readFile(path, 'utf8')).endsWith('whole') ? FACTS : null;
    const finished = await world.run(planOf('cliff'), { deps: { ...deps, probeVideo } });
    expect(finished).toMatchObject({ exit: Exit.done, flagged: [] });
    expect(await world.read(recordOf('cliff'))).toContain(hash(`${head} whole`));
  });

  it('is fetched again if it is a video, but shorter than asked, and longer at a second look', async () => {
    const world = growing('2', '3.', '4..', '5...');
    const { deps } = world.options(planOf());
    const probeVideo = async (path: string) => ({
      ...FACTS,
      duration: Number.parseInt(await readFile(path, 'utf8'), 10),
    });
    expect(await world.run(planOf('cliff'), { deps: { ...deps, probeVideo } })).toMatchObject({
      exit: Exit.done,
    });
    expect(await world.read(recordOf('cliff'))).toContain(hash('5...'));
  });

  it('is taken as it is if it is shorter than asked and does not grow', async () => {
    const world = growing('4 seconds');
    const { deps } = world.options(planOf());
    const probeVideo = async () => ({ ...FACTS, duration: 4 });
    expect(await world.run(planOf('cliff'), { deps: { ...deps, probeVideo } })).toMatchObject({
      exit: Exit.done,
    });
  });
});
