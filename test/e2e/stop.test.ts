import { describe, expect, it } from 'vitest';
import { json, type Stubborn, startStubborn } from '../rig/stubborn-service.js';
import { hurry, Project, type Running } from './rig.js';

/** A run with N submissions in flight at a service, whose waits are over `factor` times sooner. */
async function inFlight(
  shots: number,
  { factor = 1, script = {} }: { factor?: number; script?: Stubborn } = {},
) {
  const service = await startStubborn();
  Object.assign(service.script, script);
  const project = await Project.make();
  await project.film(shots);
  const all = ['run', 'film.yaml', '--yes', '--json', '--concurrency', String(shots)];
  const run = project.start(all, { ...service.env, ...hurry(factor, { timeouts: true }) });
  return { service, project, run };
}

/** Resolves when the run has recorded N shots as accepted: it then says of each that it is queued. */
async function allQueued(run: Running, shots: number): Promise<void> {
  const ids = Array.from({ length: shots }, (_, index) => `"id":"shot-${index + 1}"`);
  for (const id of ids) await run.says(new RegExp(`${id}[^\\n]*"state":"queued"`));
}

async function statesIn(project: Project): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (const { state } of (await project.manifest('renders/film')).submissions) {
    counts[state] = (counts[state] ?? 0) + 1;
  }
  return counts;
}

const silent = () => {};
const tooMany: Stubborn['ask'] = (_request, response) => json(response, 429, {});

// test/run/run.test.ts checks on a virtual clock that five seconds are enough.
describe('Ctrl-C ends a run and reports the submissions that it leaves', () => {
  it.each<[number, string, Stubborn, object]>([
    [100, 'the service cancels them', {}, { cancelled: 100 }],
    [20, 'the service answers nothing any more', { cancel: silent, ask: silent }, { submitted: 20 }],
    [20, 'the service never answers a cancellation', { cancel: silent }, { submitted: 20 }],
    [
      20,
      'the service answers every request with a 429',
      { cancel: tooMany, ask: tooMany },
      { submitted: 20 },
    ],
    [
      20,
      'the service cuts every connection',
      { cancel: (_, { socket }) => socket?.destroy() },
      { submitted: 20 },
    ],
    [40, 'the service takes ten connections at a time', { connections: 10 }, {}],
  ])('Ctrl-C with %i submissions in flight ends the run when %s', async (shots, _name, script, states) => {
    // Cancellations need the time that they are given; where none can succeed, the run waits in vain.
    const factor = 'submitted' in states ? 4 : 1;
    const { service, project, run } = await inFlight(shots, { factor });
    await allQueued(run, shots);
    Object.assign(service.script, script);
    run.child.kill('SIGINT');
    const ended = await run.ended;
    expect(ended).toMatchObject({ code: 130, stderr: '' });
    expect(await statesIn(project)).toMatchObject(states);
    // A submission counts as cancelled only if the service cancelled it.
    expect((await statesIn(project)).cancelled ?? 0).toBeLessThanOrEqual(service.cancelled.size);
  });

  it('Ctrl-C while no POST is answered leaves each submission unknown and sends none again', async () => {
    let posts = 0;
    const { project, run } = await inFlight(20, {
      factor: 4,
      script: {
        submit() {
          posts += 1;
          if (posts === 20) run.child.kill('SIGTERM');
        },
      },
    });
    const ended = await run.ended;
    expect(ended.code).toBe(130);
    expect(await statesIn(project)).toEqual({ unknown: 20 });
  });

  // Four seconds may be too short for all of them on a machine with other work.
  it('Ctrl-C cancels all submissions of an earlier run although only one may be in flight at a time', {
    retry: 2,
  }, async () => {
    const { service, project, run } = await inFlight(30);
    await allQueued(run, 30);
    run.child.kill('SIGKILL');
    await run.ended;
    const again = project.start(['run', 'film.yaml', '--yes', '--json', '--concurrency', '1'], service.env);
    await again.says(/"state":"queued"/);
    again.child.kill('SIGHUP');
    const ended = await again.ended;
    expect(ended.code).toBe(130);
    expect(await statesIn(project)).toEqual({ cancelled: 30 });
    expect(service.accepted).toHaveLength(30);
  });
});

describe('Ctrl-C', () => {
  it('Ctrl-C twice ends the run immediately, and the next run finds every request again', async () => {
    const { service, project, run } = await inFlight(3);
    service.script.cancel = silent;
    await allQueued(run, 3);
    run.child.kill('SIGINT');
    // A signal that follows immediately counts as npx's echo of the first.
    const second = setInterval(() => run.child.kill('SIGINT'), 150);
    const ended = await run.ended;
    clearInterval(second);
    expect(ended).toMatchObject({ code: 130, stderr: expect.stringContaining('The records are right') });
    const again = project.start(['run', 'film.yaml', '--yes', '--json'], service.env);
    await allQueued(again, 3);
    expect(service.accepted).toHaveLength(3);
    again.child.kill('SIGKILL');
  });

  it('Ctrl-C twice in one moment, as npx passes it on, and a closed terminal still cancel before they end the run', async () => {
    for (const signals of [['SIGINT', 'SIGINT'] as const, ['SIGHUP', 'SIGHUP', 'SIGHUP'] as const]) {
      const { project, run } = await inFlight(2);
      await allQueued(run, 2);
      for (const signal of signals) run.child.kill(signal);
      expect(await run.ended).toMatchObject({ code: 130, stderr: '' });
      expect(await statesIn(project)).toEqual({ cancelled: 2 });
    }
  });

  it('Ctrl-C with --on-interrupt detach cancels nothing and says what is paid for', async () => {
    const service = await startStubborn();
    const project = await Project.make();
    await project.film(5);
    const args = ['run', 'film.yaml', '--yes', '--concurrency', '3', '--on-interrupt', 'detach'];
    const run = project.start(args, service.env);
    for (const shot of [1, 2, 3]) await run.says(new RegExp(`shot-${shot}  submitted`));
    run.child.kill('SIGINT');
    const { code, stdout } = await run.ended;
    expect(code).toBe(130);
    expect(service.cancelled.size).toBe(0);
    expect(await statesIn(project)).toEqual({ submitted: 3, planned: 2 });
    expect(stdout).toContain('3 submissions are with the service, which bills them');
    expect(stdout).toContain('2 shots were not sent.');
    expect(stdout).toContain('To continue: shotlist run film.yaml');
  });

  it('Ctrl-C prints the command that continues with the same shots in the same run directory', async () => {
    const service = await startStubborn();
    const project = await Project.make();
    await project.film(3);
    const same = ['run', 'film.yaml', '--only', 'shot-*', '--except', 'shot-3', '--out', 'here and there'];
    const run = project.start([...same, '--yes', '--on-interrupt', 'detach'], service.env);
    await run.says(/shot-2 {2}submitted/);
    run.child.kill('SIGINT');
    const { stdout } = await run.ended;
    const command = "shotlist run film.yaml --only 'shot-*' --except shot-3 --out 'here and there'";
    expect(stdout).toContain(`To continue: ${command}\n`);
  });

  it('Ctrl-C says once that hundreds of shots were not sent', async () => {
    const service = await startStubborn();
    const project = await Project.make();
    await project.film(300);
    const plain = project.start(['run', 'film.yaml', '--yes'], service.env);
    await plain.says(/shot-4 {2}submitted/);
    plain.child.kill('SIGINT');
    const { stdout } = await plain.ended;
    expect(stdout).toContain('296 shots were not sent. Run again to continue.');
    expect(stdout.match(/not sent/gi)).toHaveLength(1);
  });
});
