import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { probeVideo } from '../../src/media/probe.js';
import { badLine } from './bad-line.js';
import { hurry, Project } from './rig.js';
import { TOKEN } from './secrets.js';
import { startService } from './service.js';

/*
 * The promises that come before everything else, each shown once with the built CLI. Longer proofs have files of their own:
 * crash.test.ts has kills, full disks and damaged records; unknown.test.ts every answer that leaves a submission in doubt, and
 * how a person settles it; soak.test.ts many jobs under faults; stop.test.ts Ctrl-C; budget.test.ts money; limits.test.ts
 * retries and limits; reuse.test.ts clips of other runs; trust.test.ts token, hosts and file names; verify.test.ts damaged
 * clips; notify.test.ts webhooks.
 */

describe('nothing is submitted that could have been known to be wrong', () => {
  it('a list with one wrong shot is refused before any request', async () => {
    const { emulator, env } = await startService();
    const project = await Project.make();
    await project.film(2);
    await project.write(
      'film.yaml',
      (await project.read('film.yaml')).replace('{ id: shot-2,', '{ id: shot-2, duration: 2,'),
    );
    const refused = await project.run(['run', 'film.yaml', '--yes'], env);
    expect(refused).toMatchObject({ code: 65, stdout: '' });
    expect(refused.stderr).toContain('film.yaml:6:29 error SL302  kling-3.0/standard takes 3 to 15 s, not 2');
    expect(emulator.requests()).toEqual([]);
  });

  it('a shot is not sent if its image changed after the plan was made', async () => {
    const { emulator, env, release } = await startService({ hold: true, concurrency: 1 });
    const project = await Project.make();
    await project.film(2);
    const run = project.start(['run', 'film.yaml', '--yes', '--json', '--concurrency', '1'], env);
    await run.says(/"id":"shot-1"[^\n]*"state":"(queued|rendering)"/);
    await project.write('boards/board.png', 'not the board that was planned');
    release();
    const { code, stdout } = await run.ended;
    expect(code).toBe(1);
    expect(stdout).toMatch(/"id":"shot-2"[^\n]*boards\/board\.png/);
    expect(emulator.requests()).toHaveLength(1);
  });

  it('a run in a pipe spends nothing without --yes or --max-cost', async () => {
    const { emulator, env } = await startService();
    const project = await Project.make();
    await project.film(2);
    const asked = await project.run(['run', 'film.yaml'], env);
    expect(asked.code).toBe(64);
    expect(asked.stderr).toContain('2 shots (6 s of video) for about $0.50');
    expect(emulator.requests()).toEqual([]);
    expect((await project.run(['run', 'film.yaml', '--max-cost', '0.51'], env)).code).toBe(0);
  });
});

