import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Exit } from '../../src/base/exit.js';
import { readRunState } from '../../src/run/journal/run-state.js';
import { planOf, World } from './world.js';

const NOW = '2026-11-21T09:00:00.000Z';
const ABORTED = { kind: 'unreachable', status: null, code: 'aborted', message: 'Stopped.' } as const;
const plan = planOf('cliff', 'beach', 'pier');

function path(world: World, name: string): string {
  return join(world.directory, name);
}

/** Cuts the journal down to its first lines. */
async function cutJournal(world: World, lines: number): Promise<void> {
  const all = (await world.read('journal.ndjson')).split('\n');
  await writeFile(path(world, 'journal.ndjson'), `${all.slice(0, lines).join('\n')}\n`);
}

async function changeManifest(
  world: World,
  change: (manifest: Awaited<ReturnType<World['manifest']>>) => void,
): Promise<void> {
  const manifest = await world.manifest();
  change(manifest);
  await writeFile(path(world, 'manifest.json'), JSON.stringify(manifest));
}

describe('a manifest alone', () => {
  it('names every submission in the manifest before its POST leaves', async () => {
    const world = new World();
    world.service.script.submit = async ({ prompt }) => {
      const { submissions } = await world.manifest();
      const sent = submissions.find((entry: { prompt: string }) => entry.prompt === prompt);
      expect(sent).toMatchObject({ state: 'unknown', attempts: 1 });
      return undefined;
    };
    expect(await world.run(plan)).toMatchObject({ exit: Exit.done, states: { done: 3 } });
  });

  it('does not send again what the manifest alone calls unknown', async () => {
    const world = new World();
    world.service.script.afterAccept = () => ({ ...ABORTED, kind: 'unknown' });
    await world.run(plan);
    await rm(path(world, 'journal.ndjson'));
    world.service.script = {};
    expect(await world.run(plan)).toMatchObject({ exit: Exit.unknown, states: { unknown: 3 } });
    expect(world.service.calls.submit).toBe(3);
  });

  it('reads the manifests of all profiles together, and the most advanced entry counts', async () => {
    const world = new World();
    await world.run(planOf('cliff'));
    await world.run({ ...planOf('beach'), profile: 'final' });
    await rm(path(world, 'journal.ndjson'));
    await changeManifest(world, ({ submissions: [cliff] }) => {
      Object.assign(cliff, { state: 'unknown', request_id: null, outputs: [] });
    });
    expect(await world.run(planOf('cliff', 'beach'))).toMatchObject({ exit: Exit.done, states: { done: 2 } });
    expect(world.service.calls.submit).toBe(2);
  });

  it('refuses a manifest of another service beside one of this service', async () => {
    const world = new World();
    await world.run(plan);
    const other = { ...(await world.manifest()), service: 'https://model-api.runcomfy.net' };
    await writeFile(path(world, 'manifest.final.json'), JSON.stringify(other));
    await expect(world.open(plan)).rejects.toThrow('belong to different services');
  });
});

describe('a journal with lines missing', () => {
  it.each([1, 2, 4, 6, 9, 12])(
    'with a journal that is cut after line %i, sends nothing again that the manifest names',
    async (lines) => {
      const world = new World();
      await world.run(plan);
      await cutJournal(world, lines);
      expect(await world.run(plan)).toMatchObject({ exit: Exit.done, states: { done: 3 } });
      expect(world.service.calls.submit).toBe(3);
      expect(world.notices()[0]).toContain('The manifest is believed');
      const before = await world.read('journal.ndjson');
      await world.run(plan);
      expect(world.notices()).toEqual([]);
      expect(await world.read('journal.ndjson')).toBe(before);
    },
  );

  it('uses the request id that the manifest has for an unknown submission of the journal', async () => {
    const world = new World();
    world.service.renderSeconds = 7200;
    await world.run(planOf('cliff'));
    await cutJournal(world, 2);
    world.service.renderSeconds = 10;
    expect(await world.run(planOf('cliff'))).toMatchObject({ exit: Exit.done, states: { done: 1 } });
    expect(world.service.calls.submit).toBe(1);
  });

  it('closes the last attempt of the journal if the manifest names a later one', async () => {
    const world = new World();
    await world.run(planOf('cliff'));
    await cutJournal(world, 2);
    await changeManifest(world, ({ submissions: [cliff] }) => {
      cliff.attempts = 3;
    });
    expect(await world.run(planOf('cliff'))).toMatchObject({ exit: Exit.done, states: { done: 1 } });
    expect(world.service.calls.submit).toBe(1);
    expect(await readRunState(world.directory, NOW)).toMatchObject({ kind: 'read', imported: 0 });
  });

  it('believes the journal if it knows more than the manifest', async () => {
    const world = new World();
    await world.run(planOf('cliff'));
    await changeManifest(world, ({ submissions: [cliff] }) => {
      Object.assign(cliff, { state: 'unknown', request_id: null, outputs: [] });
    });
    expect(await world.run(planOf('cliff'))).toMatchObject({ exit: Exit.done, states: { done: 1 } });
    expect(world.notices()).toEqual([]);
  });

  it('believes the journal alone, with a notice, if the manifest cannot be read', async () => {
    const world = new World();
    await world.run(planOf('cliff'));
    await writeFile(path(world, 'manifest.json'), '<<<<<<< HEAD');
    expect(await world.run(planOf('cliff'))).toMatchObject({ exit: Exit.done, states: { done: 1 } });
    expect(world.notices()[0]).toContain('Only the journal was believed');
  });
});

describe('a journal that a loss of power left', () => {
  it.each([
    ['an empty line', '\n'],
    ['zeros', '\0\0\0\0'],
    ['zeros with the end of a line', '\0\0\n\0\n'],
    ['white space and half a record', ' \n{"type":"subm'],
  ])('continues a journal that a loss of power left with %s at its end', async (_name, tail) => {
    const world = new World();
    await world.run(planOf('cliff'));
    const whole = await world.read('journal.ndjson');
    await writeFile(path(world, 'journal.ndjson'), `${whole}${tail}`);
    expect(await world.run(planOf('cliff', 'beach'))).toMatchObject({ exit: Exit.done });
    expect((await world.read('journal.ndjson')).startsWith(`${whole}{"type":"submitting"`)).toBe(true);
  });

  it('refuses a journal with an empty line between records, and says how to continue from the manifest', async () => {
    const world = new World();
    await world.run(planOf('cliff'));
    const whole = await world.read('journal.ndjson');
    await writeFile(path(world, 'journal.ndjson'), whole.replace('\n', '\n\n'));
    await expect(world.open(planOf('cliff'))).rejects.toThrow(
      'Rename journal.ndjson and leave all else where it is: the next run begins from manifest.json',
    );
  });
});

it('removes unfinished files of killed runs, and nothing else', async () => {
  const world = new World();
  const mine = [
    'manifest.json.5a3acbb1.tmp',
    'manifest.final.json.5a3acbb1.tmp',
    'journal.ndjson.0a3acbb1.tmp',
  ];
  const others = ['manifest.json.tmp', 'notes.5a3acbb1.tmp'];
  for (const name of [...mine, ...others]) await writeFile(path(world, name), 'x');
  await world.run(planOf('cliff'));
  const names = await readdir(world.directory);
  expect(names.sort()).toEqual(['journal.ndjson', 'manifest.json', ...others, 'videos'].sort());
});
