import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  type MachineOptions,
  type RunningStep,
  readWorkflow,
  runWorkflow,
  type StepEnd,
} from '../rig/workflow.js';
import { FRESH, Repository } from './repository.js';
import { filmOf } from './rig.js';
import { TOKEN } from './secrets.js';
import { startService } from './service.js';

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

/** A studio that keeps a list in a repository, and runs its workflows on new machines. */
class Studio {
  readonly repository: Repository;
  #machines = 0;

  private constructor(repository: Repository) {
    this.repository = repository;
  }

  /** Makes a studio with a list of three shots; the arguments are those of `shotlist init`. */
  static async make(init: readonly string[]): Promise<Studio> {
    return new Studio(await Repository.make(['1', '2', '3'], init));
  }

  /** Changes the list, and pushes it to a branch. */
  async change(branch: string, shots: readonly string[]): Promise<void> {
    if (branch === 'main') await this.repository.git('home', 'pull', '--quiet', 'origin', 'main');
    await this.repository.write('home', shots);
    await this.repository.push('home', branch, 'Change the list');
  }

  /** Texts of the records on the main branch of the server. */
  async records(): Promise<readonly string[]> {
    const { repository } = this;
    const folder = 'renders/film/videos/';
    const names = (await repository.git('server.git', 'ls-tree', '--name-only', 'main', folder)).split('\n');
    return Promise.all(names.map((name) => repository.git('server.git', 'show', `main:${name}`)));
  }

  /** Runs a workflow of a branch on a new machine. */
  async run(
    workflow: string,
    { branch = 'main', env, ...options }: Partial<MachineOptions> & { readonly branch?: string },
  ): Promise<Night> {
    this.#machines += 1;
    const machine = `machine-${this.#machines}`;
    const folder = this.repository.project.path(machine);
    await mkdir(folder);
    const checkout = join(folder, 'checkout');
    await this.repository.clone(checkout, branch);
    const file = await readWorkflow(join(checkout, '.github/workflows', workflow));
    const ends = await runWorkflow(file, {
      checkout,
      folder,
      contexts: {},
      programs: PROGRAMS,
      ...options,
      env: { ...FRESH, GITHUB_REPOSITORY: 'studio/film', GITHUB_REF_NAME: branch, ...env },
    });
    const calls = await readFile(join(folder, 'calls'), 'utf8').catch(() => '');
    return { ends, checkout, folder, calls: calls.split('\n').filter((line) => line !== '') };
  }
}

const PULL_REQUEST = {
  'github.event.pull_request.number': '12',
  'github.event.pull_request.head.repo.full_name': 'studio/film',
  'github.repository': 'studio/film',
};
const ON_PULL_REQUEST = { branch: 'more', env: { GITHUB_BASE_REF: 'main' }, contexts: PULL_REQUEST };

const STOPS =
  /^::error::No package is named: set SHOTLIST_PACKAGE [^.]+, to a pinned package such as @\S+\.\n$/;

describe.skipIf(process.platform === 'win32')('the workflow for pull requests', { timeout: 300_000 }, () => {
  it('installs the named package, and comments what the change of a pull request costs', async () => {
    const studio = await Studio.make(['--package', PACKAGE]);
    await studio.change('more', ['1', '2', '3', '4', '5']);
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
    expect(await studio.repository.status(checkout)).toBe('');

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
    const { project } = studio.repository;
    await project.write('home/film.yaml', filmOf(['1']).replace('duration: 3', 'duration: 99'));
    await studio.repository.push('home', 'more', 'Make the shots longer');
    const { ends } = await studio.run('shotlist.yml', ON_PULL_REQUEST);
    expect(ends.map(({ outcome }) => outcome)).toEqual(['success', 'failure', 'skipped', 'skipped']);
    expect(ends[1]?.output).toMatch(/^::error file=film\.yaml,line=3,/m);
  });
});

