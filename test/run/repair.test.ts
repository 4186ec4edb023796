import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Repaired, repair } from '../../src/run/clips/repair.js';
import { auditRecords } from '../../src/run/directory/audit-records.js';
import { holdDirectory } from '../../src/run/directory/hold-directory.js';
import { requestState } from '../rig/scripted-service.js';
import { chain, FACTS, hash, planOf, World } from './world.js';

const NOW = '2026-11-21T09:00:00.000Z';
const file = (id: string) => `videos/${id}.${hash(id).slice(0, 8)}.mp4`;

/** Fetches all clips of a world again. */
async function repairAll(world: World) {
  const { directory, service, clock } = world;
  const inspected = await auditRecords(directory);
  const repaired: Repaired[] = [];
  const deps = { now: clock.now, sleep: clock.sleep, probeVideo: async () => FACTS };
  const report = await clock.run(
    holdDirectory({ directory, now: NOW }, (held) =>
      repair({
        directory,
        held,
        service,
        deps,
        toolVersion: '0.1.0',
        clips: inspected?.clips ?? [],
        notFetched: inspected?.notFetched ?? [],
        signal: new AbortController().signal,
        onRepaired: (one) => repaired.push(one),
      }),
    ),
  );
  return { report, repaired };
}

const isNow = (url: string) => (requestId: string) =>
  requestId === 'req-1'
    ? ({ kind: 'state', request: requestState({ requestId, status: 'completed', outputs: [url] }) } as const)
    : undefined;

it('records the other bytes that the service now has for a clip, and warns of shots chained to it', async () => {
  const world = new World();
  await world.run(chain(2));
  world.service.script.result = isNow('https://files.runcomfy.net/other.mp4');
  const { report, repaired } = await repairAll(world);
  expect(repaired.map(({ id, kind }) => [id, kind]).toSorted()).toEqual([
    ['part1', 'other'],
    ['part2', 'same'],
  ]);
  expect(report).toEqual({ stale: ['part2'], notes: [] });
  const [first, second] = (await world.manifest()).submissions;
  expect(first.outputs[0].sha256).toBe(hash('https://files.runcomfy.net/other.mp4'));
  expect(second.warnings).toEqual(['It is chained to a clip of part1 that was rendered again since.']);
  expect(world.service.calls.submit).toBe(2);
});

it('repair fetches a clip that was rendered and never fetched', async () => {
  const world = new World();
  world.service.script.download = () => ({ kind: 'refused', status: 404, code: null, message: 'Gone.' });
  await world.run(planOf('cliff'));
  expect((await world.manifest()).submissions[0].state).toBe('completed');
  world.service.script = {};
  expect((await repairAll(world)).repaired).toMatchObject([{ file: file('cliff'), kind: 'same' }]);
  expect((await world.manifest()).submissions[0]).toMatchObject({ state: 'done' });
  expect(world.service.calls.submit).toBe(1);
});

it('repair uses the recorded link if the service does not answer, and keeps a file that it cannot replace', async () => {
  const world = new World();
  await world.run(planOf('cliff', 'beach'));
  await writeFile(join(world.directory, file('cliff')), 'damaged');
  await rm(join(world.directory, file('beach')));
  const forgotten = { kind: 'forgotten', status: 404, code: null, message: 'No such request.' } as const;
  world.service.script.result = () => forgotten;
  world.service.script.download = (url) =>
    url.includes('req-1') ? { kind: 'refused', status: 404, code: null, message: 'Gone.' } : undefined;
  const { repaired } = await repairAll(world);
  expect(repaired).toMatchObject([
    { id: 'cliff', kind: 'gone', message: 'Gone.' },
    { id: 'beach', kind: 'same' },
  ]);
  expect(await readFile(join(world.directory, file('cliff')), 'utf8')).toBe('damaged');
});
