import { existsSync, readdirSync } from 'node:fs';
import { cp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { Exit } from '../../src/base/exit.js';
import type { Decision } from '../../src/run/requests/resolve.js';
import { resolveSubmission } from '../../src/run/requests/resolve.js';
import { requestState } from '../rig/scripted-service.js';
import { clipOf, FACTS, hash, planOf, recordOf, submission, World } from './world.js';

const GONE = { kind: 'refused', status: 404, code: null, message: 'The file is gone.' } as const;
const FORGOTTEN = { kind: 'forgotten', status: 404, code: null, message: 'No such request.' } as const;

/** A world in which the service has forgotten all that was rendered, and its links are dead. */
async function abandoned(...ids: readonly string[]): Promise<World> {
  const world = new World();
  await world.run(planOf(...ids));
  world.service.script = { result: () => FORGOTTEN, download: () => GONE };
  return world;
}

const settle = (world: World, id: string, decision: Decision) =>
  resolveSubmission({
    directory: world.directory,
    submission: id,
    decision,
    now: '2026-11-21T09:00:00.000Z',
    toolVersion: '0.1.0',
    probeVideo: async () => FACTS,
  });

const clipsIn = (world: World) => readdirSync(world.path('videos')).filter((name) => name.endsWith('.mp4'));

describe('a clip that is gone at the service', () => {
  it('takes no recorded fact back, and the ways out are named', async () => {
    const world = await abandoned('cliff', 'beach');
    await rm(world.path(clipOf('cliff')));
    const before = world.committed();
    for (let round = 0; round < 2; round += 1) {
      expect(await world.run(planOf('cliff', 'beach'))).toMatchObject({
        exit: Exit.failed,
        states: { done: 2 },
      });
      expect(world.committed()).toEqual(before);
    }
    for (const way of ['--file', '--accept-missing', '--rerender']) {
      expect(world.last('cliff')?.message).toContain(way);
    }
    expect(world.service.calls.submit).toBe(2);
  });

  it('is recognised by its bytes when a copy is put back, whatever that is called', async () => {
    const world = await abandoned('cliff');
    await rename(world.path(clipOf('cliff')), world.path('videos/Best take FINAL.MP4'));
    const before = world.committed();
    const calls = { ...world.service.calls };
    expect(await world.run(planOf('cliff'))).toMatchObject({ exit: Exit.done });
    expect(world.service.calls).toEqual(calls);
    expect(world.committed()).toEqual(before);
    expect(clipsIn(world)).toEqual([clipOf('cliff').slice('videos/'.length)]);
  });

  it('is not taken for another clip of the same length', async () => {
    const world = await abandoned('cliff');
    const { size } = await stat(world.path(clipOf('cliff')));
    await rm(world.path(clipOf('cliff')));
    await writeFile(world.path('videos/other.mp4'), 'x'.repeat(size));
    expect(await world.run(planOf('cliff'))).toMatchObject({ exit: Exit.failed });
    expect(clipsIn(world)).toEqual(['other.mp4']);
  });

  it('is never taken from another shot that has the same bytes', async () => {
    const world = new World();
    const { deps } = world.options(planOf());
    const same = 'https://files.runcomfy.net/same.mp4';
    world.service.script.result = (requestId) => ({
      kind: 'state',
      request: requestState({ requestId, status: 'completed', outputs: [same] }),
    });
    await world.run(planOf('cliff', 'beach'), { deps });
    await rm(world.path(clipOf('cliff')));
    expect(await world.run(planOf('cliff', 'beach'))).toMatchObject({ exit: Exit.done });
    expect(clipsIn(world)).toHaveLength(2);
    expect(existsSync(world.path(clipOf('beach')))).toBe(true);
  });

  it('may be saved by hand, and is then done', async () => {
    const world = await abandoned('cliff');
    await rm(world.path(clipOf('cliff')));
    await writeFile(world.path('saved.mp4'), 'saved by hand');
    expect(await settle(world, 'cliff', { as: 'file', path: world.path('saved.mp4') })).toMatchObject({
      ok: true,
    });
    expect(await world.run(planOf('cliff'))).toMatchObject({ exit: Exit.done });
    expect(await world.read(clipOf('cliff'))).toBe('saved by hand');
    expect(await world.read('saved.mp4')).toBe('saved by hand');
  });

  it('may be called not needed, and is then missed by no run', async () => {
    const world = await abandoned('cliff', 'beach');
    await rm(world.path(clipOf('cliff')));
    expect(await settle(world, 'cliff', { as: 'accepted-missing' })).toMatchObject({ ok: true });
    const before = world.committed();
    const calls = { ...world.service.calls };
    expect(await world.run(planOf('cliff', 'beach'))).toMatchObject({ exit: Exit.done, states: { done: 2 } });
    expect(world.service.calls).toEqual(calls);
    expect(world.committed()).toEqual(before);
    // Of what is here, nobody can say that it is missing.
    expect(await settle(world, 'beach', { as: 'accepted-missing' })).toMatchObject({
      ok: false,
      exit: Exit.usage,
    });
  });

  it('may be rendered again, once, beside what was paid before', async () => {
    const world = await abandoned('cliff');
    await rm(world.path(clipOf('cliff')));
    expect(await settle(world, 'cliff', { as: 'rerender' })).toMatchObject({ ok: true });
    const opened = await world.open(planOf('cliff'));
    expect(opened).toMatchObject({ usd: 0.63, counts: { to_send: 1 } });
    await opened.close();
    world.service.script = {};
    expect(await world.run(planOf('cliff'))).toMatchObject({ exit: Exit.done, usd: 0.5 });
    expect(await world.run(planOf('cliff'))).toMatchObject({ exit: Exit.done });
    expect(world.service.accepted).toHaveLength(2);
    const [cliff] = (await world.manifest()).submissions;
    expect(cliff).toMatchObject({ attempts: 2, cost: { actual: 0.5, other_attempts: { usd: 0.5 } } });
    expect(cliff.outputs[0].file).toBe(clipOf('cliff').replace('.mp4', '.attempt2.mp4'));
  });

  it('does not fail a run that chose others', async () => {
    const world = await abandoned('cliff', 'beach');
    await rm(world.path(clipOf('cliff')));
    expect(await world.run(planOf('cliff', 'beach'), { chosen: new Set(['beach']) })).toMatchObject({
      exit: Exit.done,
    });
  });
});

describe('a clip that is fetched again', () => {
  it('changes nothing that is committed', async () => {
    const world = new World();
    await world.run(planOf('cliff', 'beach'));
    const before = world.committed();
    for (const id of ['cliff', 'beach']) await rm(world.path(clipOf(id)));
    const url = (id: string) => `https://files.runcomfy.net/${id}.mp4?sig=of-today`;
    world.service.script.result = (requestId) => ({
      kind: 'state',
      request: requestState({ requestId, status: 'completed', outputs: [url(requestId)], cost: 0.7 }),
    });
    const { download } = world.service;
    world.service.download = (link, options) =>
      download.call(world.service, link.replace(/\?.*/, ''), options);
    expect(await world.run(planOf('cliff', 'beach'))).toMatchObject({ exit: Exit.done, states: { done: 2 } });
    expect(clipsIn(world)).toHaveLength(2);
    expect(world.committed()).toEqual(before);
  });

  it('is refused if the service now sends another video, which is not kept', async () => {
    const world = new World();
    await world.run(planOf('cliff'));
    const before = world.committed();
    await rm(world.path(clipOf('cliff')));
    world.service.script.result = (requestId) => ({
      kind: 'state',
      request: requestState({
        requestId,
        status: 'completed',
        outputs: ['https://files.runcomfy.net/x.mp4'],
      }),
    });
    expect(await world.run(planOf('cliff'))).toMatchObject({ exit: Exit.failed });
    expect(world.last('cliff')?.message).toContain(`another video than ${clipOf('cliff')}`);
    expect(clipsIn(world)).toEqual([]);
    expect(world.committed()).toEqual(before);
  });

  it('is not fetched by a run that renders only new shots', async () => {
    const world = new World();
    await world.run(planOf('cliff', 'beach'));
    for (const id of ['cliff', 'beach']) await rm(world.path(clipOf(id)));
    const { download } = world.service.calls;
    expect(await world.run(planOf('cliff', 'beach', 'pier'), { fetch: 'new' })).toMatchObject({
      exit: Exit.done,
      states: { done: 3 },
    });
    expect(world.service.calls.download).toBe(download + 1);
    expect(clipsIn(world)).toEqual([clipOf('pier').slice('videos/'.length)]);
  });
});

describe('the clips of two branches', () => {
  /** Two worlds that rendered the same shot, and the record as git leaves it on the first or the second. */
  async function merged(onto: 'first' | 'second') {
    const [first, second] = [new World(), new World()];
    await first.run(planOf('cliff'));
    await second.clock.run(second.clock.sleep(60_000));
    // Another account's request and clip.
    await second.run(planOf('other'));
    await second.run(planOf('cliff'));
    const [ours, theirs] = onto === 'first' ? [first, second] : [second, first];
    const text = `<<<<<<< HEAD\n${await ours.read(recordOf('cliff'))}=======\n${await theirs.read(recordOf('cliff'))}>>>>>>> b\n`;
    await writeFile(ours.path(recordOf('cliff')), text);
    return { ours, theirs };
  }

  it.each(['first', 'second'] as const)(
    'are both kept, with both costs, and the first one that was sent is used, on the %s',
    async (onto) => {
      const { ours, theirs } = await merged(onto);
      ours.service.script.result = (requestId) => ({
        kind: 'state',
        request: requestState({ requestId, status: 'completed' }),
      });
      const plan = planOf('cliff');
      expect(await ours.run(plan)).toMatchObject({ exit: Exit.done, states: { done: 1 } });
      expect(ours.notices().join()).toContain(
        'was rendered on two branches and paid for each time: requests req-1 and req-2',
      );
      const record = await ours.record('cliff');
      expect(record.attempts).toMatchObject([{ request_id: 'req-1' }, { request_id: 'req-2' }]);
      expect(ours.service.calls.submit).toBe(onto === 'first' ? 1 : 2);
      const [cliff] = (await ours.manifest()).submissions;
      expect(cliff).toMatchObject({
        request_id: 'req-1',
        cost: { actual: 0.5, other_attempts: { usd: 0.5 } },
      });
      // The clip that is in its place is the one that the record says.
      const bytes = await readFile(ours.path(cliff.outputs[0].file), 'utf8');
      expect(hash(bytes)).toBe(cliff.outputs[0].sha256);
      expect(theirs.service.calls.submit).toBe(onto === 'first' ? 2 : 1);
    },
  );

  it('stand in for each other: the one that is here is used if the other is gone', async () => {
    const { ours } = await merged('second');
    // It has the bytes of the clip that is gone.
    await rm(ours.path(clipOf('other')));
    ours.service.script = { result: () => FORGOTTEN, download: () => GONE };
    expect(await ours.run(planOf('cliff'))).toMatchObject({ exit: Exit.done, states: { done: 1 } });
    expect(ours.notices().join()).toContain('The clip of request req-2 is here, and is used from here on.');
    const [cliff] = (await ours.manifest()).submissions;
    const bytes = await readFile(ours.path(cliff.outputs[0].file), 'utf8');
    expect(hash(bytes)).toBe(cliff.outputs[0].sha256);
    const before = ours.committed();
    expect(before[recordOf('cliff')]).toContain('"request_id": "req-1"');
    expect(await ours.run(planOf('cliff'))).toMatchObject({ exit: Exit.done });
    expect(ours.committed()).toEqual(before);
    expect(ours.service.calls.submit).toBe(2);
  });

  it('make the same file on both branches', async () => {
    const texts: string[] = [];
    for (const onto of ['first', 'second'] as const) {
      const { ours } = await merged(onto);
      ours.service.script.result = (requestId) => ({
        kind: 'state',
        request: requestState({ requestId, status: 'completed' }),
      });
      await ours.run(planOf('cliff'));
      texts.push(await ours.read(recordOf('cliff')));
    }
    expect(texts[0]).toBe(texts[1]);
  });

  it('of different shots need no help from us', async () => {
    const [first, second] = [new World(), new World()];
    const plan = planOf('cliff', 'beach');
    await first.run(plan, { chosen: new Set(['cliff']) });
    await second.run(plan, { chosen: new Set(['beach']) });
    await cp(second.path(recordOf('beach')), first.path(recordOf('beach')));
    await cp(second.path(clipOf('beach')), first.path(clipOf('beach')));
    await rm(first.path('manifest.json'));
    expect(await first.run(plan)).toMatchObject({ exit: Exit.done, states: { done: 2 } });
    expect(first.service.calls.submit).toBe(1);
  });
});

it('a shot that shares its key with another is one record, named by the first', async () => {
  const world = new World();
  const twin = submission('twin', { key: hash('cliff'), same_as: 'cliff' });
  await world.run(planOf('cliff', twin));
  expect(Object.keys(world.committed())).toEqual(['manifest.json', recordOf('cliff')]);
  await world.run(planOf(submission('twin', { key: hash('cliff') })));
  expect(world.service.calls.submit).toBe(1);
});