describe('nothing paid for is lost or paid for twice', () => {
  it('a run continues after a SIGKILL with everything in flight, without a second POST', async () => {
    const { emulator, env, release } = await startService({ hold: true, concurrency: 1 });
    const project = await Project.make();
    await project.film(3);
    const killed = project.start(['run', 'film.yaml', '--yes', '--json'], env);
    for (const shot of [1, 2, 3]) await killed.says(new RegExp(`"id":"shot-${shot}"[^\\n]*"state":"queued"`));
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect(emulator.requests()).toHaveLength(3);

    release();
    expect(await project.run(['run', 'film.yaml', '--yes'], env)).toMatchObject({ code: 0 });
    expect(emulator.requests()).toHaveLength(3);
    const { submissions } = await project.manifest('renders/film');
    const requestIds = submissions.map(({ request_id }) => request_id);
    expect(requestIds.toSorted()).toEqual(
      emulator
        .requests()
        .map(({ id }) => id)
        .toSorted(),
    );
    expect(submissions.every(({ state, attempts }) => state === 'done' && attempts === 1)).toBe(true);
  });

  it('a rehearsal that was killed finds its requests again and continues', async () => {
    const project = await Project.make();
    await project.film(2);
    const args = ['run', 'film.yaml', '--provider', 'local', '--json'];
    const killed = project.start(args);
    for (const shot of [1, 2])
      await killed.says(new RegExp(`"id":"shot-${shot}"[^\\n]*"state":"(queued|rendering)"`));
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect((await project.run(args)).code).toBe(0);
    const { submissions } = await project.manifest('rehearsals/film');
    expect(submissions.map(({ state, attempts }) => [state, attempts])).toEqual([
      ['done', 1],
      ['done', 1],
    ]);
  });

  it('a run never sends a submission again that may have been accepted, and follows it when told its request id', async () => {
    const { emulator, env } = await startService();
    const project = await Project.make();
    await project.film(2);
    emulator.next('submit', 'lost-answer');
    const run = ['run', 'film.yaml', '--yes'];
    const first = await project.run(run, env);
    expect(first.code).toBe(2);
    expect(first.stdout).toContain('shotlist resolve renders/film');
    expect((await project.run(run, env)).code).toBe(2);
    expect(emulator.requests()).toHaveLength(2);

    const { submissions } = await project.manifest('renders/film');
    const unknown = submissions.find(({ state }) => state === 'unknown');
    const known = submissions.map(({ request_id }) => request_id);
    const lost = emulator.requests().find(({ id }) => !known.includes(id));
    const settle = ['resolve', 'renders/film', unknown?.id ?? '', '--request-id', lost?.id ?? ''];
    expect(await project.run(settle)).toMatchObject({ code: 0, stderr: '' });
    expect(await project.run(run, env)).toMatchObject({ code: 0 });
    expect(emulator.requests()).toHaveLength(2);
  });

  it('Ctrl-C cancels queued submissions and keeps the others, and the next run finishes the film', async () => {
    const { emulator, env, release } = await startService({ hold: true, concurrency: 1 });
    const project = await Project.make();
    await project.film(4);
    // The cancellations need the time that they are given.
    const stopped = project.start(['run', 'film.yaml', '--yes', '--json'], { ...env, ...hurry(1) });
    await stopped.says(/"id":"shot-4"[^\n]*"state":"queued"/);
    stopped.child.kill('SIGINT');
    expect((await stopped.ended).code).toBe(130);
    const states = (await project.manifest('renders/film')).submissions.map(({ state }) => state);
    expect(states.toSorted()).toEqual(['cancelled', 'cancelled', 'cancelled', 'submitted']);

    release();
    expect((await project.run(['run', 'film.yaml', '--yes'], env)).code).toBe(0);
    // The three that were cancelled cost nothing and were sent again.
    expect(emulator.requests()).toHaveLength(7);
  });

  it('a run refuses a run directory in which another process works', async () => {
    const { env, release } = await startService({ hold: true });
    const project = await Project.make();
    await project.film(1);
    const first = project.start(['run', 'film.yaml', '--yes', '--json'], env);
    await first.says(/"state":"(queued|rendering)"/);
    const second = await project.run(['run', 'film.yaml', '--yes'], env);
    expect(second).toMatchObject({ code: 75, stdout: '' });
    expect(second.stderr).toContain(`is in use by process ${first.child.pid}`);
    release();
    expect((await first.ended).code).toBe(0);
  });

  it('a run leaves a run directory alone that another machine holds, until --take-lock', async () => {
    const { emulator, env } = await startService();
    const project = await Project.make();
    await project.film(1);
    const run = ['run', 'film.yaml', '--yes'];
    await mkdir(project.path('renders/film'), { recursive: true });
    const holder = {
      pid: 1,
      host: 'render-01',
      since: '2026-09-01T08:00:00.000Z',
      nonce: '00000000deadbeef',
    };
    await project.write('renders/film/lock', JSON.stringify({ ...holder, boot_id: 'another' }));
    const refused = await project.run(run, env);
    expect(refused).toMatchObject({ code: 75, stdout: '' });
    expect(refused.stderr).toContain(
      'was last in use by process 1 on render-01, since 2026-09-01 08:00:00 UTC',
    );
    expect(refused.stderr).toContain('--take-lock');
    expect(emulator.requests()).toEqual([]);
    expect((await project.run([...run, '--take-lock'], env)).code).toBe(0);
    expect(emulator.requests()).toHaveLength(1);
  });

  it('a run spends nothing if a record cannot be read, and names it and the way out', async () => {
    const { emulator, env } = await startService();
    const project = await Project.make();
    await project.film(2);
    const run = ['run', 'film.yaml', '--yes'];
    await project.run(run, env);
    const [[path = '', text = ''] = []] = Object.entries(await project.records('renders/film'));
    // Another shot is to be sent.
    await project.write('film.yaml', (await project.read('film.yaml')).replace('on shot 2', 'out of shot 2'));
    for (const [spoilt, problem] of [
      ['', 'it is empty'],
      [text.slice(0, 700), 'it is not JSON'],
      [text.replace('"record": 1', '"record": 2'), 'a newer version of Shotlist wrote it'],
      [text.replace('"state": "done"', '"state": "finished"'), 'attempts.0.state'],
      [`<<<<<<< HEAD\n${text}`, 'a mark of a merge conflict in it has no end'],
    ] as const) {
      await writeFile(path, spoilt);
      const refused = await project.run(run, env);
      expect(refused).toMatchObject({ code: 65, stdout: '' });
      expect(refused.stderr).toContain(path);
      expect(refused.stderr).toContain(problem);
      expect(refused.stderr).toContain(`nothing was sent. Get it back from git (git checkout -- ${path})`);
    }
    const plan = await project.run(['plan', 'film.yaml'], env);
    expect(plan).toMatchObject({ code: 65, stderr: expect.stringContaining(path) });
    expect(emulator.requests()).toHaveLength(2);
    // As it advises.
    await writeFile(path, text);
    expect((await project.run(run, env)).code).toBe(0);
    expect(emulator.requests()).toHaveLength(3);
  });

  it.each([
    ['is deleted', null],
    ['is empty', ''],
    ['is in conflict', '<<<<<<< HEAD\n{\n=======\n{\n>>>>>>> main\n'],
  ])('a run sends nothing and writes the manifest again when it %s', async (_how, spoilt) => {
    const { emulator, env } = await startService();
    const project = await Project.make();
    await project.film(1);
    const run = ['run', 'film.yaml', '--yes'];
    await project.run(run, env);
    const before = await project.read('renders/film/manifest.json');
    if (spoilt === null) await project.remove('renders/film/manifest.json');
    else await project.write('renders/film/manifest.json', spoilt);
    expect(await project.run(run, env)).toMatchObject({ code: 0, stderr: '' });
    expect(await project.read('renders/film/manifest.json')).toBe(before);
    expect(emulator.requests()).toHaveLength(1);
  });

  it('a new machine that has only the records sends nothing, fetches all clips and changes no record', async () => {
    const { emulator, env } = await startService();
    const project = await Project.make();
    await project.film(3);
    const run = ['run', 'film.yaml', '--yes'];
    await project.run(run, env);
    const clips = await project.clips('renders/film');
    const bytes = await project.bytesOf(clips);
    const manifest = await project.read('renders/film/manifest.json');
    const records = await project.records('renders/film');
    await project.remove('renders/film');
    await mkdir(project.path('renders/film/videos'), { recursive: true });
    for (const [path, text] of Object.entries(records)) await writeFile(path, text);

    expect(await project.run(run, env)).toMatchObject({ code: 0, stderr: '' });
    expect(emulator.requests()).toHaveLength(3);
    expect(await project.clips('renders/film')).toEqual(clips);
    expect(await project.bytesOf(clips)).toEqual(bytes);
    expect(await project.records('renders/film')).toEqual(records);
    expect(await project.read('renders/film/manifest.json')).toBe(manifest);
  });

  it('a run says once that a clip is here without its record, as on another branch, and keeps both clips', async () => {
    const { env } = await startService();
    const project = await Project.make();
    await project.film(1);
    const run = ['run', 'film.yaml', '--yes'];
    await project.run(run, env);
    const [clip = ''] = await project.clips('renders/film');
    const [record = ''] = Object.keys(await project.records('renders/film'));
    await rm(record);
    await writeFile(clip, 'the clip of another branch');

    const { code, stdout } = await project.run(run, env);
    expect(code).toBe(0);
    const warnings = stdout.split('\n').filter((line) => line.includes('without a record'));
    expect(warnings).toEqual([expect.stringContaining('git checkout <branch> -- ')]);
    expect(warnings[0]).toContain(basename(record));
    expect(await readFile(clip, 'utf8')).toBe('the clip of another branch');
    const own = clip.replace('.mp4', '-copy2.mp4');
    expect(await project.clips('renders/film')).toEqual([own, clip]);
    expect(await probeVideo(own)).not.toBeNull();
  });
});

