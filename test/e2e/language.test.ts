import { appendFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Project } from './rig.js';
import { startService } from './service.js';

const LIST = `version: 1
vars: { place: the coast }
defaults: { model: kling-3.0/standard, duration: 3, audio: false, start_image: boards/board.png }
profiles:
  final: { model: kling-3.0/4k }
shots:
  - { id: cliff, scene: "010", prompt: "Fog over \${place}" }
  - { id: beach, scene: "010", prompt: She walks on, start_image: { last_frame_of: cliff } }
  - { id: town, scene: "020", prompt: Lights go on }
`;

describe('choosing shots', () => {
  it('--only renders a shot and the shot it is chained to, and keeps the others in the manifest', async () => {
    const { emulator, env } = await startService();
    const project = await Project.make();
    await project.write('film.yaml', LIST);
    expect(await project.run(['run', 'film.yaml', '--yes', '--only', 'beach'], env)).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(emulator.requests()).toHaveLength(2);
    const states = async () =>
      (await project.manifest('renders/film')).submissions.map(({ id, state }) => [id, state]);
    expect(await states()).toEqual([
      ['cliff', 'done'],
      ['beach', 'done'],
      ['town', 'planned'],
    ]);
    expect((await project.run(['run', 'film.yaml', '--yes', '--except', 'scene:010'], env)).code).toBe(0);
    expect(emulator.requests()).toHaveLength(3);
    expect((await states()).map(([, state]) => state)).toEqual(['done', 'done', 'done']);
    const unknown = await project.run(['plan', 'film.yaml', '--only', 'beech'], env);
    expect(unknown).toMatchObject({ code: 64, stdout: '' });
  });

  it('--skip-approved leaves out approved shots, and a run refuses a shot that changed since its approval', async () => {
    const project = await Project.make();
    await project.write('film.yaml', LIST);
    const plan = JSON.parse((await project.run(['plan', 'film.yaml', '--json'])).stdout);
    const key: string = plan.submissions[2].key.slice(0, 8);
    await project.write('film.yaml', LIST.replace('id: town,', `id: town, approved: "${key}",`));
    const open = await project.run(['plan', 'film.yaml', '--json', '--skip-approved']);
    expect(JSON.parse(open.stdout).submissions.map(({ id }: { id: string }) => id)).toEqual([
      'cliff',
      'beach',
    ]);
    await project.write('film.yaml', LIST.replace('id: town,', `id: town, duration: 4, approved: "${key}",`));
    const changed = await project.run(['run', 'film.yaml', '--yes']);
    expect(changed.code).toBe(65);
    expect(changed.stderr).toContain(`SL113  \`town\` was approved as ${key}`);
  });
});

describe('--strict', () => {
  const strict = async (fields: string) => {
    const project = await Project.make();
    await project.write('film.yaml', LIST.replace('id: town,', `id: town, ${fields}`));
    return (...words: string[]) => project.run([...words, '--strict']);
  };
  const commands = [
    ['validate', 'film.yaml'],
    ['plan', 'film.yaml'],
    ['diff', 'film.yaml', 'film.yaml'],
    ['manifest', 'film.yaml'],
    ['run', 'film.yaml', '--yes'],
  ];

  it('makes every command that checks a list refuse one with a warning, and sends nothing', async () => {
    const run = await strict('segments: [{ prompt: Lights }], ');
    for (const words of commands) {
      const { code, stdout, stderr } = await run(...words);
      expect([words[0], code]).toEqual([words[0], 65]);
      expect(stdout + stderr).toContain('error SL307');
    }
  });

  it('lets a list pass that ignores its warnings', async () => {
    const run = await strict('ignore: [SL307], segments: [{ prompt: Lights }], ');
    expect(await run('plan', 'film.yaml')).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('profiles and variables', () => {
  it('profiles share the clips of a run directory and have a manifest each', async () => {
    const { emulator, env } = await startService();
    const project = await Project.make();
    await project.write('film.yaml', LIST);
    await project.run(['run', 'film.yaml', '--yes', '--only', 'town'], env);
    const final = ['run', 'film.yaml', '--yes', '--only', 'town', '--profile', 'final'];
    expect((await project.run(final, env)).code).toBe(0);
    expect(emulator.requests().map(({ model }) => model)).toEqual([
      'kling/kling-3.0/standard/image-to-video',
      'kling/kling-3.0/4k/image-to-video',
    ]);
    const files = (await project.files('renders/film')).map((file) => basename(file));
    expect(files).toEqual(expect.arrayContaining(['manifest.json', 'manifest.final.json']));
    expect((await project.run(final, env)).code).toBe(0);
    expect(emulator.requests()).toHaveLength(2);
  });

  it('--set and --profile are refused for names that the list does not have', async () => {
    const project = await Project.make();
    await project.write('film.yaml', LIST);
    const set = await project.run(['plan', 'film.yaml', '--prompts', '--set', 'place=Skye']);
    expect(set.stdout).toContain('Fog over Skye');
    expect((await project.run(['plan', 'film.yaml', '--set', 'plaice=Skye'])).code).toBe(65);
    expect((await project.run(['plan', 'film.yaml', '--profile', 'finl'])).stderr).toContain(
      'did you mean `final`?',
    );
  });
});

describe('run --watch', () => {
  it('run --watch says after each save what changes and what is wrong, and spends nothing', async () => {
    const { emulator, env } = await startService();
    const project = await Project.make();
    await project.write('film.yaml', LIST);
    const watching = project.start(['run', 'film.yaml', '--yes', '--watch'], env);
    await watching.says(/Watching film\.yaml/);
    await appendFile(project.path('film.yaml'), '  - { id: harbour, prompt: Masts sway }\n');
    await watching.says(/added +harbour/);
    await appendFile(project.path('film.yaml'), '  - { id: harbour, prompt: Masts sway }\n');
    await watching.says(/SL104/);
    watching.child.kill('SIGINT');
    expect((await watching.ended).code).toBe(130);
    expect(emulator.requests()).toEqual([]);
  });
});
