import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type MachineOptions, readWorkflow, runWorkflow, type StepEnd } from '../rig/workflow.js';
import { Project } from './rig.js';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const PACKAGE = '@studio/shotlist@1.4.0';

/** A stand-in for npm: it logs its arguments, and installs the built CLI where `--prefix` says. */
const NPM = `#!/bin/sh
echo "npm $*" >> "$RUNNER_TEMP/calls"
while [ "$1" != --prefix ]; do shift; done
mkdir -p "$2/node_modules/.bin"
ln -sf '${CLI}' "$2/node_modules/.bin/shotlist"
`;
/** A stand-in for GitHub's CLI: it logs its arguments, and finds no comment. */
const GH = `#!/bin/sh
echo "gh $*" >> "$RUNNER_TEMP/calls"
case "$*" in *--paginate*) true ;; esac
`;
const PROGRAMS = { npm: NPM, gh: GH, sleep: '#!/bin/sh\n' };

/** Everything that is left of a run on a machine. */
interface Night {
  readonly ends: readonly StepEnd[];
  readonly checkout: string;
  readonly folder: string;
  /** Calls of npm and of GitHub's CLI. */
  readonly calls: readonly string[];
}

/** A repository on a server, made of a project that `shotlist init` began. */
class Studio {
  readonly project: Project;
  readonly #folder: string;

  private constructor(project: Project, folder: string) {
    this.project = project;
    this.#folder = folder;
  }

