import { expect, it } from 'vitest';
import { builtIn, createCatalog, type Model, registerValidator } from '../../src/models/catalog.js';
import { Project } from './rig.js';
import { startService } from './service.js';

/** A service that bills `rate` USD for each second of every model. */
function serviceAt(rate: number, options: Parameters<typeof startService>[0] = {}) {
  const priced = (model: Model): Model => {
    const other = { ...model, price: { ...model.price, silent: rate, audio: rate } };
    registerValidator(other, (() => true) as never);
    return other;
  };
  return startService({ ...options, catalog: createCatalog(builtIn.models.map(priced)) });
}

it('prices the rest of a list by the bills of its run, in plan, question, budget and advice', async () => {
  const { emulator, env } = await serviceAt(0.168, { concurrency: 1 });
  const project = await Project.make();
  await project.film(4);
  const run = ['run', 'film.yaml', '--concurrency', '1'];
  const first = await project.run([...run, '--max-cost', '0.6'], env);
  // Listed at 0.252 USD a shot, and billed 0.504: a second one would pass the limit.
  expect(emulator.requests()).toHaveLength(1);
  expect(first.stdout).toContain(
    '3 shots left out: shot-2, shot-3, shot-4, about $1.51. $0.50 of --max-cost 0.6 is spent; another run with --max-cost 1.52 sends them all.',
  );
  const plan = await project.run(['plan', 'film.yaml'], env);
  expect(plan.stdout).toContain('A run would send 3 submissions: 9 s of video, $1.51.');
  expect(plan.stdout).toContain('kling-3.0/standard silent: $0.168/s by 1 bill here.\n');
  const asked = await project.run(run, env);
  expect(asked.stderr).toContain('would submit 3 shots (9 s of video) for about $1.51 by 1 bill here');
  const rest = await project.run([...run, '--max-cost', '1.52'], env);
  expect(rest).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('estimated cost $1.51 by 1 bill here'),
  });
  const rehearsal = await project.run(['plan', 'film.yaml', '--provider', 'local'], env);
  expect(rehearsal.stdout).toContain('12 s of video');
  expect(rehearsal.stdout).not.toContain('here');
});

it('learns an unknown price from one shot, and keeps a limit with it', async () => {
  const { emulator, env } = await serviceAt(0.1);
  const project = await Project.make();
  await project.film(5);
  const list = (await project.read('film.yaml')).replace(
    'kling-3.0/standard, duration: 3',
    'kling-o3/pro, duration: 5',
  );
  await project.write('film.yaml', list);
  const args = ['run', 'film.yaml', '--max-cost', '1.2'];
  const { code, stdout } = await project.run([...args, '--allow-unknown-cost'], env);
  expect(code).toBe(75);
  expect(emulator.requests()).toHaveLength(2);
  expect(stdout).toContain('3 shots left out: shot-3, shot-4, shot-5, about $1.50.');
  // The price is known now.
  expect((await project.run(['run', 'film.yaml', '--max-cost', '2'], env)).code).toBe(0);
});
