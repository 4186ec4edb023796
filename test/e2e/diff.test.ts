import { execFileSync } from 'node:child_process';
import { appendFile, copyFile, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Project } from './rig.js';

const OTHER_BOARD = fileURLToPath(new URL('../../examples/boards/teaser/dial.png', import.meta.url));

/** A project with a committed `film.yaml` of two shots. */
async function committed(): Promise<Project> {
  const project = await Project.make();
  await project.film(2);
  git(project, 'init', '-q', '.');
  commit(project);
  return project;
}

function git(project: Project, ...args: readonly string[]): string {
  const who = ['-c', 'user.name=x', '-c', 'user.email=x@example.com', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', [...who, ...args], { cwd: project.folder, encoding: 'utf8' });
}

function commit(project: Project): void {
  git(project, 'add', '-A');
  git(project, 'commit', '-qm', 'x');
}

async function edit(project: Project, from: string, to: string): Promise<void> {
  await project.write('film.yaml', (await project.read('film.yaml')).replace(from, to));
}

describe('shotlist diff', () => {
  it('diff compares two lists and exits 0 with and without differences', async () => {
    const project = await Project.make();
    await project.film(2);
    await project.write('old.yaml', await project.read('film.yaml'));
    const same = await project.run(['diff', 'old.yaml', 'film.yaml']);
    expect(same).toEqual({ code: 0, stdout: 'Film, compared with old.yaml\n\nNo difference.\n', stderr: '' });
    await edit(project, 'pushes in on shot 2', 'pulls back');
    const changed = await project.run(['diff', 'old.yaml', 'film.yaml']);
    expect(changed.code).toBe(0);
    expect(changed.stdout).toBe(`Film, compared with old.yaml

changed  shot-2  3 s  $0.25
  prompt: The camera pushes in on shot 2 → The camera pulls back

1 changed, 1 unchanged.
To render: 1 submission, 3 s of video, $0.25.
All of it: 6 s, $0.50; no difference.
`);
  });

  it('diff --against says what a run would render', async () => {
    const project = await Project.make();
    await project.film(1);
    await project.run(['run', 'film.yaml', '--provider', 'local']);
    await edit(project, 'shot-1', 'opening');
    await appendFile(project.path('film.yaml'), '  - { id: closing, prompt: Credits }\n');
    const { code, stdout } = await project.run([
      'diff',
      'film.yaml',
      '--against',
      'rehearsals/film',
      '--json',
    ]);
    expect(code).toBe(0);
    const { differences, to_submit } = JSON.parse(stdout);
    expect(to_submit).toEqual({ submissions: 1, seconds: 3, usd: 0.252, usd_unknown: 0 });
    expect(differences).toMatchObject([
      { kind: 'renamed', id: 'opening', was: 'shot-1', submits: false },
      { kind: 'added', id: 'closing', submits: true },
    ]);
  });

  it('diff --since compares with a revision and its images and leaves the repository unchanged', async () => {
    const project = await committed();
    await copyFile(OTHER_BOARD, project.path('boards/board.png'));
    const before = git(project, 'status', '--porcelain');
    await mkdir(project.path('tmp'));
    const env = { TMPDIR: project.path('tmp') };
    const { code, stdout } = await project.run(['diff', 'film.yaml', '--since', 'HEAD', '--markdown'], env);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /\| changed \| `shot-1` \| `start_image`: `boards\/board\.png \(\w{8}\)` → `boards\/board\.png \(\w{8}\)` \|/,
    );
    expect(git(project, 'status', '--porcelain')).toBe(before);
    expect(await readdir(project.path('tmp'))).toEqual([]);
  });

  // Links need a privilege on Windows.
  it.skipIf(process.platform === 'win32')(
    'diff --since finds the images of a revision anywhere in the repository, links included',
    async () => {
      const project = await Project.make();
      git(project, 'init', '-q', '.');
      await mkdir(project.path('films'));
      await symlink('../boards/board.png', project.path('films/linked.png'));
      const list = (word: string) => `version: 1
defaults: { model: kling-3.0/standard, audio: false, duration: 3, prompt: ${word} }
shots:
  - { id: a, start_image: ../boards/board.png }
  - { id: b, start_image: linked.png, negative_prompt: rain }
`;
      await project.write('films/film.yaml', list('Sea'));
      commit(project);
      await rm(project.path('films/linked.png'));
      await copyFile(project.path('boards/board.png'), project.path('films/linked.png'));
      await project.write('films/film.yaml', list('Sky'));
      const { code, stdout } = await project.run(['diff', 'films/film.yaml', '--since', 'HEAD']);
      expect(code).toBe(0);
      expect(stdout).toContain('2 changed.');
      expect(stdout).not.toContain('start_image');
    },
  );

  it('diff --since takes a list as new if the revision does not have it', async () => {
    const project = await committed();
    await project.write('other.yaml', await project.read('film.yaml'));
    const { code, stdout, stderr } = await project.run(['diff', 'other.yaml', '--since', 'HEAD']);
    expect(code).toBe(0);
    expect(stderr).toBe('other.yaml is not in HEAD: all of it is new.\n');
    expect(stdout).toContain('2 added.\n');
  });

  it('diff --since ignores the git variables of a hook that calls it', async () => {
    const project = await committed();
    const env = { GIT_DIR: '/nowhere', GIT_INDEX_FILE: '/nowhere/index' };
    const { code, stdout } = await project.run(['diff', 'film.yaml', '--since', 'HEAD'], env);
    expect(code).toBe(0);
    expect(stdout).toContain('No difference.');
  });

  it('diff --since names an invalid list of a revision as git does', async () => {
    const project = await committed();
    await edit(project, 'duration: 3', 'duration: 99');
    commit(project);
    await edit(project, 'duration: 99', 'duration: 3');
    const { code, stderr } = await project.run(['diff', 'film.yaml', '--since', 'HEAD']);
    expect(code).toBe(65);
    expect(stderr).toContain('HEAD:film.yaml:3:');
  });

  it.each([
    ['nope', 'shotlist: git knows no revision nope\n'],
    ['--output=x', 'shotlist: git knows no revision --output=x\n'],
  ])('diff --since says that there is no revision %s', async (revision, words) => {
    const project = await committed();
    const { code, stderr } = await project.run(['diff', 'film.yaml', `--since=${revision}`]);
    expect(code).toBe(64);
    expect(stderr).toContain(words);
  });

  it('diff --since says what it needs outside a repository and without git', async () => {
    const project = await Project.make();
    await project.film(1);
    const outside = await project.run(['diff', 'film.yaml', '--since', 'HEAD']);
    expect(outside.code).toBe(64);
    expect(outside.stderr).toContain('--since needs a git repository, and the list is in none\n');
    const without = await project.run(['diff', 'film.yaml', '--since', 'HEAD'], { PATH: project.folder });
    expect(without.code).toBe(64);
    expect(without.stderr).toContain('--since needs git, and there is none on the PATH\n');
  });

  it('diff refuses none or two things to compare with', async () => {
    const project = await Project.make();
    await project.film(1);
    const nothing = await project.run(['diff', 'film.yaml']);
    const both = await project.run(['diff', 'film.yaml', 'film.yaml', '--since', 'HEAD']);
    expect([nothing.code, both.code]).toEqual([64, 64]);
    expect(both.stderr).toContain('name one thing to compare with');
  });

  it('diff --against refuses a missing and an invalid manifest', async () => {
    const project = await Project.make();
    await project.film(1);
    await writeFile(project.path('other.json'), '{}');
    const missing = await project.run(['diff', 'film.yaml', '--against', 'renders/film']);
    const wrong = await project.run(['diff', 'film.yaml', '--against', 'other.json']);
    expect([missing.code, wrong.code]).toEqual([66, 65]);
  });
});

describe('shotlist plan --by', () => {
  it('plan --by scene totals a film by scene in the order of the list', async () => {
    const project = await Project.make();
    await project.film(3);
    await edit(project, 'id: shot-1', 'id: shot-1, scene: "020"');
    await edit(project, 'id: shot-2', 'id: shot-2, scene: "010", model: kling-o3/pro');
    const { code, stdout } = await project.run(['plan', 'film.yaml', '--by', 'scene']);
    expect(code).toBe(0);
    expect(stdout).toBe(`Film

scene     shots  length               cost  new        cost of new
020           1     3 s              $0.25    1              $0.25
010           1     3 s            unknown    1            unknown
no scene      1     3 s              $0.25    1              $0.25
total         3     9 s  $0.50 + 1 unknown    3  $0.50 + 1 unknown

A run would send 3 submissions: 9 s of video, $0.50 + 1 unknown.
Prices as RunComfy showed them on 2026-09-30; they change.
No price is known for kling-o3/pro.
`);
  });
});
