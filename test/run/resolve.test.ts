import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Exit } from '../../src/base/exit.js';
import { type Decision, resolveSubmission } from '../../src/run/requests/resolve.js';
import { FACTS, hash, planOf, World } from './world.js';

async function unknownCliff(): Promise<World> {
  const world = new World();
  world.service.script.afterAccept = ({ body }) =>
    body.prompt === 'A cliff'
      ? { kind: 'unknown', status: 502, code: null, message: 'The answer was lost.' }
      : undefined;
  await world.run(planOf('cliff', 'beach'));
  world.service.script = {};
  return world;
}

const settle = (world: World, submission: string, decision: Decision) =>
  resolveSubmission({
    directory: world.directory,
    submission,
    decision,
    now: '2026-11-21T09:00:00.000Z',
    toolVersion: '0.1.0',
    probeVideo: async () => FACTS,
  });

it('fetches the clip of a request id that a person names for an unknown submission', async () => {
  const world = await unknownCliff();
  const decision = { as: 'accepted', request_id: 'req-1' } as const;
  expect(await settle(world, 'cliff', decision)).toMatchObject({ ok: true, id: 'cliff' });
  expect(await world.run(planOf('cliff', 'beach'))).toMatchObject({ exit: Exit.done, states: { done: 2 } });
  expect(world.service.calls.submit).toBe(2);
});

it('sends an unknown submission again only if a person says that it was never accepted', async () => {
  const world = await unknownCliff();
  expect(await settle(world, hash('cliff').slice(0, 8), { as: 'released' })).toMatchObject({ ok: true });
  expect(await world.run(planOf('cliff', 'beach'))).toMatchObject({ exit: Exit.done, states: { done: 2 } });
  expect(world.service.calls.submit).toBe(3);
});

it('writes a person’s decision to the manifest too, which may be all that a CI job keeps', async () => {
  const world = await unknownCliff();
  const scenes = [{ id: '010', title: 'The cliff' }];
  await world.run({ ...planOf('cliff', 'beach'), scenes });
  const before = await world.manifest();
  await settle(world, 'cliff', { as: 'accepted', request_id: 'req-1' });
  const after = await world.manifest();
  const [cliff, ...others] = after.submissions;
  expect(after.scenes).toEqual(scenes);
  expect(cliff).toMatchObject({ id: 'cliff', state: 'submitted', request_id: 'req-1', error: null });
  expect(others).toEqual(before.submissions.slice(1));
});

it('refuses a person’s request id that another submission has', async () => {
  const world = await unknownCliff();
  const [, beach] = (await world.manifest()).submissions;
  const decision = { as: 'accepted', request_id: beach?.request_id ?? '' } as const;
  expect(await settle(world, 'cliff', decision)).toMatchObject({
    ok: false,
    exit: Exit.usage,
    message: expect.stringContaining('is already that of beach'),
  });
  expect((await world.manifest()).submissions[0]?.state).toBe('unknown');
});

it('does not send or follow a submission that was given up', async () => {
  const world = await unknownCliff();
  expect(await settle(world, 'cliff', { as: 'given-up' })).toMatchObject({ ok: true });
  expect(await world.run(planOf('cliff', 'beach'))).toMatchObject({
    exit: Exit.failed,
    states: { failed: 1, done: 1 },
  });
  expect(world.service.calls.submit).toBe(2);
});

it.each([
  [
    'beach',
    'released',
    'beach is done, and its clip is here, so there is nothing to settle. Unknown here: cliff',
  ],
  ['pier', 'given-up', 'pier was never sent. Unknown or with the service: cliff'],
] as const)('says why %s cannot be settled', async (name, as, message) => {
  const world = await unknownCliff();
  const answer = await settle(world, name, { as });
  expect(answer).toMatchObject({ ok: false, exit: Exit.usage, message: expect.stringContaining(message) });
});

it('takes a clip by hand a second time, as after a kill between its copy and its record', async () => {
  const world = await unknownCliff();
  const place = join(world.directory, 'videos', `cliff.${hash('cliff').slice(0, 8)}.mp4`);
  const path = join(world.directory, 'saved.mp4');
  writeFileSync(path, 'a clip');
  writeFileSync(place, 'a clip');
  expect(await settle(world, 'cliff', { as: 'file', path })).toMatchObject({ ok: true, id: 'cliff' });
  expect((await world.manifest()).submissions[0]).toMatchObject({ state: 'done' });
});

it('refuses a clip by hand where another file is in its place, and leaves that file alone', async () => {
  const world = await unknownCliff();
  const place = join(world.directory, 'videos', `cliff.${hash('cliff').slice(0, 8)}.mp4`);
  const path = join(world.directory, 'saved.mp4');
  writeFileSync(path, 'a clip');
  writeFileSync(place, 'another');
  expect(await settle(world, 'cliff', { as: 'file', path })).toMatchObject({
    ok: false,
    message: expect.stringContaining('is another file. Move it away first.'),
  });
  expect(readFileSync(place, 'utf8')).toBe('another');
});

it('says that there is no run directory if there is none', async () => {
  const world = new World();
  const options = {
    submission: 'cliff',
    decision: { as: 'released' },
    now: '2026-11-21T09:00:00.000Z',
    toolVersion: '0.1.0',
    probeVideo: async () => FACTS,
  } as const;
  const directory = `${world.directory}/nowhere`;
  expect(await resolveSubmission({ directory, ...options })).toMatchObject({ ok: false, exit: Exit.missing });
});
