import { execFile } from 'node:child_process';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { filmOf, Project } from './rig.js';

/** Environment of a machine that knows nothing of this one's user. */
export const FRESH: Readonly<Record<string, string>> = {
  PATH: `${join(process.execPath, '..')}${delimiter}${process.env.PATH ?? ''}`,
  HOME: tmpdir(),
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  NO_COLOR: '1',
};
const AUTHOR = { GIT_AUTHOR_NAME: 'Ada', GIT_AUTHOR_EMAIL: 'ada@example.com' };
const COMMITTER = { GIT_COMMITTER_NAME: 'Ada', GIT_COMMITTER_EMAIL: 'ada@example.com' };

/** A repository on a server, and a person's clone of it in `home`, which `shotlist init` began. */
export class Repository {
  /** Folder of the server, of the clone, and of what a test adds. */
  readonly project: Project;

  private constructor(project: Project) {
    this.project = project;
  }

  /** Makes a repository with a list of these shots. */
  static async make(shots: readonly string[], init: readonly string[] = []): Promise<Repository> {
    const repository = new Repository(await Project.make());
    const { project } = repository;
    expect((await project.run(['init', 'home', ...init])).code).toBe(0);
    await repository.git('.', 'init', '--quiet', '--bare', '--initial-branch=main', 'server.git');
    await repository.git('home', 'init', '--quiet', '--initial-branch=main');
    await repository.git('home', 'remote', 'add', 'origin', repository.server);
    await repository.write('home', shots);
    await repository.push('home', 'main', 'Begin');
    return repository;
  }

  get server(): string {
    return this.project.path('server.git');
  }

  /** Output of git in a folder of the project; rejects if git fails. */
  async git(folder: string, ...args: readonly string[]): Promise<string> {
    const env = { ...FRESH, ...AUTHOR, ...COMMITTER };
    const { stdout } = await promisify(execFile)('git', args, {
      cwd: resolve(this.project.folder, folder),
      env,
    });
    return stdout.trim();
  }

  /** Clones a branch from the server into a new folder. */
  async clone(folder: string, branch = 'main', ...options: readonly string[]): Promise<void> {
    await this.git('.', 'clone', '--quiet', '--branch', branch, ...options, this.server, folder);
  }

  /** Writes a list of these shots in a clone. */
  async write(folder: string, shots: readonly string[]): Promise<void> {
    await this.project.write(join(folder, 'film.yaml'), filmOf(shots, 'boards/paper-boat.png'));
  }

  /** Commits everything in a clone. */
  async commit(folder: string, message: string): Promise<void> {
    await this.git(folder, 'add', '--all');
    await this.git(folder, 'commit', '--quiet', '--message', message);
  }

  /** Commits everything in a clone to a branch, and pushes it. */
  async push(folder: string, branch: string, message: string): Promise<void> {
    await this.git(folder, 'checkout', '--quiet', '-B', branch);
    await this.commit(folder, message);
    await this.git(folder, 'push', '--quiet', 'origin', branch);
  }

  /** Files of a clone that git would commit, or that differ from what it has. */
  status(folder: string): Promise<string> {
    return this.git(folder, 'status', '--porcelain');
  }

  /** Subjects of the commits of main on the server, newest first. */
  async log(): Promise<readonly string[]> {
    return (await this.git('server.git', 'log', '--format=%s', 'main')).split('\n');
  }

  /** Branches on the server. */
  async branches(): Promise<readonly string[]> {
    return (await this.git('server.git', 'branch', '--format=%(refname:short)')).split('\n');
  }

  /** Makes the server refuse pushes to the branches of this pattern, as for a protected branch. */
  async refusePushesTo(pattern: string): Promise<void> {
    const hook = join(this.server, 'hooks/update');
    await writeFile(hook, `#!/bin/sh\n! expr "$1" : 'refs/heads/${pattern}$' >/dev/null\n`);
    await chmod(hook, 0o755);
  }

  /** Makes the server take pushes to all branches. */
  async takePushes(): Promise<void> {
    await rm(join(this.server, 'hooks/update'));
  }
}
