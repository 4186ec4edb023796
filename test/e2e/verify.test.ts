import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { Project } from './rig.js';
import { startService } from './service.js';

const RUN = 'renders/film';

/** A rendered film and the paths of its clips. */
async function rendered(shots: number) {
  const { emulator, env } = await startService();
  const project = await Project.make();
  await project.film(shots);
  expect((await project.run(['run', 'film.yaml', '--yes'], env)).code).toBe(0);
  const { submissions } = await project.manifest(RUN);
  const clips = submissions.map(({ outputs }) => project.path(RUN, outputs[0]?.file ?? ''));
  return { emulator, env, project, clips };
}

describe('shotlist verify', () => {
  it('verify finds every kind of damage, and --repair repairs it without a submission', async () => {
    const { emulator, env, project, clips } = await rendered(4);
    expect(await project.run(['verify', RUN])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^4 clips, \d+ kB, all as recorded\.\n$/),
    });
    const before = await project.bytesOf(clips);
    const [first = '', second = '', third = '', fourth = ''] = clips;
    await rm(first);
    await writeFile(second, 'not a video');
    const bytes = await readFile(third);
    bytes.writeUInt8(bytes.readUInt8(5000) ^ 1, 5000);
    await writeFile(third, bytes);
    await rename(fourth, project.path('elsewhere.mp4'));
    await symlink(project.path('elsewhere.mp4'), fourth);
    const records = await project.records(RUN);

    const found = await project.run(['verify', RUN]);
    expect(found).toMatchObject({ code: 1, stderr: '' });
    expect(found.stdout).toMatch(/shot-1\.\w{8}\.mp4 {2}missing/);
    expect(found.stdout).toMatch(/shot-2\.\w{8}\.mp4 {2}11 bytes instead of [\d,]+, and no video any more/);
    expect(found.stdout).toMatch(/shot-3\.\w{8}\.mp4 {2}not the bytes that were fetched/);
    expect(found.stdout).toMatch(/shot-4\.\w{8}\.mp4 {2}a link/);
    expect(await project.records(RUN)).toEqual(records);

    expect(await project.run(['verify', RUN, '--repair'], env)).toMatchObject({ code: 0, stderr: '' });
    expect(await project.bytesOf(clips)).toEqual(before);
    expect((await project.run(['verify', RUN])).code).toBe(0);
    expect(emulator.requests()).toHaveLength(4);
  });

  it('verify --repair names a folder in the place of a clip and fetches the other clips', async () => {
    const { emulator, env, project, clips } = await rendered(2);
    const [first = '', second = ''] = clips;
    await rm(first);
    await rm(second);
    await mkdir(second);
    const repaired = await project.run(['verify', RUN, '--repair'], env);
    expect(repaired.code).toBe(1);
    expect(repaired.stdout).toMatch(/shot-1\.\w{8}\.mp4 {2}fetched again\./);
    expect(repaired.stdout).toMatch(/shot-2\.\w{8}\.mp4 {2}There is a folder in its place/);
    const run = await project.run(['run', 'film.yaml', '--yes'], env);
    expect(run.code).toBe(75);
    expect(run.stdout).toContain('move it away');
    await rm(second, { recursive: true });
    expect((await project.run(['run', 'film.yaml', '--yes'], env)).code).toBe(0);
    expect(emulator.requests()).toHaveLength(2);
  });

  it.skipIf(process.platform === 'win32')(
    'verify --repair fetches nothing through a folder that is a link',
    async () => {
      const { env, project, clips } = await rendered(1);
      await rename(project.path(RUN, 'videos'), project.path('elsewhere'));
      await symlink(project.path('elsewhere'), project.path(RUN, 'videos'));
      await rm(clips[0] ?? '');
      const refused = await project.run(['verify', RUN, '--repair'], env);
      expect(refused).toMatchObject({ code: 73, stdout: '' });
      expect(refused.stderr).toContain('videos is a link, and nothing is fetched through it');
      expect((await project.files('elsewhere')).filter((file) => file.endsWith('.mp4'))).toEqual([]);
    },
  );

  it('verify --repair in a fresh clone fetches the clips that the records name, and changes no record', async () => {
    const { emulator, env, project } = await rendered(2);
    const before = {
      manifest: await project.read(RUN, 'manifest.json'),
      records: await project.records(RUN),
    };
    for (const clip of await project.clips(RUN)) await rm(clip);
    await project.remove(RUN, 'stills');
    const found = await project.run(['verify', RUN, '--json']);
    expect(found.code).toBe(1);
    expect(JSON.parse(found.stdout).damaged).toMatchObject([{ reason: 'missing' }, { reason: 'missing' }]);
    expect((await project.run(['verify', RUN, '--repair'], env)).code).toBe(0);
    expect(emulator.requests()).toHaveLength(2);
    expect(await project.records(RUN)).toEqual(before.records);
    expect(await project.read(RUN, 'manifest.json')).toBe(before.manifest);
  });

  it('verify --repair keeps a damaged clip when the service no longer has it', async () => {
    const { emulator, env, project, clips } = await rendered(2);
    const [first = ''] = clips;
    const damaged = (await readFile(first)).subarray(0, 1000);
    await writeFile(first, damaged);
    await emulator.close();
    const { env: other } = await startService({ port: Number(new URL(emulator.base).port) });
    const repaired = await project.run(['verify', RUN, '--repair'], { ...env, ...other });
    expect(repaired.code).toBe(1);
    expect(repaired.stdout).toContain('cannot be fetched again. It is not rendered again by itself');
    expect(await readFile(first)).toEqual(damaged);
  });

  it('verify names a manifest and a record that it cannot read', async () => {
    const { project } = await rendered(1);
    const manifest = await project.read(RUN, 'manifest.json');
    await project.write(`${RUN}/manifest.json`, '{');
    const told = await project.run(['verify', RUN]);
    expect(told.code).toBe(1);
    expect(told.stdout).toMatch(/manifest\.json .*it is not JSON; shotlist manifest <list> writes it again/);
    await project.write(`${RUN}/manifest.json`, manifest);
    const [[path = '', text = ''] = []] = Object.entries(await project.records(RUN));
    await writeFile(path, text.slice(0, 500));
    const torn = await project.run(['verify', RUN]);
    expect(torn).toMatchObject({ code: 1, stdout: expect.stringContaining('it is not JSON') });
    expect(torn.stdout).toContain(path);
  });

  it('verify refuses a folder that is no run directory, and a repair with another service', async () => {
    const { project, clips } = await rendered(1);
    expect(await project.run(['verify', 'boards'])).toMatchObject({ code: 66 });
    expect(await project.run(['verify', 'nowhere'])).toMatchObject({ code: 66 });
    await rm(clips[0] ?? '');
    const refused = await project.run(['verify', RUN, '--repair'], { RUNCOMFY_API_TOKEN: 'any' });
    expect(refused).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('belongs to http://127.0.0.1'),
    });
  });

  it('verify --repair repairs a rehearsal', async () => {
    const project = await Project.make();
    await project.film(1);
    await project.run(['run', 'film.yaml', '--provider', 'local']);
    const [clip = ''] = await project.clips('rehearsals/film');
    await rm(clip);
    expect((await project.run(['verify', 'rehearsals/film', '--repair'])).code).toBe(0);
    expect(await project.clips('rehearsals/film')).toEqual([clip]);
  });
});
