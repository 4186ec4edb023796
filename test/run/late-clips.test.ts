import { createHash } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { Exit } from '../../src/base/exit.js';
import type { MediaFacts } from '../../src/media/facts.js';
import type { DownloadAnswer, DownloadOptions } from '../../src/runcomfy/service.js';
import { requestState } from '../rig/scripted-service.js';
import { clipOf, FACTS, hash, planOf, recordOf, World } from './world.js';

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

  it('keeps no other output of its shot from being fetched', async () => {
    const world = new World();
    const outputs = ['https://cdn.example.com/a.mp4', 'https://files.runcomfy.net/b.mp4'];
    world.service.script.result = (requestId) => ({
      kind: 'state',
      request: requestState({ requestId, status: 'completed', outputs }),
    });
    world.service.script.download = (url) => (url === outputs[0] ? refused(0) : undefined);
    await world.run(planOf('cliff'));
    expect((await world.record('cliff')).attempts[0].outputs).toMatchObject([
      { file: null },
      { file: expect.stringMatching(/-2\.mp4$/) },
    ]);
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

describe('a result that is no MP4', () => {
  const PICTURE: MediaFacts = { ...FACTS, duration: 0, frame_rate: 0, video_codec: 'png' };

  /** A world whose storage has a file for each link, by the end of its name. */
  function stored(outputs: readonly string[], files: Readonly<Record<string, string>>): World {
    const world = new World();
    world.service.script.result = (requestId) => ({
      kind: 'state',
      request: requestState({
        requestId,
        status: 'completed',
        outputs: outputs.map((name) => `https://files.runcomfy.net/${requestId}-${name}`),
      }),
    });
    world.service.download = async (url, { to, accept }: DownloadOptions) => {
      const bytes = Buffer.from(files[url.slice(url.lastIndexOf('-') + 1)] ?? '', 'latin1');
      await writeFile(`${to}.part`, bytes);
      const place = (await accept?.(`${to}.part`)) ?? null;
      if (place === null) return rm(`${to}.part`).then(() => ({ kind: 'not-accepted' }));
      await rename(`${to}.part`, place);
      return {
        kind: 'downloaded',
        bytes: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
      };
    };
    return world;
  }

  const WEBM = '\x1a\x45\xdf\xa3 webm';
  const MP4 = '\0\0\0\x1cftypisom';
  const PNG = '\x89PNG\r\n\x1a\n';
  const probeVideo = async (path: string) => {
    const bytes = await readFile(path, 'latin1');
    if (bytes === PNG) return PICTURE;
    return bytes === WEBM || bytes === MP4 ? FACTS : null;
  };
  const depsOf = (world: World) => ({ ...world.options(planOf()).deps, probeVideo });
  const filesOf = async (world: World) =>
    (await world.record('cliff')).attempts[0].outputs.map(({ file }: { file: string }) => file);

  it('has its own ending, also when it is fetched again, and changes nothing that is committed', async () => {
    const world = stored(['a'], { a: WEBM });
    const options = { deps: depsOf(world) };
    expect(await world.run(planOf('cliff'), options)).toMatchObject({ exit: Exit.done });
    const file = clipOf('cliff').replace('.mp4', '.webm');
    expect(world.last('cliff')).toMatchObject({ state: 'done', file });
    const before = world.committed();
    await rename(world.path(file), world.path('videos/from the archive.WEBM'));
    expect(await world.run(planOf('cliff'), options)).toMatchObject({ exit: Exit.done });
    expect(world.service.calls.submit).toBe(1);
    await rm(world.path(file));
    expect(await world.run(planOf('cliff'), options)).toMatchObject({ exit: Exit.done });
    expect(await readFile(world.path(file), 'latin1')).toBe(WEBM);
    expect(world.committed()).toEqual(before);
  });

  it('is beside the first video, each under its own name', async () => {
    const world = stored(['a', 'b', 'c'], { a: WEBM, b: MP4, c: WEBM });
    expect(await world.run(planOf('cliff'), { deps: depsOf(world) })).toMatchObject({ exit: Exit.done });
    const named = (end: string) => clipOf('cliff').replace('.mp4', end);
    expect(await filesOf(world)).toEqual(['.webm', '-2.mp4', '-3.webm'].map(named));
    expect(world.last('cliff')?.file).toMatch(/\.webm$/);
  });

  it('is kept and said if it is a picture, and a video beside it is the clip', async () => {
    const alone = stored(['a'], { a: PNG });
    expect(await alone.run(planOf('cliff'), { deps: depsOf(alone) })).toMatchObject({ exit: Exit.done });
    expect(alone.notices()[0]).toBe(
      `What the service sent for cliff is a PNG file, no usable video. It is kept as ${clipOf('cliff').replace('mp4', 'png')}; nothing is cut from it or chained to it.`,
    );
    const world = stored(['a', 'b'], { a: PNG, b: MP4 });
    expect(await world.run(planOf('cliff'), { deps: depsOf(world) })).toMatchObject({ exit: Exit.done });
    expect(world.last('cliff')?.file).toMatch(/-2\.mp4$/);
  });

  it('is not missed if it is a text beside the clip', async () => {
    const world = stored(['a', 'b'], { a: MP4, b: '{}' });
    expect(await world.run(planOf('cliff'), { deps: depsOf(world) })).toMatchObject({ exit: Exit.done });
    expect(await world.run(planOf('cliff'), { deps: depsOf(world) })).toMatchObject({ exit: Exit.done });
    expect((await world.record('cliff')).attempts[0]).toMatchObject({ state: 'done', outputs: [{}] });
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
      const place = (await accept?.(`${to}.part`)) ?? null;
      looks += 1;
      if (place === null) return rm(`${to}.part`).then(() => ({ kind: 'not-accepted' }));
      await rename(`${to}.part`, place);
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