describe('what was rendered stays rendered', () => {
  it('a run writes playable clips and a manifest that describes them, and a second run leaves both alone', async () => {
    const { emulator, env } = await startService();
    const project = await Project.make();
    await project.film(3);
    const first = await project.run(['run', 'film.yaml', '--yes'], env);
    expect(first).toMatchObject({ code: 0, stderr: '' });

    const manifest = await project.manifest('renders/film');
    expect(manifest.submissions.map(({ id, state }) => [id, state])).toEqual([
      ['shot-1', 'done'],
      ['shot-2', 'done'],
      ['shot-3', 'done'],
    ]);
    for (const { outputs, cost } of manifest.submissions) {
      expect(cost).toEqual({ estimate: 0.252, actual: 0.252 });
      const [clip] = outputs;
      const path = project.path('renders/film', clip?.file ?? '');
      expect(
        createHash('sha256')
          .update(await readFile(path))
          .digest('hex'),
      ).toBe(clip?.sha256);
      expect(await probeVideo(path)).toEqual(clip?.media);
      expect(clip?.media).toMatchObject({ duration: 3, video_codec: 'avc', audio: null });
    }

    const before = await project.read('renders/film/manifest.json');
    const records = await project.records('renders/film');
    // With nobody there to answer, a single request would fail the run.
    await emulator.close();
    const second = await project.run(['run', 'film.yaml', '--yes'], env);
    expect(second).toMatchObject({ code: 0, stderr: '' });
    expect(await project.read('renders/film/manifest.json')).toBe(before);
    expect(await project.records('renders/film')).toEqual(records);
  });

  it('a second run renders only the shot that changed', async () => {
    const { emulator, env } = await startService();
    const project = await Project.make();
    await project.film(3);
    await project.run(['run', 'film.yaml', '--yes'], env);
    await project.write('film.yaml', (await project.read('film.yaml')).replace('on shot 2', 'out of shot 2'));
    expect((await project.run(['run', 'film.yaml', '--yes'], env)).code).toBe(0);
    const inputs = emulator.requests().map(({ inputSha256 }) => inputSha256);
    expect([inputs.length, new Set(inputs).size]).toEqual([4, 4]);
    // The clip of the shot as it was is still there: changing it back would find it.
    const clips = (await project.clips('renders/film')).map((file) => basename(file).split('.')[0]);
    expect(clips).toEqual(['shot-1', 'shot-2', 'shot-2', 'shot-3']);
  });

  it('the manifest says exactly what was sent, to which model, and what came back', async () => {
    const { emulator } = await startService();
    const project = await Project.make();
    await project.film(1);
    const { env, requests } = await badLine(emulator, () => undefined);
    expect((await project.run(['run', 'film.yaml', '--yes'], env)).code).toBe(0);
    const post = requests.find(({ method }) => method === 'POST');
    const { start_image_url: sentImage, ...sent } = JSON.parse(post?.body ?? '');
    const [entry] = (await project.manifest('renders/film')).submissions;
    const { start_image_url: image, ...input } = entry?.input ?? {};
    expect(`/v1/models/${entry?.model}`).toBe(post?.path);
    expect(input).toEqual(sent);
    const picture = Buffer.from(String(sentImage).replace('data:image/png;base64,', ''), 'base64');
    const sha256 = createHash('sha256').update(picture).digest('hex');
    expect(image).toMatchObject({ $file: 'boards/board.png', sha256 });
    const [request] = emulator.requests();
    expect(entry).toMatchObject({ request_id: request?.id, cost: { actual: request?.cost } });
    expect(entry?.outputs[0]?.url).toContain(`/clips/${request?.id}.mp4`);
  });
});

