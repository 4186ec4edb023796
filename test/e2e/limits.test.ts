import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { idIn, json, startStubborn } from '../rig/stubborn-service.js';
import { hurry, Project } from './rig.js';
import { startService } from './service.js';

/** Sends single bytes for as long as the client listens. */
function trickle(response: ServerResponse): void {
  const timer = setInterval(() => response.write('.'), 100);
  response.on('close', () => clearInterval(timer));
}

/** A list of two shots, the second chained to the first; `fields` are added to the first. */
async function chain(fields = ''): Promise<Project> {
  const project = await Project.make();
  await project.write(
    'film.yaml',
    `version: 1
defaults: { model: kling-3.0/standard, duration: 3, audio: false, start_image: boards/board.png }
shots:
  - { id: cliff, prompt: The sea${fields} }
  - { id: beach, prompt: The shore, start_image: { last_frame_of: cliff } }
`,
  );
  return project;
}

describe('retries', () => {
  it('a run with retries sends a failed shot again, then the shot that is chained to it', async () => {
    const { emulator, env } = await startService();
    const project = await chain(', retries: 1');
    emulator.next('render', 'failed-render');
    const ended = await project.run(['run', 'film.yaml', '--yes'], env);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toMatch(/It is sent again, and paid again, in \d s: retry 1 of 1\./);
    expect(emulator.requests().map(({ status }) => status)).toEqual(['failed', 'completed', 'completed']);
    const { submissions } = await project.manifest('renders/film');
    expect(submissions).toMatchObject([
      { state: 'done', attempts: 2, failures: 1 },
      { state: 'done', attempts: 1 },
    ]);
  });

  it('a retry counts the failures from before a kill between failure and retry', async () => {
    const { emulator, env } = await startService();
    const project = await chain(', retries: 1');
    emulator.next('render', 'failed-render');
    const first = project.start(['run', 'film.yaml', '--yes'], env);
    await first.says(/It is sent again/);
    first.child.kill('SIGKILL');
    await first.ended;
    emulator.next('render', 'failed-render');
    const second = await project.run(['run', 'film.yaml', '--yes', '--take-lock'], env);
    expect(second.code).toBe(1);
    expect(second.stdout).toContain('2 to render (1 again after a failure)');
    expect(second.stdout).toContain('It has failed 2 times.');
    expect((await project.run(['run', 'film.yaml', '--yes'], env)).code).toBe(1);
    expect(emulator.requests()).toHaveLength(2);
  });

  it('a retry counts the failures in the record when everything else is gone', async () => {
    const { emulator, env } = await startService();
    const project = await chain(', retries: 1');
    for (let index = 0; index < 2; index += 1) emulator.next('render', 'failed-render');
    expect((await project.run(['run', 'film.yaml', '--yes'], env)).code).toBe(1);
    await project.remove('renders/film/manifest.json');
    const ended = await project.run(['run', 'film.yaml', '--yes'], env);
    expect(ended.stdout).toContain('It has failed 2 times. It is not sent again by itself');
    expect(emulator.requests()).toHaveLength(2);
  });
});

describe('--retry-failed', () => {
  it('run --retry-failed pays for a failed shot once more, and renders the shot it blocked', async () => {
    const { emulator, env } = await startService();
    const project = await chain();
    emulator.next('render', 'failed-render');
    const first = await project.run(['run', 'film.yaml', '--yes'], env);
    expect(first).toMatchObject({ code: 1 });
    expect(first.stdout).toContain('beach  blocked  It waits for cliff, which failed.');
    expect((await project.run(['run', 'film.yaml', '--yes'], env)).code).toBe(1);
    expect(emulator.requests()).toHaveLength(1);
    const refused = await project.run(['run', 'film.yaml', '--retry-failed'], env);
    expect(refused).toMatchObject({ code: 64 });
    expect(refused.stderr).toContain(
      '2 shots (6 s of video, 1 of them again after a failure) for about $0.50',
    );
    const second = await project.run(['run', 'film.yaml', '--yes', '--retry-failed'], env);
    expect(second).toMatchObject({ code: 0, stderr: '' });
    expect(emulator.requests()).toHaveLength(3);
  });
});

