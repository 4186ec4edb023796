import { rm, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { rememberingFfmpeg } from '../rig/remembering-ffmpeg.js';
import { idIn, json, startStubborn } from '../rig/stubborn-service.js';
import { hurry, Project } from './rig.js';

/** A run that has left N shots in the service's queue. */
async function detached(shots: number) {
  const service = await startStubborn();
  const project = await Project.make();
  await project.film(shots);
  const args = ['run', 'film.yaml', '--yes', '--concurrency', String(shots), '--shot-timeout', '1s'];
  expect((await project.run(args, { ...service.env, ...hurry(10) })).code).toBe(75);
  expect(service.accepted).toHaveLength(shots);
  return { service, project };
}

async function filesOf(project: Project): Promise<Readonly<Record<string, string>>> {
  const files = await project.files('renders');
  return Object.fromEntries(
    await Promise.all(
      files.map(async (file) => [file, await project.read('renders', relative(project, file))]),
    ),
  );
}

function relative(project: Project, file: string): string {
  return file.slice(project.path('renders').length + 1);
}

/** Path of an ffmpeg that never ends a render. */
async function hangingFfmpeg(project: Project): Promise<string> {
  const path = project.path('hanging-ffmpeg');
  const answers = `case "$2" in -version | -filters | -encoders) exec '${await rememberingFfmpeg()}' "$@" ;; esac`;
  await writeFile(path, `#!/bin/sh\n${answers}\nexec tail -f /dev/null\n`, { mode: 0o755 });
  return path;
}

/** Makes every record say that the service no longer knew the submission. */
async function forget(project: Project): Promise<void> {
  const error = JSON.stringify({ code: null, message: 'It was forgotten.' });
  for (const [path, text] of Object.entries(await project.records('renders/film'))) {
    const forgotten = text
      .replace('"state": "submitted"', '"state": "unknown"')
      .replace('"error": null', `"error": ${error}`);
    await writeFile(path, forgotten);
  }
}

describe('shotlist status', () => {
  it('status asks about open submissions, changes nothing, and exits 75', async () => {
    const { service, project } = await detached(3);
    const before = await filesOf(project);
    service.script.ask = ({ url = '' }, response) => {
      const id = idIn(url);
      const rendered = { status: 'completed', output: { video: `${service.origin}/clip.mp4` }, cost: 0.4 };
      const states = [{ status: 'in_progress' }, rendered, { status: 'in_queue', queue_position: 7 }];
      json(response, 200, { request_id: id, ...states[service.accepted.indexOf(id)] });
    };
    const { code, stdout, stderr } = await project.run(['status', 'renders/film'], service.env);
    expect({ code, stderr }).toEqual({ code: 75, stderr: '' });
    expect(stdout).toMatch(/submitted {2}rendering {9}req-1 .*~\$0\.25/);
    expect(stdout).toMatch(/submitted {2}done {14}req-2 .* \$0\.40/);
    expect(stdout).toMatch(/submitted {2}queued, 7 ahead {3}req-3 /);
    expect(stdout).toContain('3 open: 3 with the service.\n1 clip can be fetched: run the list again.');
    expect(await filesOf(project)).toEqual(before);
  });

  it('status works while a run goes on, and with the records alone', async () => {
    const { service, project } = await detached(2);
    const run = project.start(['run', 'film.yaml', '--yes', '--json'], service.env);
    await run.says(/"state":"queued"/);
    expect(await project.run(['status', 'renders/film'], service.env)).toMatchObject({
      code: 75,
      stderr: '',
    });
    run.child.kill('SIGKILL');
    await run.ended;
    await rm(project.path('renders/film/manifest.json'));
    const { code, stdout } = await project.run(['status', 'renders/film', '--json'], service.env);
    expect(code).toBe(75);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ counts: { submitted: 2 }, trouble: null, exit: 75 });
    expect(report.open).toMatchObject([
      { id: 'shot-1', state: 'submitted', now: { status: 'queued', queue_position: 3 } },
      { id: 'shot-2', state: 'submitted', now: { status: 'queued', queue_position: 3 } },
    ]);
  });

  it('status slows down after a 429 and asks about hundreds of requests a few at a time', async () => {
    const { service, project } = await detached(100);
    let open = 0;
    let most = 0;
    let refusals = 0;
    service.script.ask = (request, response) => {
      open += 1;
      most = Math.max(most, open);
      response.on('close', () => {
        open -= 1;
      });
      if (refusals < 3) {
        refusals += 1;
        response.setHeader('retry-after', '1');
        return json(response, 429, {});
      }
      json(response, 200, { request_id: idIn(request.url ?? ''), status: 'in_progress' });
    };
    const { code, stdout, stderr } = await project.run(['status', 'renders/film'], service.env);
    expect(code).toBe(75);
    expect(stdout.match(/ rendering /g)).toHaveLength(100);
    expect(stderr).toContain('The service asks us to slow down');
    expect(most).toBeLessThanOrEqual(16);
  });

  it('status names unknown submissions and says when the service knows one again', async () => {
    const { service, project } = await detached(2);
    await forget(project);
    service.script.ask = (_request, response) => json(response, 404, { message: 'no such request' });
    const lost = await project.run(['status', 'renders/film'], service.env);
    expect(lost.code).toBe(2);
    expect(lost.stdout).toMatch(/shot-1 {2}unknown {2}not known/);
    expect(lost.stdout).toContain('2 submissions are unknown');
    service.script.ask = undefined;
    const again = await project.run(['status', 'renders/film'], service.env);
    expect(again.code).toBe(2);
    expect(again.stdout).toMatch(/shotlist resolve renders\/film shot-1 --request-id req-\d/);
  });

  it('status prints what it knows when the token is missing, refused, or for another service', async () => {
    const { service, project } = await detached(1);
    const none = await project.run(['status', 'renders/film'], { ...service.env, RUNCOMFY_API_TOKEN: '' });
    expect(none.code).toBe(77);
    expect(none.stdout).toMatch(/shot-1 {2}submitted {2}not asked/);
    service.script.ask = (_request, response) => json(response, 401, { message: 'bad token' });
    const refused = await project.run(['status', 'renders/film'], service.env);
    expect(refused.code).toBe(77);
    expect(refused.stdout).toMatch(/shot-1 {2}submitted {2}not asked/);
    const other = { ...service.env, RUNCOMFY_MODEL_API_BASE: 'http://127.0.0.1:1/v1' };
    const elsewhere = await project.run(['status', 'renders/film'], other);
    expect(elsewhere.code).toBe(64);
    expect(elsewhere.stderr).toContain(`belongs to ${service.origin}`);
  });

  it('status exits 0 without token and service when nothing is open', async () => {
    const { service, project } = await detached(1);
    expect((await project.run(['cancel', 'renders/film', '--yes'], service.env)).code).toBe(0);
    expect(await project.run(['status', 'renders/film'])).toMatchObject({
      code: 0,
      stdout: 'Nothing is open. Settled: 1 cancelled.\n',
    });
    expect((await project.run(['status', 'renders/other'])).code).toBe(66);
  });
});