/** A studio whose machines reach an emulated service. */
async function nightly(options: Parameters<typeof startService>[0] = {}) {
  const { emulator, env, release } = await startService(options);
  const { RUNCOMFY_API_TOKEN: _, ...machine } = env;
  const studio = await Studio.make(['--package', PACKAGE]);
  const contexts = { 'secrets.RUNCOMFY_API_TOKEN': TOKEN, 'github.ref_name': 'main' };
  const night = (more: Partial<MachineOptions> = {}) =>
    studio.run('shotlist-nightly.yml', { env: machine, contexts, ...more });
  /** Renders that were paid for, and different ones among them. */
  const paid = () => {
    const renders = emulator.requests().filter(({ status }) => status !== 'cancelled');
    return [renders.length, new Set(renders.map(({ inputSha256 }) => inputSha256)).size];
  };
  return { emulator, env, studio, night, paid, release };
}

/** Outcomes of the steps: `+` for success, `x` for failure, `-` for a step that was skipped. */
const outcomes = ({ ends }: Night) =>
  ends.map(({ outcome }) => ({ success: '+', failure: 'x', skipped: '-' })[outcome]).join('');

/** Ends the render step in that way as soon as N shots were submitted. */
function after(shots: number, end: (step: RunningStep) => void): Pick<MachineOptions, 'watch'> {
  let isOver = false;
  const watch = (step: RunningStep) => {
    if (isOver || (step.output.match(/ {2}submitted {2}/g)?.length ?? 0) < shots) return;
    isOver = true;
    end(step);
  };
  return { watch };
}

/** Clips that are on a machine, which the workflow keeps. */
async function clips({ checkout }: Night): Promise<readonly string[]> {
  const files = await readdir(join(checkout, 'renders/film/videos')).catch(() => []);
  return files.filter((name) => name.endsWith('.mp4')).toSorted();
}

describe('the workflows', () => {
  it('give the token to the step that renders, and to no workflow of a pull request', async () => {
    const folder = fileURLToPath(new URL('../../examples/starter/', import.meta.url));
    const price = await readWorkflow(join(folder, 'price.yml'));
    const nightlyRun = await readWorkflow(join(folder, 'nightly.yml'));
    expect(JSON.stringify(price)).not.toContain('secrets.');
    expect(price.on).toBe('pull_request');
    expect(Object.keys(nightlyRun.on as object)).toEqual(['schedule', 'workflow_dispatch']);
    const [job] = Object.values(nightlyRun.jobs);
    const withToken = job?.steps.filter((step) => JSON.stringify(step).includes('secrets.'));
    expect(withToken?.map(({ id }) => id)).toEqual(['render']);
    expect(JSON.stringify({ ...nightlyRun, jobs: {} })).not.toContain('secrets.');
  });
});