  /** Begins a project of a few shots with `shotlist init` and these arguments, and pushes it. */
  static async make(init: readonly string[]): Promise<Studio> {
    const folder = await mkdtemp(join(tmpdir(), 'shotlist-ci-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
    const project = await Project.make();
    await project.film(3);
    expect((await project.run(['init', ...init])).code).toBe(0);
    const studio = new Studio(project, folder);
    await studio.git(folder, 'init', '--quiet', '--bare', '--initial-branch=main', studio.server);
    await studio.git(project.folder, 'init', '--quiet', '--initial-branch=main');
    await studio.git(project.folder, 'remote', 'add', 'origin', studio.server);
    await studio.commit('main', 'Begin');
    return studio;
  }

  get server(): string {
    return join(this.#folder, 'server.git');
  }

  async git(cwd: string, ...args: readonly string[]): Promise<string> {
    const { stdout } = await promisify(execFile)('git', args, { cwd, env: environment() });
    return stdout.trim();
  }

  /** Commits everything in the project to a branch, and pushes it. */
  async commit(branch: string, message: string): Promise<void> {
    const { folder } = this.project;
    const author = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
    await this.git(folder, 'checkout', '--quiet', '-B', branch);
    await this.git(folder, 'add', '--all');
    await this.git(folder, ...author, 'commit', '--quiet', '--message', message);
    await this.git(folder, 'push', '--quiet', 'origin', branch);
  }

  /** Runs a workflow of a branch on a new machine. */
  async run(
    workflow: string,
    { branch = 'main', env, ...options }: Partial<MachineOptions> & { readonly branch?: string },
  ): Promise<Night> {
    const folder = await mkdtemp(join(this.#folder, 'machine-'));
    const checkout = join(folder, 'checkout');
    await this.git(folder, 'clone', '--quiet', '--branch', branch, this.server, checkout);
    const file = await readWorkflow(join(checkout, '.github/workflows', workflow));
    const ends = await runWorkflow(file, {
      checkout,
      folder,
      contexts: {},
      programs: PROGRAMS,
      ...options,
      env: { ...environment(), GITHUB_REPOSITORY: 'studio/film', GITHUB_REF_NAME: branch, ...env },
    });
    const calls = await readFile(join(folder, 'calls'), 'utf8').catch(() => '');
    return { ends, checkout, folder, calls: calls.split('\n').filter((line) => line !== '') };
  }
}

/** Environment of a machine that knows nothing of this one's user. */
function environment(): Record<string, string> {
  const node = join(process.execPath, '..');
  return {
    PATH: `${node}${delimiter}${process.env.PATH ?? ''}`,
    HOME: tmpdir(),
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
    NO_COLOR: '1',
  };
}

const PULL_REQUEST = {
  'github.event.pull_request.number': '12',
  'github.event.pull_request.head.repo.full_name': 'studio/film',
  'github.repository': 'studio/film',
};
const ON_PULL_REQUEST = { branch: 'more', env: { GITHUB_BASE_REF: 'main' }, contexts: PULL_REQUEST };

const STOPS =
  /^::error::No package is named: set SHOTLIST_PACKAGE [^.]+, to a pinned package such as @\S+\.\n$/;

describe.skipIf(process.platform === 'win32')('the workflow for pull requests', () => {
  it('installs the named package, and comments what the change of a pull request costs', async () => {
    const studio = await Studio.make(['--package', PACKAGE]);
    await studio.project.film(5);
    await studio.commit('more', 'Add two shots');
    const { ends, checkout, folder, calls } = await studio.run('shotlist.yml', ON_PULL_REQUEST);
    expect(ends.filter(({ outcome }) => outcome !== 'success')).toEqual([]);
    const price = await readFile(join(folder, 'price.md'), 'utf8');
    expect(price).toContain('**To render: 2 submissions, 6 s of video, $0.50.** 2 added, 3 unchanged.');
    expect(await readFile(join(folder, 'summary.md'), 'utf8')).toBe(price);
    expect(calls).toEqual([
      `npm install --no-audit --no-fund --prefix ${folder}/shotlist -- ${PACKAGE}`,
      expect.stringContaining('gh api --paginate repos/studio/film/issues/12/comments --jq '),
      `gh pr comment 12 --body-file ${folder}/price.md`,
    ]);
    expect(await studio.git(checkout, 'status', '--porcelain')).toBe('');

    // The next push changes the comment.
    const next = await studio.run('shotlist.yml', {
      ...ON_PULL_REQUEST,
      programs: { ...PROGRAMS, gh: GH.replace('true', 'echo 71; echo 88') },
    });
    expect(next.calls.at(-1)).toBe(
      `gh api --silent --method PATCH repos/studio/film/issues/comments/71 --field body=@${next.folder}/price.md`,
    );

    // A pull request from a fork may not comment.
    const contexts = { ...PULL_REQUEST, 'github.event.pull_request.head.repo.full_name': 'ada/film' };
    const fork = await studio.run('shotlist.yml', { ...ON_PULL_REQUEST, contexts });
    expect(fork.ends.map(({ outcome }) => outcome)).toEqual(['success', 'success', 'success', 'skipped']);
    expect(await readFile(join(fork.folder, 'summary.md'), 'utf8')).toBe(price);
  });

  it('stops with one sentence where no package is named, and installs what a variable of the repository names', async () => {
    const studio = await Studio.make([]);
    const { ends, calls } = await studio.run('shotlist.yml', { ...ON_PULL_REQUEST, branch: 'main' });
    expect(ends.map(({ outcome }) => outcome)).toEqual(['failure', 'skipped', 'skipped', 'skipped']);
    expect(ends[0]?.output).toMatch(STOPS);
    expect(calls).toEqual([]);
    const contexts = { ...PULL_REQUEST, 'vars.SHOTLIST_PACKAGE': 'github:studio/shotlist#v1.4.0' };
    const named = await studio.run('shotlist.yml', { ...ON_PULL_REQUEST, branch: 'main', contexts });
    expect(named.ends.map(({ outcome }) => outcome)).toEqual(['success', 'success', 'success', 'success']);
    expect(named.calls[0]).toMatch(/ -- github:studio\/shotlist#v1\.4\.0$/);
  });

  it('marks an error at its line, and prices nothing', async () => {
    const studio = await Studio.make(['--package', PACKAGE]);
    const film = await studio.project.read('film.yaml');
    await studio.project.write('film.yaml', film.replace('duration: 3', 'duration: 99'));
    await studio.commit('more', 'Make the shots longer');
    const { ends } = await studio.run('shotlist.yml', ON_PULL_REQUEST);
    expect(ends.map(({ outcome }) => outcome)).toEqual(['success', 'failure', 'skipped', 'skipped']);
    expect(ends[1]?.output).toMatch(/^::error file=film\.yaml,line=3,/m);
  });
});
