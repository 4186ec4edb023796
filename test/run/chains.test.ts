import { createHash } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Exit } from '../../src/base/exit.js';
import { type Decision, resolveSubmission } from '../../src/run/requests/resolve.js';
import { requestState } from '../rig/scripted-service.js';
import { chain, chained, FACTS, hash, planOf, World } from './world.js';

const file = (id: string) => `videos/${id}.${hash(id).slice(0, 8)}.mp4`;
const FAILS = (prompt: string, world: World) => (requestId: string) => {
  const found = world.service.accepted.find(({ id }) => id === requestId);
  if (found?.body.prompt !== prompt) return undefined;
  return { kind: 'state', request: requestState({ requestId, status: 'failed', error: 'Unsafe.' }) } as const;
};
const order = (world: World) => world.service.accepted.map(({ body }) => body.prompt);

describe('a chained shot', () => {
  it('sends a chained shot with the last frame of the clip before it, when that is here, and records the frame', async () => {
    const world = new World();
    const finished = await world.run(planOf('cliff', chained('beach', 'cliff')));
    expect(finished).toMatchObject({ exit: Exit.done, states: { done: 2 } });
    const clip = await readFile(join(world.directory, file('cliff')), 'utf8');
    const frame = Buffer.from(`last of ${clip}`);
    const uri = `data:image/png;base64,${frame.toString('base64')}`;
    expect(world.service.accepted[1]?.body.start_image_url).toBe(uri);
    const stored = join(world.directory, 'frames', `${hash('cliff').slice(0, 8)}.png`);
    expect(await readFile(stored)).toEqual(frame);
    const { input } = (await world.manifest()).submissions[1];
    expect(input.start_image_url).toEqual({
      $last_frame_of: 'cliff',
      key: hash('cliff'),
      sha256: createHash('sha256').update(frame).digest('hex'),
      type: 'image/png',
      clip_sha256: hash(clip),
    });
  });

  it('says what a chained shot waits for, which holds no slot meanwhile', async () => {
    const world = new World();
    const plan = planOf('cliff', chained('beach', 'cliff'), 'pier');
    expect(await world.run(plan, { concurrency: 1 })).toMatchObject({ exit: Exit.done });
    const first = world.events.find((event) => event.event === 'shot' && event.id === 'beach');
    expect(first).toMatchObject({ state: 'waiting', waiting_on: 'cliff' });
    expect(order(world)).toEqual(['A cliff', 'A pier', 'A beach']);
  });

  it('sends a chained shot after all clips it is chained to, wherever they are in the list', async () => {
    const world = new World();
    const plan = planOf(chained('end', 'cliff', 'pier'), 'cliff', 'pier');
    expect(await world.run(plan)).toMatchObject({ exit: Exit.done, states: { done: 3 } });
    expect(order(world)).toEqual(['A cliff', 'A pier', 'A end']);
  });

  it('sends a chained shot in its list order as soon as its frame is taken', async () => {
    const world = new World();
    const others = Array.from({ length: 6 }, (_, index) => `shot${index}`);
    await world.run(planOf('cliff', chained('beach', 'cliff'), ...others), { concurrency: 2 });
    expect(order(world).indexOf('A beach')).toBeLessThan(5);
  });

  it('chains a new shot to a clip of an earlier run, without rendering that again', async () => {
    const world = new World();
    await world.run(planOf('cliff'));
    await rm(join(world.directory, 'frames'), { recursive: true, force: true });
    const finished = await world.run(planOf('cliff', chained('beach', 'cliff')));
    expect(finished).toMatchObject({ exit: Exit.done, states: { done: 2 } });
    expect(world.service.calls.submit).toBe(2);
  });

  it('sends the parts of a chain once, and changes no file when nothing is to do', async () => {
    const world = new World();
    const plan = chain(3);
    await world.run(plan);
    const before = world.committed();
    expect(await world.run(plan)).toMatchObject({ exit: Exit.done });
    expect(world.committed()).toEqual(before);
    expect(world.service.calls.submit).toBe(3);
  });

  it('needs an ffmpeg only if a chained shot is to be sent', async () => {
    const world = new World();
    const plan = planOf('cliff', chained('beach', 'cliff'));
    const opened = await world.open(plan);
    expect(opened.needsFfmpeg).toBe(true);
    await opened.close();
    await world.run(plan);
    const again = await world.open(plan);
    expect(again.needsFfmpeg).toBe(false);
    await again.close();
  });
});

