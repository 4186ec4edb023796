import { rm } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { Project } from './rig.js';
import { startService } from './service.js';

/** Estimated and reported cost of a shot of `film`, USD: three silent seconds of kling-3.0/standard. */
const SHOT = 0.252;

/** A project with a budget in its list, and a service that charges. */
async function budgeted(shots: number, budget: number, options: Parameters<typeof startService>[0] = {}) {
  const { emulator, env } = await startService(options);
  const project = await Project.make();
  await project.film(shots);
  await project.write(
    'film.yaml',
    (await project.read('film.yaml')).replace('title: Film\n', `title: Film\nbudget: ${budget}\n`),
  );
  return { emulator, env, project };
}

describe('a budget', () => {
  it('a run under a budget sends what fits, names the shots left out and the budget for all, and exits 75', async () => {
    const { emulator, env, project } = await budgeted(4, 0.6);
    const { code, stdout } = await project.run(['run', 'film.yaml', '--yes'], env);
    expect(code).toBe(75);
    expect(emulator.requests()).toHaveLength(2);
    expect(stdout).toContain('4 to render; estimated cost $1.01; budget $0.00 of $0.60');
    expect(stdout).toContain(
      'warning: 2 shots left out: shot-3, shot-4, about $0.50. ' +
        '$0.50 of the budget of $0.60 is spent; `budget: 1.01` would do for all of them.',
    );
    expect(stdout).toContain('Of the budget of $0.60, $0.50 is spent.\n2 shots left out to keep the limit');
    expect(stdout).not.toContain('To continue');
    await project.write('film.yaml', (await project.read('film.yaml')).replace('0.6', '1.01'));
    expect((await project.run(['run', 'film.yaml', '--yes'], env)).code).toBe(0);
    expect(emulator.requests()).toHaveLength(4);
  });

  it('a budget holds over kills, lost answers, changed shots and a lost manifest', async () => {
    const { emulator, env, project } = await budgeted(8, 5 * SHOT, { concurrency: 1 });
    emulator.next('submit', 'lost-answer');
    for (let kill = 0; kill < 3; kill += 1) {
      const run = project.start(['run', 'film.yaml', '--yes', '--json'], env);
      await run.says(/"state":"(?:queued|rendering|done|unknown)"/);
      run.child.kill('SIGKILL');
      await run.ended;
    }
    // The changed prompts make every shot a new submission.
    const list = await project.read('film.yaml');
    await project.write('film.yaml', list.replaceAll('pushes in on', 'pulls out from'));
    await project.run(['run', 'film.yaml', '--yes'], env);
    await rm(project.path('renders/film/manifest.json'));
    await project.write('film.yaml', list.replaceAll('pushes in on', 'circles around'));
    const last = await project.run(['run', 'film.yaml', '--yes'], env);
    expect(last.stdout).toContain('$1.26 of the budget of $1.26 is spent');
    expect(emulator.requests()).toHaveLength(5);
  });

  it('plan shows the budget, the part spent, and if the rest fits', async () => {
    const { env, project } = await budgeted(3, 0.6);
    expect((await project.run(['plan', 'film.yaml'], env)).stdout).toContain(
      'The budget is $0.60; this needs $0.16 more, and what does not fit is left out.',
    );
    await project.run(['run', 'film.yaml', '--yes'], env);
    const { stdout } = await project.run(['plan', 'film.yaml', '--json'], env);
    expect(JSON.parse(stdout).budget).toEqual({
      limit: 'budget',
      usd: 0.6,
      spent: 0.504,
      spent_unknown: 0,
      left: -0.156,
    });
    const local = await project.run(['plan', 'film.yaml', '--provider', 'local'], env);
    expect(local.stdout).not.toContain('budget');
  });

  it('a rehearsal ignores the budget', async () => {
    const { project } = await budgeted(1, 0.01);
    const { code, stdout } = await project.run(['run', 'film.yaml', '--provider', 'local']);
    expect(code).toBe(0);
    expect(stdout).not.toContain('$');
  });
});

describe('--max-cost', () => {
  it('--max-cost limits one run, and the next run sends the rest', async () => {
    const { emulator, env } = await startService();
    const project = await Project.make();
    await project.film(3);
    const args = ['run', 'film.yaml', '--max-cost', '0.51'];
    const first = await project.run(args, env);
    expect(first).toMatchObject({ code: 75 });
    expect(first.stdout).toContain('$0.50 of --max-cost 0.51 is spent; another run with --max-cost 0.26');
    expect((await project.run(args, env)).code).toBe(0);
    expect(emulator.requests()).toHaveLength(3);
  });

  it('--max-cost below the price of any shot sends nothing and says so', async () => {
    const { emulator, env } = await startService();
    const project = await Project.make();
    await project.film(2);
    const { code, stdout } = await project.run(['run', 'film.yaml', '--max-cost', '0.1'], env);
    expect(code).toBe(75);
    expect(stdout).toContain('2 shots left out: shot-1, shot-2, about $0.50.');
    expect(stdout).toContain('Nothing was spent.');
    expect(emulator.requests()).toEqual([]);
  });
});

describe('an unknown price', () => {
  const LIST = `version: 1
budget: 5
defaults: { model: kling-o1/standard, duration: 5, start_image: boards/board.png }
shots: [{ id: one, prompt: Waves }, { id: two, prompt: Rain }]
`;

  it('a shot of unknown price is refused under a budget before anything is sent, except with --allow-unknown-cost', async () => {
    const { emulator, env } = await startService();
    const project = await Project.make();
    await project.write('film.yaml', LIST);
    const refused = await project.run(['run', 'film.yaml', '--yes'], env);
    expect(refused.code).toBe(64);
    expect(refused.stderr).toContain('the price of one, two is unknown, and the list has a `budget`');
    expect(refused.stderr).toContain('--allow-unknown-cost');
    await project.write('film.yaml', LIST.replace('budget: 5\n', ''));
    const capped = await project.run(['run', 'film.yaml', '--max-cost', '5'], env);
    expect(capped).toMatchObject({ code: 64, stderr: expect.stringContaining('--max-cost was given') });
    expect(emulator.requests()).toEqual([]);
    await project.write('film.yaml', LIST);
    const allowed = await project.run(['run', 'film.yaml', '--yes', '--allow-unknown-cost'], env);
    expect(allowed.code).toBe(0);
    expect(allowed.stdout).toContain('warning: No price is known for one, two, which do not count');
  });
});

it('run --json prints the cost while the run goes on', async () => {
  const { env, project } = await budgeted(2, 5);
  const { stdout } = await project.run(['run', 'film.yaml', '--yes', '--json'], env);
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const costs = events.filter(({ event }) => event === 'cost');
  expect(costs.length).toBeGreaterThan(0);
  expect(costs.at(-1)).toMatchObject({ usd: 0.504, usd_to_come: 0, limits: [{ usd: 5, spent: 0.504 }] });
  expect(events.at(-1)).toMatchObject({ event: 'run_finished', left_out: 0, limits: [{ spent: 0.504 }] });
});