describe('limits', () => {
  it('--concurrency refuses an unknown model and names the model that was meant', async () => {
    const project = await chain();
    const args = ['run', 'film.yaml', '--provider', 'local', '--concurrency', 'kling-3.0/4q=2'];
    expect(await project.run(args)).toMatchObject({
      code: 64,
      stderr: 'shotlist: there is no model `kling-3.0/4q`\nhint: did you mean `kling-3.0/4k`?\n',
    });
  });

  it('--run-timeout refuses a time without its unit', async () => {
    const project = await chain();
    const { code, stderr } = await project.run(['run', 'film.yaml', '--run-timeout', '90']);
    expect(code).toBe(64);
    expect(stderr).toContain('It must be a time such as 90s, 20m or 2h.');
  });

  it('--shot-timeout leaves a slow shot with the service, and the next run fetches it', async () => {
    const { emulator, env, release } = await startService({ hold: true });
    const project = await Project.make();
    await project.film(1);
    const first = await project.run(['run', 'film.yaml', '--yes', '--shot-timeout', '1s'], env);
    release();
    expect(first.code).toBe(75);
    // By the clock, which is not hurried.
    expect(first.stdout).toMatch(/It has been with the service for \d+s and is not done\./);
    expect((await project.run(['run', 'film.yaml', '--yes'], env)).code).toBe(0);
    expect(emulator.requests()).toHaveLength(1);
  });

  it('--shot-timeout leaves clips that cannot be fetched to the next run, whatever is in the way', async () => {
    const { script, accepted, origin, env } = await startStubborn();
    const inTheWay: Record<string, (response: ServerResponse) => void> = {
      'req-1': (response) => response.writeHead(503).end(),
      'req-2': (response) => response.writeHead(200, { 'content-length': 9999 }).write('half'),
      'req-3': (response) => trickle(response.writeHead(200, { 'content-length': 9999 })),
      'req-4': (response) => response.writeHead(206, { 'content-range': 'bytes 5-8/9' }).end('late'),
      'req-5': (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/clip.mp4' }).end(),
    };
    script.ask = ({ url = '' }, response) => {
      const id = idIn(url);
      const output = { video: `${origin}/clips/${id}.mp4` };
      if (id !== '') return json(response, 200, { request_id: id, status: 'completed', output });
      inTheWay[/req-\d/.exec(url)?.[0] ?? '']?.(response);
    };
    const project = await Project.make();
    await project.film(5);
    for (let run = 0; run < 2; run += 1) {
      const args = ['run', 'film.yaml', '--yes', '--shot-timeout', '3s'];
      const ended = await project.run(args, { ...env, ...hurry(2, { timeouts: true }) });
      expect(ended.code).toBe(75);
      expect(ended.stdout.match(/It did not arrive within 3s\..* It is paid for: run again/g)).toHaveLength(
        5,
      );
      expect(ended.stdout).toContain('(503)');
    }
    expect(accepted).toHaveLength(5);
  });

  it('--run-timeout ends a run with its manifest, and the next run finishes it', async () => {
    const { emulator, env, release } = await startService({ hold: true, concurrency: 9 });
    const project = await Project.make();
    await project.film(3);
    const limits = ['--run-timeout', '2s', '--concurrency', '1'];
    const first = await project.run(['run', 'film.yaml', '--yes', ...limits], { ...env, ...hurry(1) });
    release();
    expect(first.code).toBe(75);
    expect(first.stdout).toContain("The run's time of 2s is over");
    expect(first.stdout).toContain('3 shots not finished. To continue: shotlist run film.yaml');
    const { submissions } = await project.manifest('renders/film');
    expect(submissions.map(({ state }) => state)).toEqual(['submitted', 'planned', 'planned']);
    expect((await project.run(['run', 'film.yaml', '--yes'], env)).code).toBe(0);
    expect(emulator.requests()).toHaveLength(3);
  });

  it('a limit for one model holds at the service, and shots of other models overtake its shots', async () => {
    const { emulator, env, release } = await startService({ hold: true, concurrency: 9 });
    const project = await Project.make();
    await project.film(6);
    const list = await project.read('film.yaml');
    await project.write('film.yaml', list.replaceAll(/(id: shot-[123]),/g, '$1, model: kling-3.0/pro,'));
    const limits = ['--concurrency', '4', '--concurrency', 'kling-3.0/pro=1'];
    const run = project.start(['run', 'film.yaml', '--yes', ...limits], env);
    await run.says(/(?:shot-\d {2}submitted[\s\S]*){4}/);
    release();
    expect((await run.ended).code).toBe(0);
    const sent = emulator.requests().map(({ model }) => model.split('/')[2]);
    expect(sent.slice(0, 4).toSorted()).toEqual(['pro', 'standard', 'standard', 'standard']);
    const spans = emulator.requests().filter(({ model }) => model.endsWith('pro/image-to-video'));
    for (const [index, { acceptedAt }] of spans.entries()) {
      if (index > 0) expect(acceptedAt >= (spans[index - 1]?.finishedAt ?? '~')).toBe(true);
    }
  });

  it('a 429 slows submissions and polls down, and each shot is submitted once', async () => {
    const { emulator, env } = await startService();
    const project = await Project.make();
    await project.film(6);
    emulator.next('submit', '429');
    emulator.next('read', '429');
    const ended = await project.run(['run', 'film.yaml', '--yes'], env);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toContain('The service asks us to slow down; going on in');
    expect(emulator.requests()).toHaveLength(6);
  });
});
