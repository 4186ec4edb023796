import { mkdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { Project } from './rig.js';

const FILES = [
  'film.yaml',
  'boards/paper-boat.png',
  '.shotlist/shotlist.schema.json',
  '.gitignore',
  '.github/workflows/shotlist.yml',
];

describe('shotlist init', () => {
  it('starts a project that validates and renders without a change', async () => {
    const project = await Project.make();
    const begun = await project.run(['init', 'my film']);
    expect(begun).toMatchObject({ code: 0, stderr: '' });
    expect(begun.stdout.trimEnd().split('\n').at(-1)).toBe(
      "To rehearse it, free of charge: shotlist run 'my film/film.yaml' --provider local",
    );
    expect(await project.files('my film')).toEqual(FILES.map((file) => project.path('my film', file)).sort());
    const run = await project.run(['run', 'my film/film.yaml', '--provider', 'local']);
    expect(run).toMatchObject({ code: 0, stderr: '' });
  });

  it('keeps every existing file, and names it', async () => {
    const project = await Project.make();
    await project.write('film.yaml', 'mine');
    await project.write('.gitignore', 'mine\n**/rehearsals/\n');
    const begun = await project.run(['init']);
    expect(begun.code).toBe(0);
    expect(begun.stdout).toContain('kept   film.yaml  was there already\n');
    expect(begun.stdout).toContain(
      'Add these lines to .gitignore:\n**/renders/**\n!**/renders/**/\n!**/renders/**/manifest*.json\n\n',
    );
    expect(await project.read('film.yaml')).toBe('mine');
    expect(await project.read('.gitignore')).toBe('mine\n**/rehearsals/\n');
    expect(await project.files('boards')).toEqual([project.path('boards/board.png')]);
  });

  it('says where to move a workflow that GitHub would not read', async () => {
    const project = await Project.make();
    await mkdir(project.path('.git'));
    const begun = await project.run(['init', 'films/sea']);
    expect(begun.stdout).toContain(
      'move films/sea/.github/workflows/shotlist.yml to .github/workflows/ there, and set its LIST to films/sea/film.yaml.',
    );
  });

  it('names the reason when `shotlist init` cannot write a file', async () => {
    const project = await Project.make();
    await writeFile(project.path('taken'), '');
    expect(await project.run(['init', 'taken'])).toMatchObject({
      code: 73,
      stdout: '',
      stderr: expect.stringMatching(
        /^shotlist: taken\/film\.yaml cannot be written: there is a file of that name\n/,
      ),
    });
  });
});
