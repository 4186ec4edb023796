import { mkdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { Project } from './rig.js';

const FILES = [
  'film.yaml',
  'boards/paper-boat.png',
  '.shotlist/shotlist.schema.json',
  '.gitignore',
  '.gitattributes',
  '.github/workflows/shotlist.yml',
  '.github/workflows/shotlist-nightly.yml',
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
      'Add these lines to .gitignore:\n**/renders/**\n!**/renders/**/\n!**/renders/**/videos/*.json\n\n',
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
      'move them from films/sea/.github/workflows/ to .github/workflows/ there.',
    );
    expect(await project.read('films/sea/.github/workflows/shotlist.yml')).toContain(
      '\n  LIST: films/sea/film.yaml\n',
    );
  });

  it('writes the package that --package names into the workflows, and says where to name one later', async () => {
    const project = await Project.make();
    const named = await project.run(['init', 'named', '--package', '@studio/shotlist@1.4.0']);
    expect(named.stdout).not.toContain('SHOTLIST_PACKAGE');
    expect(await project.read('named/.github/workflows/shotlist.yml')).toContain(
      "\n  SHOTLIST_PACKAGE: '@studio/shotlist@1.4.0'\n",
    );
    const unnamed = await project.run(['init', 'unnamed']);
    expect(unnamed.stdout).toContain(
      'The workflows stop until you name the package that they install: set the repository variable SHOTLIST_PACKAGE on GitHub.',
    );
    const again = await project.run(['init', 'unnamed', '--package', './vendor/shotlist-1.4.0.tgz']);
    expect(again.stdout).toContain('Set SHOTLIST_PACKAGE to ./vendor/shotlist-1.4.0.tgz in unnamed/');
  });

  it('refuses a package that is not pinned before it writes a file', async () => {
    const project = await Project.make();
    expect(await project.run(['init', 'sea', '--package', '@studio/shotlist'])).toEqual({
      code: 64,
      stdout: '',
      stderr:
        'shotlist: @studio/shotlist is not pinned: tomorrow it may be another program\nhint: name one version, such as @studio/shotlist@1.4.0\n',
    });
    await expect(project.files('sea')).rejects.toThrow('ENOENT');
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