describe('shotlist cancel', () => {
  it('cancel cancels the named shots and records it in the manifest', async () => {
    const { service, project } = await detached(3);
    const named = await project.run(['cancel', 'renders/film', 'shot-2'], service.env);
    expect(named).toMatchObject({
      code: 0,
      stdout: 'shot-2  cancelled\n1 submission cancelled.\n',
      stderr: '',
    });
    const states = (await project.manifest('renders/film')).submissions.map(({ state }) => state);
    expect(states).toEqual(['submitted', 'cancelled', 'submitted']);
    const wrong = await project.run(['cancel', 'renders/film', 'shot-1', 'shot-2'], service.env);
    expect(wrong.code).toBe(64);
    expect(wrong.stderr).toContain('is cancelled, so there is nothing to cancel');
    expect(service.cancelled.size).toBe(1);
  });

  it('cancel in a pipe cancels all submissions only with --yes', async () => {
    const { service, project } = await detached(2);
    const asked = await project.run(['cancel', 'renders/film'], service.env);
    expect(asked.code).toBe(64);
    expect(asked.stderr).toContain('this would cancel 2 submissions');
    expect(service.cancelled.size).toBe(0);
    expect((await project.run(['cancel', 'renders/film', '--yes'], service.env)).code).toBe(0);
    expect(service.cancelled.size).toBe(2);
  });

  it('cancel reports a submission that the service keeps, and the next run follows it', async () => {
    const { service, project } = await detached(1);
    service.script.cancel = ({ url = '' }, response) =>
      json(response, 200, { request_id: idIn(url), status: 'in_progress', outcome: 'not_cancellable' });
    service.script.ask = ({ url = '' }, response) =>
      json(response, 200, { request_id: idIn(url), status: 'in_progress' });
    const kept = await project.run(['cancel', 'renders/film', '--yes'], service.env);
    expect(kept.code).toBe(75);
    expect(kept.stdout).toContain('not cancelled  It is being rendered, which cannot be stopped.');
    const [entry] = (await project.manifest('renders/film')).submissions;
    expect(entry).toMatchObject({ state: 'submitted', cancelling: true });
    const run = project.start(['run', 'film.yaml', '--yes', '--json'], service.env);
    await run.says(/"state":"rendering"/);
    run.child.kill('SIGKILL');
    expect(service.accepted).toHaveLength(1);
  });

  it('cancel leaves a run alone that goes on, and says how to stop it', async () => {
    const { service, project } = await detached(1);
    const run = project.start(['run', 'film.yaml', '--yes', '--json'], service.env);
    await run.says(/"state":"queued"/);
    const refused = await project.run(['cancel', 'renders/film', '--yes'], service.env);
    expect(refused.code).toBe(75);
    expect(refused.stderr).toContain(`is in use by process ${run.child.pid}`);
    expect(refused.stderr).toContain('Ctrl-C in that run');
    run.child.kill('SIGKILL');
  });

  // Windows cannot run a script in place of ffmpeg.
  const onWindows = process.platform === 'win32';
  it.skipIf(onWindows)('cancel ends the shots of a rehearsal without rendering any', async () => {
    const project = await Project.make();
    await project.film(4);
    const args = ['run', 'film.yaml', '--provider', 'local', '--json', '--on-interrupt', 'detach'];
    const env = { SHOTLIST_FFMPEG: await hangingFfmpeg(project) };
    const run = project.start(args, env);
    await run.says(/"id":"shot-4"[^\n]*"state":"queued"/);
    run.child.kill('SIGINT');
    await run.ended;
    const status = await project.run(['status', 'rehearsals/film'], env);
    expect(status.code).toBe(75);
    expect(status.stdout).toMatch(/submitted {2}queued/);
    const { code } = await project.run(['cancel', 'rehearsals/film', '--yes'], env);
    expect(code).toBe(0);
    expect((await project.run(['status', 'rehearsals/film'], env)).code).toBe(0);
  });
});
