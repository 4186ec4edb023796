import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Project } from './rig.js';
import { startService } from './service.js';

const RUN = 'renders/film';
const ARGS = ['run', 'film.yaml', '--yes'];

/** A film of two shots; the second was changed after its render. */
async function changed() {
  const { emulator, env } = await startService();
  const project = await Project.make();
  await project.film(2);
  await project.run(ARGS, env);
  const before = await project.read('film.yaml');
  const [, old] = (await project.manifest(RUN)).submissions;
  await project.write('film.yaml', before.replace('on shot 2', 'out of shot 2'));
  expect((await project.run(ARGS, env)).code).toBe(0);
  const clips = async () => (await project.clips(RUN)).map((file) => basename(file));
  return { emulator, env, project, before, clips, old: basename(old?.outputs[0]?.file ?? '') };
}

describe('shotlist prune', () => {
  it('prune removes files that no manifest uses, and a run fetches a clip again without a submission', async () => {
    const { emulator, env, project, before, clips, old } = await changed();
    await project.write(`${RUN}/videos/mine.20261121.mp4`, 'somebody else put it there');
    await project.write(`${RUN}/videos/${old}.part`, 'half of it');
    const all = await clips();
    const listed = await project.run(['prune', RUN], env);
    expect(listed).toMatchObject({ code: 0, stderr: '' });
    expect(listed.stdout).toContain(`videos/${old} `);
    expect(listed.stdout).toContain('shot-2, changed since');
    expect(listed.stdout).toContain('can be fetched again, today');
    expect(listed.stdout).not.toContain('mine');
    expect(await clips()).toEqual(all);

    expect(await project.run(['prune', RUN, '--yes'], env)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Removed 2 files'),
    });
    const gone = [old, `${old}.part`];
    expect(await clips()).toEqual(all.filter((file) => !gone.includes(file)));
    expect(await project.run(['prune', RUN], env)).toMatchObject({
      stdout: 'Nothing here that no manifest uses.\n',
    });
    expect((await project.run(['verify', RUN])).code).toBe(0);

    await project.write('film.yaml', before);
    expect((await project.run(ARGS, env)).code).toBe(0);
    expect(await clips()).toContain(old);
    expect(emulator.requests()).toHaveLength(3);
  });

  it('prune removes the last copy of a clip only with --last-copies, and no run renders it again by itself', async () => {
    const { emulator, env, project, before, clips, old } = await changed();
    await emulator.close();
    const { emulator: forgetful } = await startService({ port: Number(new URL(emulator.base).port) });
    const kept = await project.run(['prune', RUN, '--yes'], env);
    expect(kept.stdout).toContain('the last copy: the service has it no more');
    expect(await clips()).toContain(old);
    expect((await project.run(['prune', RUN, '--yes', '--last-copies'], env)).code).toBe(0);
    expect(await clips()).not.toContain(old);

    await project.write('film.yaml', before);
    for (const _ of ['once', 'and again']) {
      const { code, stdout } = await project.run(ARGS, env);
      expect(code).toBe(1);
      expect(stdout).toMatch(/shot-2 {2}failed {2}.*Rendered and paid for, but its clip cannot be fetched/);
    }
    const [, second] = (await project.manifest(RUN)).submissions;
    expect(second).toMatchObject({ state: 'done', outputs: [{ file: `videos/${old}` }] });
    const verified = await project.run(['verify', RUN]);
    expect(verified).toMatchObject({ code: 1, stdout: expect.stringContaining(`videos/${old}  missing`) });
    expect(forgetful.requests()).toEqual([]);
  });

  it('prune refuses when a manifest cannot be read, because it may name clips in use', async () => {
    const { env, project, clips } = await changed();
    const all = await clips();
    await project.write(`${RUN}/manifest.final.json`, '{');
    const refused = await project.run(['prune', RUN, '--yes'], env);
    expect(refused).toMatchObject({ code: 65, stderr: expect.stringContaining('Nothing was removed') });
    expect(await clips()).toEqual(all);
  });
});
