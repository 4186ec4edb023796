import { readFile, rm, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { Project } from './rig.js';
import { startService } from './service.js';

const RUN = ['run', 'film.yaml', '--yes', '--out', 'second'];
const REUSE = [...RUN, '--reuse', 'first/manifest.json'];

/** A film that is rendered into `first`. */
async function rendered(shots = 2) {
  const { emulator, env } = await startService();
  const project = await Project.make();
  await project.film(shots);
  const args = ['run', 'film.yaml', '--yes', '--out', 'first'];
  expect((await project.run(args, env)).code).toBe(0);
  return { emulator, env, project };
}

describe('--reuse', () => {
  it('--reuse takes clips from another run at no price and sends only new shots', async () => {
    const { emulator, env, project } = await rendered();
    await project.film(3);
    const plan = await project.run(
      ['plan', 'film.yaml', '--out', 'second', '--reuse', 'first', '--json'],
      env,
    );
    expect(JSON.parse(plan.stdout).submissions.map(({ state }: { state: string }) => state)).toEqual([
      ...['done', 'done', 'planned'],
    ]);
    const { code, stdout } = await project.run(REUSE, env);
    expect(code).toBe(0);
    expect(stdout).toContain('2 submissions are taken over from another run, and not sent again.');
    expect(emulator.requests()).toHaveLength(3);
    const before = await project.manifest('first');
    const { submissions } = await project.manifest('second');
    expect(submissions.map(({ state, cost }) => [state, cost.actual])).toEqual([
      ...[
        ['done', 0],
        ['done', 0],
        ['done', 0.252],
      ],
    ]);
    expect(submissions.slice(0, 2).map(({ outputs, request_id }) => [outputs, request_id])).toEqual(
      before.submissions.map(({ outputs, request_id }) => [outputs, request_id]),
    );
    expect((await project.run(['verify', 'second'])).code).toBe(0);
    // The second run no longer needs the first.
    await rm(project.path('first'), { recursive: true });
    await emulator.close();
    expect((await project.run(RUN, env)).code).toBe(0);
  });

  it('--reuse fetches clips from the service that are missing or damaged in the other run', async () => {
    const { emulator, env, project } = await rendered();
    const [one = '', two = ''] = await project.clips('first');
    await rm(one);
    const bytes = await readFile(two);
    bytes.writeUInt8(bytes.readUInt8(900) ^ 1, 900);
    await writeFile(two, bytes);
    expect((await project.run(REUSE, env)).code).toBe(0);
    expect(emulator.requests()).toHaveLength(2);
    expect((await project.run(['verify', 'second'])).code).toBe(0);
  });

  it('--reuse joins what several runs know of a shot: the clip of one counts, and both attempts are kept', async () => {
    const { env, project } = await rendered(1);
    await project.run(['run', 'film.yaml', '--yes', '--out', 'third'], env);
    const [path = ''] = Object.keys(await project.records('first'));
    const record = JSON.parse(await readFile(path, 'utf8'));
    const lost = {
      ...record.attempts[0],
      state: 'unknown',
      request_id: null,
      cost: null,
      finished: null,
      outputs: [],
    };
    await writeFile(path, JSON.stringify({ ...record, attempts: [lost] }));

    const reuse = [...RUN, '--reuse', 'first', '--reuse', 'third'];
    expect((await project.run(reuse, env)).code).toBe(0);
    const [text = ''] = Object.values(await project.records('second'));
    const states = JSON.parse(text).attempts.map(({ state }: { state: string }) => state);
    expect(states.toSorted()).toEqual(['done', 'unknown']);
    expect((await project.manifest('second')).submissions).toMatchObject([
      { state: 'done', cost: { actual: 0 } },
    ]);
    expect((await project.run(['verify', 'second'])).code).toBe(0);
  });

  it('--reuse follows open submissions of the other run and does not send its unknown ones again', async () => {
    const { emulator, env, release } = await startService({ hold: true, concurrency: 1 });
    const project = await Project.make();
    await project.film(2);
    emulator.next('submit', 'lost-answer');
    const first = project.start(['run', 'film.yaml', '--yes', '--out', 'first', '--json'], env);
    await first.says(/"state":"unknown"/);
    await first.says(/"state":"(queued|rendering)"/);
    first.child.kill('SIGKILL');
    await first.ended;
    release();
    expect((await project.run(REUSE, env)).code).toBe(2);
    expect((await project.run(RUN, env)).code).toBe(2);
    const states = (await project.manifest('second')).submissions.map(({ state }) => state);
    expect(states.toSorted()).toEqual(['done', 'unknown']);
    expect(emulator.requests()).toHaveLength(2);
  });

  it('--reuse refuses a run that is still at work, because its shots could be paid twice', async () => {
    const { emulator, env, release } = await startService({ hold: true, concurrency: 1 });
    const project = await Project.make();
    await project.film(4);
    const first = project.start(
      ['run', 'film.yaml', '--yes', '--out', 'first', '--json', '--concurrency', '1'],
      env,
    );
    await first.says(/"state":"(queued|rendering)"/);
    const refused = await project.run([...REUSE, '--take-lock'], env);
    expect(refused).toMatchObject({ code: 75, stdout: '' });
    expect(refused.stderr).toMatch(/first is in use by process \d+ on .*Wait until that is over/s);
    // The lock of a killed run does not matter.
    first.child.kill('SIGKILL');
    await first.ended;
    release();
    expect((await project.run(REUSE, env)).code).toBe(0);
    expect(emulator.requests()).toHaveLength(4);
  });

  it('--reuse of a run that another machine holds needs --take-lock', async () => {
    const { emulator, env, project } = await rendered(1);
    const holder = {
      pid: 1,
      host: 'render-01',
      since: '2026-09-01T08:00:00.000Z',
      nonce: '00000000deadbeef',
    };
    await project.write('first/lock', JSON.stringify({ ...holder, boot_id: 'another' }));
    const refused = await project.run(REUSE, env);
    expect(refused).toMatchObject({ code: 75, stderr: expect.stringContaining('add --take-lock') });
    expect((await project.run([...REUSE, '--take-lock'], env)).code).toBe(0);
    expect(emulator.requests()).toHaveLength(1);
  });

  it('--reuse sends a failed shot again only with --retry-failed, and counts its failure at no cost', async () => {
    const { emulator, env } = await startService();
    const project = await Project.make();
    await project.film(2);
    emulator.next('render', 'failed-render');
    expect((await project.run(['run', 'film.yaml', '--yes', '--out', 'first'], env)).code).toBe(1);
    expect((await project.run(REUSE, env)).code).toBe(1);
    expect((await project.run(RUN, env)).code).toBe(1);
    expect(emulator.requests()).toHaveLength(2);
    const { submissions } = await project.manifest('second');
    expect(submissions.map(({ state }) => state).toSorted()).toEqual(['done', 'failed']);
    expect(submissions.map(({ cost }) => cost.actual)).toEqual([0, 0]);
    expect((await project.run([...RUN, '--retry-failed'], env)).code).toBe(0);
    expect(emulator.requests()).toHaveLength(3);
  });

  it('--reuse refuses a run of another service and a file without a run beside it', async () => {
    const { emulator, env, project } = await rendered(1);
    const local = await project.run([...REUSE, '--provider', 'local'], env);
    expect(local).toMatchObject({ code: 64, stderr: expect.stringContaining('rehearsals on this machine') });
    for (const [path, exit] of [
      ['nowhere', 66],
      ['film.yaml', 66],
    ] as const) {
      expect((await project.run([...RUN, '--reuse', path], env)).code).toBe(exit);
    }
    expect(emulator.requests()).toHaveLength(1);
  });

  it('--reuse takes only clips of a rehearsal that are still there, because no service has the others', async () => {
    const project = await Project.make();
    await project.film(2);
    const rehearse = ['run', 'film.yaml', '--provider', 'local'];
    await project.run([...rehearse, '--out', 'first']);
    const [one = ''] = await project.clips('first');
    await rm(one);
    const { code, stdout } = await project.run([...rehearse, '--out', 'second', '--reuse', 'first']);
    expect(code).toBe(0);
    expect(stdout).toContain('1 to render');
    expect(stdout).toContain('1 submission is taken over');
  });
});