describe('one failed shot does not stop the others', () => {
  it('a run renders the other shots when one fails, says why it failed, and exits 1', async () => {
    const { emulator, env } = await startService({ concurrency: 1 });
    const project = await Project.make();
    await project.film(3);
    emulator.next('render', 'failed-render');
    const { code, stdout } = await project.run(['run', 'film.yaml', '--yes'], env);
    expect(code).toBe(1);
    expect(stdout).toMatch(/shot-\d {2}failed {2}The service could not render it/);
    const { submissions } = await project.manifest('renders/film');
    expect(submissions.map(({ state }) => state).toSorted()).toEqual(['done', 'done', 'failed']);
  });
});

describe('the token stays where it is', () => {
  it('the token is in no file and no output of a run', async () => {
    const { emulator, env } = await startService();
    const project = await Project.make();
    await project.film(2);
    emulator.next('submit', '500');
    const { stdout, stderr } = await project.run(['run', 'film.yaml', '--yes', '--json'], env);
    expect(stdout + stderr).not.toContain(TOKEN);
    for (const file of await project.files('renders'))
      expect(await readFile(file, 'latin1')).not.toContain(TOKEN);
  });
});

describe('the emulator as a program', () => {
  it('shotlist emulate serves a run of another process, and says when its port is in use', async () => {
    const project = await Project.make();
    await project.film(1);
    const served = project.start(['emulate', '--port', '0']);
    const [, base = ''] = await served.says(/emulated: (http:\/\/127\.0\.0\.1:\d+\/v1)/);
    const env = { RUNCOMFY_MODEL_API_BASE: base, RUNCOMFY_API_TOKEN: 'any' };
    expect((await project.run(['run', 'film.yaml', '--yes'], env)).code).toBe(0);
    const second = await project.run(['emulate', '--port', new URL(base).port]);
    expect(second).toMatchObject({ code: 64, stdout: '' });
    expect(second.stderr).toContain('is in use');
    served.child.kill('SIGTERM');
    expect((await served.ended).code).toBe(0);
  });
});