describe.skipIf(process.platform === 'win32')('the workflow for every night', { timeout: 300_000 }, () => {
  it('renders what is new on a new machine each night, and a night with nothing new changes nothing', async () => {
    const { studio, night, paid } = await nightly();
    expect(outcomes(await night())).toBe('+++++');
    expect(paid()).toEqual([3, 3]);
    expect(await studio.repository.log()).toEqual(['Record the renders of film.yaml', 'Begin']);

    const second = await night();
    expect(outcomes(second)).toBe('+++++');
    expect(await clips(second)).toEqual([]);
    expect(await studio.repository.status(second.checkout)).toBe('');
    expect(await studio.repository.log()).toHaveLength(2);
    expect(await studio.repository.branches()).toEqual(['main']);

    await studio.change('main', ['1', '2', '3', '4']);
    const third = await night();
    expect(outcomes(third)).toBe('+++++');
    expect(third.ends[3]?.output).toMatch(/^1 to render.*\n(?:shot-4 .*\n){2}\n1 clip in /);
    expect(await clips(third)).toEqual([expect.stringMatching(/^shot-4\.[0-9a-f]{8}\.mp4$/)]);
    expect(paid()).toEqual([4, 4]);
    expect(await studio.repository.log()).toHaveLength(4);
  });

  it('commits the records of a night that was killed or cancelled half-way, and the next night goes on', async () => {
    const { studio, night, paid, release } = await nightly({ hold: true, concurrency: 1 });
    const killed = await night(after(3, ({ child }) => child.kill('SIGKILL')));
    expect(outcomes(killed)).toBe('+++x+');
    const cancelled = await night(after(0, ({ child }) => child.kill('SIGINT')));
    expect(cancelled.ends.map(({ code }) => code)).toEqual([0, 0, 0, 130, 0]);
    expect(await studio.repository.branches()).toEqual(['main']);
    release();
    // Where the service confirmed a cancellation too late, one night more only takes that down.
    if (outcomes(await night()) !== '+++++') expect(outcomes(await night())).toBe('+++++');
    expect(paid()).toEqual([3, 3]);
  });

  it('goes on from the pushed records when a machine is lost with everything on it, and pays for nothing twice', async () => {
    const { studio, night, paid, release } = await nightly({ hold: true, concurrency: 1 });
    const lost = await night(after(3, ({ loseMachine }) => loseMachine()));
    expect(outcomes(lost)).toBe('+++x');
    expect(await studio.repository.branches()).toEqual(['main', 'shotlist-nightly/main']);
    release();
    const next = await night();
    // A submission whose answer was not pushed yet is unknown, and waits for a person.
    expect(['+++++', '+++x+']).toContain(outcomes(next));
    expect(await studio.repository.branches()).toEqual(['main']);
    expect(paid()).toEqual([3, 3]);
  });

  it('keeps both renders of a shot that a person rendered during the night', async () => {
    const { studio, night, paid, emulator, env } = await nightly();
    const { repository } = studio;
    await repository.project.run(['run', 'home/film.yaml', '--yes', '--only', 'shot-1'], env);
    await repository.commit('home', 'Render one shot');
    const push = { cwd: repository.project.path('home'), env: FRESH };
    const both = await night(
      after(1, () => execFileSync('git', ['push', '--quiet', 'origin', 'main'], push)),
    );
    expect(outcomes(both)).toBe('+++++');
    const [record = ''] = (await studio.records()).filter((text) => text.includes('<<<<<<<'));
    expect(record).toContain(emulator.requests()[0]?.id);
    expect(outcomes(await night())).toBe('+++++');
    const whole = await studio.records();
    expect(whole).toHaveLength(3);
    expect(whole.join('')).not.toContain('<<<<<<<');
    for (const { id } of emulator.requests()) expect(whole.join('')).toContain(id);
    expect(paid()).toEqual([4, 3]);
  });

  it('keeps the records on a branch of their own where main takes no push, and the next night begins from them', async () => {
    const { studio, night, paid } = await nightly();
    await studio.repository.refusePushesTo('main');
    const refused = await night();
    expect(outcomes(refused)).toBe('++++x');
    expect(refused.ends.at(-1)?.output).toContain('::error::The records could not be pushed to main.');
    expect(await studio.repository.branches()).toEqual(['main', 'shotlist-nightly/main']);
    expect(await studio.repository.log()).toEqual(['Begin']);
    await studio.repository.takePushes();
    expect(outcomes(await night())).toBe('+++++');
    expect(paid()).toEqual([3, 3]);
    expect(await studio.repository.branches()).toEqual(['main']);
    expect(await studio.repository.log()).toEqual(['Record the renders of film.yaml', 'Begin']);
  });

  it('spends nothing where git ignores the records, where it cannot push, or where no package is named', async () => {
    const { studio, night, paid } = await nightly();
    await studio.repository.refusePushesTo('.*');
    expect(outcomes(await night())).toBe('++x--');
    await studio.repository.takePushes();
    await studio.repository.project.write('home/.gitignore', 'renders/\n');
    await studio.repository.push('home', 'main', 'Ignore too much');
    const ignored = await night();
    expect(outcomes(ignored)).toBe('++x--');
    expect(paid()).toEqual([0, 0]);
  });
});
