import { expect, it, onTestFinished } from 'vitest';
import { type RawServer, reply, type Script, startRawServer } from '../rig/raw-server.js';
import { hurry, Project } from './rig.js';
import { HOOK_SECRET, TOKEN } from './secrets.js';
import { startService } from './service.js';

async function chat(script: Script): Promise<{ hook: string; server: RawServer }> {
  const server = await startRawServer(script);
  onTestFinished(() => server.close());
  return { hook: `${server.origin}/hooks/${HOOK_SECRET}`, server };
}

const heard = ({ requests }: RawServer) => JSON.parse(requests.at(-1)?.body ?? 'null');

it('the end of a run is posted with counts, cost and failures, without prompts and token', async () => {
  const { emulator, env } = await startService({ concurrency: 1 });
  const { hook, server } = await chat((_request, socket) => reply(socket, 200));
  const project = await Project.make();
  await project.film(2);
  emulator.next('render', 'failed-render');
  const run = await project.run(['run', 'film.yaml', '--yes'], { ...env, SHOTLIST_NOTIFY_URL: hook });
  expect(run).toMatchObject({ code: 1, stderr: '' });
  expect(server.requests).toHaveLength(1);
  expect(heard(server)).toMatchObject({
    text: expect.stringContaining('The run of film ended with exit 1: 1 of 2 clips'),
    shotlist: { exit: 1, states: { done: 1, failed: 1 }, usd: 0.252, failures: [{ state: 'failed' }] },
  });
  expect(JSON.stringify(server.requests)).not.toMatch(new RegExp(`pushes in|${TOKEN.slice(0, 12)}`));
});

it('a chat that cannot be reached is a warning, and never a failed run', async () => {
  const { env } = await startService();
  const { hook, server } = await chat((_request, socket) => socket.destroy());
  const project = await Project.make();
  await project.film(1);
  const { code, stderr } = await project.run(['run', 'film.yaml', '--yes', '--notify', hook], env);
  expect(code).toBe(0);
  expect(stderr).toBe(
    `shotlist: the end of the run could not be posted to 127.0.0.1:${server.port}: the connection broke\n`,
  );
});

it('a stopped run is posted, and ends although the chat never answers', async () => {
  const { env } = await startService({ hold: true, concurrency: 1 });
  const { hook, server } = await chat(() => {});
  const project = await Project.make();
  await project.film(2);
  const args = ['run', 'film.yaml', '--yes', '--json', '--notify', hook];
  const run = project.start(args, { ...env, ...hurry(2, { timeouts: true }) });
  await run.says(/"id":"shot-2"[^\n]*"state":"queued"/);
  run.child.kill('SIGINT');
  expect((await run.ended).code).toBe(130);
  expect(heard(server).text).toContain('The run of film was stopped');
});

it('a malformed webhook is refused before anything is sent, and its URL is not printed', async () => {
  const { emulator, env } = await startService();
  const project = await Project.make();
  await project.film(1);
  const refused = await project.run(
    ['run', 'film.yaml', '--yes', '--notify', `http://chat.example/${HOOK_SECRET}`],
    env,
  );
  expect(refused).toEqual({ code: 64, stdout: '', stderr: 'shotlist: --notify is not an https URL\n' });
  expect(emulator.requests()).toEqual([]);
});