describe('chains', () => {
  it('finishes a chain of 40 parts at concurrency 1', async () => {
    const world = new World();
    const finished = await world.run(chain(40), { concurrency: 1 });
    expect(finished).toMatchObject({ exit: Exit.done, states: { done: 40 } });
    expect(world.service.accepted).toHaveLength(40);
  });

  it('takes the last frame of a clip once for 40 shots that are chained to it', async () => {
    const world = new World();
    const many = Array.from({ length: 40 }, (_, index) => chained(`shot${index}`, 'cliff'));
    let taken = 0;
    const { deps } = world.options(planOf());
    const lastFrame: typeof deps.lastFrame = (options) => {
      taken += 1;
      return deps.lastFrame(options);
    };
    const finished = await world.run(planOf(...many, 'cliff'), { deps: { ...deps, lastFrame } });
    expect(finished).toMatchObject({ exit: Exit.done, states: { done: 41 } });
    expect(taken).toBe(1);
    expect(order(world).slice(0, 3)).toEqual(['A cliff', 'A shot0', 'A shot1']);
  });

  it('throws if chains go round in a circle', async () => {
    const world = new World();
    const plan = planOf('cliff', chained('a', 'c'), chained('b', 'a'), chained('c', 'b'));
    await expect(world.open(plan)).rejects.toThrow('go round in a circle');
    await (await world.open(planOf('cliff'))).close();
  });
});

describe('what waits for a shot that comes to nothing', () => {
  it('blocks the whole chain after a failed shot, and says what each part waits for', async () => {
    const world = new World();
    world.service.script.result = FAILS('A part1', world);
    const plan = chain(4);
    expect(await world.run(planOf(...plan.submissions, 'pier'))).toMatchObject({
      exit: Exit.failed,
      states: { failed: 1, planned: 3, done: 1 },
      blocked: 3,
    });
    expect(world.service.calls.submit).toBe(2);
    expect(world.last('part2')).toMatchObject({
      state: 'blocked',
      waiting_on: 'part1',
      message: 'It waits for part1, which failed.',
    });
    expect(world.last('part4')?.message).toBe('It waits for part3, which is blocked.');
    const [, second, , fourth] = (await world.manifest()).submissions;
    expect(second).toMatchObject({
      state: 'planned',
      error: { code: 'blocked', message: 'It waits for part1, which failed.' },
    });
    expect(fourth.error.message).toBe('It waits for part3, which is blocked.');
  });

  it('does not count, price or send blocked shots in the next run', async () => {
    const world = new World();
    world.service.script.result = FAILS('A part1', world);
    const plan = chain(3);
    await world.run(plan);
    const opened = await world.open(plan);
    expect(opened).toMatchObject({ usd: 0, counts: { to_send: 0, held: 3 }, needsFfmpeg: false });
    await opened.close();
    expect(await world.run(plan)).toMatchObject({ exit: Exit.failed });
    expect(world.last('part3')).toMatchObject({
      state: 'blocked',
      message: 'It waits for part2, which is blocked.',
    });
    expect(world.service.calls.submit).toBe(1);
  });

  it('blocks shots that are chained to an unknown one, and exits with its code', async () => {
    const world = new World();
    const lost = { kind: 'unknown', status: 502, code: null, message: 'The answer was lost.' } as const;
    world.service.script.submit = () => lost;
    expect(await world.run(chain(3))).toMatchObject({
      exit: Exit.unknown,
      states: { unknown: 1, planned: 2 },
    });
    expect(world.last('part2')?.message).toBe('It waits for part1, which is unknown.');
    expect(world.service.calls.submit).toBe(1);
  });

  it('continues a chain in the next run if the first part was only not finished', async () => {
    const world = new World();
    world.service.script.download = () => ({ kind: 'unreachable', status: null, code: null, message: 'No.' });
    expect(await world.run(chain(3))).toMatchObject({ exit: Exit.unfinished });
    expect(world.last('part3')?.state).toBe('blocked');
    world.service.script = {};
    expect(await world.run(chain(3))).toMatchObject({ exit: Exit.done, states: { done: 3 } });
    expect(world.service.calls.submit).toBe(3);
  });

  it('blocks a shot whose frame cannot be taken, and sends it when it can', async () => {
    const world = new World();
    const { deps } = world.options(planOf());
    const lastFrame = async () => ({ ok: false, message: 'it is not a readable video' }) as const;
    const plan = chain(2);
    expect(await world.run(plan, { deps: { ...deps, lastFrame } })).toMatchObject({
      exit: Exit.failed,
      states: { done: 1, planned: 1 },
    });
    expect(world.last('part2')).toMatchObject({
      state: 'blocked',
      message: `It waits for part1: the last picture of ${file('part1')} cannot be taken: it is not a readable video.`,
    });
    expect(await world.run(plan)).toMatchObject({ exit: Exit.done });
  });

  it('blocks a shot that is chained to one which was not chosen and never rendered', async () => {
    const world = new World();
    const finished = await world.run(chain(2), { chosen: new Set(['part2']) });
    expect(finished).toMatchObject({ exit: Exit.failed, states: { planned: 2 } });
    expect(world.last('part2')?.message).toBe('It waits for part1: its clip is not here.');
  });

  it('does not take a frame of a clip that was changed on disk', async () => {
    const world = new World();
    await world.run(chain(1));
    const path = join(world.directory, file('part1'));
    const { length } = await readFile(path);
    await writeFile(path, 'x'.repeat(length));
    expect(await world.run(chain(2))).toMatchObject({ exit: Exit.failed });
    expect(world.last('part2')?.message).toContain('is not what was fetched');
  });

  it('reports chained shots as unsent, not as blocked, when the run is interrupted', async () => {
    const world = new World();
    world.service.renderSeconds = 600;
    const finished = await world.run(chain(3), { interruptAfter: 30 });
    expect(finished).toMatchObject({ exit: Exit.interrupted, states: { submitted: 1, planned: 2 } });
    expect(world.last('part3')?.state).toBe('unsent');
    expect(await world.run(chain(3))).toMatchObject({ exit: Exit.done, states: { done: 3 } });
    expect(world.service.calls.submit).toBe(3);
  });
});

describe('a clip that was rendered again', () => {
  /** Settles the first part as a person decides. */
  async function settle(world: World, decision: Decision): Promise<void> {
    const { directory } = world;
    const now = new Date(world.clock.now()).toISOString();
    const options = { directory, now, toolVersion: '0.1.0', probeVideo: async () => FACTS };
    expect(await resolveSubmission({ ...options, submission: 'part1', decision })).toMatchObject({
      ok: true,
    });
  }

  /** Three parts that are done, the first of which then becomes another clip of the same key. */
  async function renewed(): Promise<World> {
    const world = new World();
    await world.run(chain(3));
    await rm(join(world.directory, file('part1')));
    await writeFile(world.path('saved.mp4'), 'another clip');
    await settle(world, { as: 'file', path: world.path('saved.mp4') });
    await world.run(chain(3));
    return world;
  }

  it('warns of a shot whose source a person wanted rendered again, and renders that again when told to', async () => {
    const world = new World();
    await world.run(chain(3));
    await settle(world, { as: 'rerender' });
    expect(await world.run(chain(3))).toMatchObject({ exit: Exit.done, states: { done: 3 }, usd: 0.5 });
    expect(world.service.calls.submit).toBe(4);
    const [first, second] = (await world.manifest()).submissions;
    expect(first.outputs[0].file).toBe(file('part1').replace('.mp4', '.attempt2.mp4'));
    expect(second.warnings).toEqual(['It is chained to a clip of part1 that was rendered again since.']);
    expect(await world.run(chain(3))).toMatchObject({ exit: Exit.done });
    expect(world.service.calls.submit).toBe(4);
    expect(await world.run(chain(3), { refreshChained: true })).toMatchObject({ exit: Exit.done, usd: 1 });
    expect(world.service.calls.submit).toBe(6);
  });

  it('warns of a shot that is chained to an older clip, and sends nothing', async () => {
    const world = await renewed();
    expect(world.service.calls.submit).toBe(3);
    const [first, second, third] = (await world.manifest()).submissions;
    expect(second.warnings).toEqual(['It is chained to a clip of part1 that was rendered again since.']);
    expect([first.warnings, third.warnings]).toEqual([[], []]);
    expect(world.notices()).toEqual([
      'part2 is chained to a clip that was rendered again since. To render it again: --refresh-chained',
    ]);
    expect(await world.run(chain(3))).toMatchObject({ exit: Exit.done });
    expect(world.service.calls.submit).toBe(3);
  });

  it('renders the rest of the chain again with --refresh-chained, and overwrites no clip', async () => {
    const world = await renewed();
    const before = await readdir(join(world.directory, 'videos'));
    const opened = await world.open(chain(3), { refreshChained: true });
    expect(opened.toSend.map(({ id }) => id)).toEqual(['part2', 'part3']);
    await opened.close();
    expect(await world.run(chain(3), { refreshChained: true })).toMatchObject({
      exit: Exit.done,
      states: { done: 3 },
      usd: 1,
    });
    const after = await readdir(join(world.directory, 'videos'));
    expect(after).toEqual(expect.arrayContaining(before));
    expect(after.filter((name) => name.endsWith('.mp4'))).toHaveLength(5);
    const [, second, third] = (await world.manifest()).submissions;
    expect(second).toMatchObject({ attempts: 2, warnings: [], request_id: 'req-4' });
    expect(second.outputs[0].file).toBe(file('part2').replace('.mp4', '.attempt2.mp4'));
    expect(third.input.start_image_url.clip_sha256).toBe(second.outputs[0].sha256);
    expect(await world.run(chain(3), { refreshChained: true })).toMatchObject({ exit: Exit.done });
    expect(world.service.calls.submit).toBe(5);
  });

  it('fetches a missing clip with --refresh-chained, and renders no chained shot again', async () => {
    const world = await renewed();
    await world.run(chain(3), { refreshChained: true });
    await rm(join(world.directory, file('part2').replace('.mp4', '.attempt2.mp4')));
    expect(await world.run(chain(3), { refreshChained: true })).toMatchObject({ exit: Exit.done });
    expect(world.service.calls.submit).toBe(5);
  });

  it('keeps the clip that is here if rendering it again fails', async () => {
    const world = await renewed();
    world.service.script.result = FAILS('A part2', world);
    const finished = await world.run(chain(3), { refreshChained: true });
    expect(finished).toMatchObject({ exit: Exit.failed, states: { done: 3 }, usd: 0, usd_unknown: 1 });
    expect(world.last('part2')).toMatchObject({ state: 'failed' });
    expect(world.last('part3')).toMatchObject({ state: 'blocked' });
    const [, second] = (await world.manifest()).submissions;
    expect(second).toMatchObject({ state: 'done', request_id: 'req-2', warnings: [expect.any(String)] });
    world.service.script = {};
    expect(await world.run(chain(3))).toMatchObject({ exit: Exit.done });
    expect(world.service.calls.submit).toBe(4);
  });

  it('renders no chained shot again that was not chosen', async () => {
    const world = await renewed();
    const options = { refreshChained: true, chosen: new Set(['part3']) };
    expect(await world.run(chain(3), options)).toMatchObject({ exit: Exit.done, states: { done: 3 } });
    expect(world.service.calls.submit).toBe(3);
    expect(world.events[0]).toMatchObject({ counts: { total: 3, kept: 3, to_send: 0 } });
  });

  it('follows a shot that a stopped run was rendering again, and does not send it a third time', async () => {
    const world = await renewed();
    world.service.renderSeconds = 600;
    await world.run(chain(3), { refreshChained: true, interruptAfter: 30 });
    expect(world.service.calls.submit).toBe(4);
    world.service.renderSeconds = 10;
    expect(await world.run(chain(3), { refreshChained: true })).toMatchObject({ exit: Exit.done });
    expect(world.service.calls.submit).toBe(5);
    expect(
      (await world.manifest()).submissions.map(({ warnings }: { warnings: string[] }) => warnings),
    ).toEqual([[], [], []]);
  });

  it.each([2, 7, 12, 17, 22])(
    'renders each chained shot again once if --refresh-chained is stopped after %i seconds',
    async (seconds) => {
      const world = await renewed();
      await world.run(chain(3), { refreshChained: true, interruptAfter: seconds });
      for (let round = 0; round < 3; round += 1) {
        const { exit } = await world.run(chain(3), { refreshChained: true });
        if (exit === Exit.done) break;
      }
      const { submissions } = await world.manifest();
      expect(submissions.map(({ state }: { state: string }) => state)).toEqual(['done', 'done', 'done']);
      expect(submissions.flatMap(({ warnings }: { warnings: string[] }) => warnings)).toEqual([]);
      const kept = world.service.accepted.filter(({ cancelled }) => !cancelled);
      expect(kept.map(({ body }) => body.prompt)).toEqual([
        ...['A part1', 'A part2', 'A part3', 'A part2', 'A part3'],
      ]);
    },
  );
});
