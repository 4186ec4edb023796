import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { reply, startRawServer } from '../rig/raw-server.js';
import { Project } from './rig.js';
import { TOKEN } from './secrets.js';
import { startService } from './service.js';

/** A service that charges 0.252 USD a shot, an account with a balance, and a project of some shots. */
async function account(balance: number, shots: number) {
  const { emulator, env } = await startService({ balance });
  const project = await Project.make();
  await project.film(shots);
  return { emulator, project, env: { ...env, RUNCOMFY_SERVERLESS_API_BASE: emulator.serverlessBase } };
}

it('a run that costs more than the balance says so before the first submission, and plan and status show the balance', async () => {
  const { project, env } = await account(0.6, 3);
  const plan = await project.run(['plan', 'film.yaml', '--live-prices'], env);
  expect(plan.stdout).toContain('The balance of the account is $0.60: $0.16 less than this costs.');
  const run = await project.run(['run', 'film.yaml', '--yes'], env);
  expect(run.stdout).toMatch(
    /^warning: The balance of the account is \$0\.60: \$0\.16 less than this costs\. [^\n]+\n3 to render/,
  );
  const json = await project.run(['status', 'renders/film', '--json'], env);
  expect(JSON.parse(json.stdout).balance).toEqual({ balance_usd: -0.156, currency: 'USD' });
  const status = await project.run(['status', 'renders/film'], env);
  expect(status).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('The balance of the account is -$0.16.'),
  });
});

it('a run whose balance pays for no shot sends nothing and exits 77, unless the balance is not asked for', async () => {
  const { emulator, project, env } = await account(0.1, 2);
  const run = await project.run(['run', 'film.yaml', '--max-cost', '9'], env);
  expect(run).toMatchObject({ code: 77, stdout: '' });
  expect(run.stderr).toContain(
    'the balance of the account is $0.10, and the cheapest shot costs about $0.25',
  );
  expect(emulator.requests()).toEqual([]);
  const unasked = await project.run(['run', 'film.yaml', '--yes', '--only', 'shot-1'], {
    ...env,
    RUNCOMFY_SERVERLESS_API_BASE: 'none',
  });
  expect(unasked.code).toBe(0);
});

it('a run asks only for a balance that it needs', async () => {
  const asked: string[] = [];
  const server = await startRawServer(({ path }, socket) => {
    asked.push(path);
    reply(socket, 200, { balance_usd: 0.3, currency: asked.length > 1 ? 'EUR' : 'USD' });
  });
  const { env } = await startService();
  const project = await Project.make();
  await project.film(3);
  const there = { ...env, RUNCOMFY_SERVERLESS_API_BASE: `${server.origin}/prod/v2` };
  // The limit of 0.30 USD is within the balance.
  const first = await project.run(['run', 'film.yaml', '--max-cost', '0.3'], there);
  expect(first).toMatchObject({ code: 75, stdout: expect.not.stringContaining('balance') });
  const other = await project.run(['run', 'film.yaml', '--yes'], there);
  expect(other.stdout).toContain(
    'warning: The balance of the account is 0.30 EUR, which is not compared with costs in USD.',
  );
  await project.run(['run', 'film.yaml', '--yes'], there);
  await project.run(['run', 'film.yaml', '--provider', 'local'], there);
  expect(asked).toEqual(['/prod/v2/balance', '/prod/v2/balance']);
  await server.close();
});

it('a token that the account does not accept sends nothing and exits 77', async () => {
  const server = await startRawServer((_request, socket) => reply(socket, 401, { message: 'no' }));
  const { emulator, env } = await startService();
  const project = await Project.make();
  await project.film(1);
  const there = { ...env, RUNCOMFY_SERVERLESS_API_BASE: server.origin };
  const run = await project.run(['run', 'film.yaml', '--yes'], there);
  expect(run).toMatchObject({ code: 77, stderr: expect.stringContaining('did not accept the token (401)') });
  expect(emulator.requests()).toEqual([]);
  await server.close();
});

it('a run of twelve shots that meets an empty balance sends what is in flight, calls no shot wrong and exits 77', async () => {
  const server = await startRawServer((_request, socket) =>
    reply(socket, 400, { error_code: 400002, message: 'No remaining balance' }),
  );
  const project = await Project.make();
  await project.film(12);
  const there = { RUNCOMFY_MODEL_API_BASE: `${server.origin}/v1`, RUNCOMFY_API_TOKEN: TOKEN };
  const run = await project.run(['run', 'film.yaml', '--yes', '--concurrency', '4'], there);
  expect(run.code).toBe(77);
  expect(server.requests.length).toBeLessThanOrEqual(4);
  expect(run.stdout).toContain(
    'warning: The balance of the account is too low (400, code 400002): No remaining balance. Add funds at runcomfy.com, then run the same command again.',
  );
  expect(run.stdout).not.toMatch(/input|refused|failed/);
  expect(await project.records('renders/film')).toEqual({});
  await server.close();
});

it('login shows the balance of the account', async () => {
  const { project, env } = await account(12.3, 1);
  const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
  const child = spawn(process.execPath, [cli, 'login'], {
    env: { ...env, PATH: process.env.PATH, HOME: project.folder, RUNCOMFY_API_TOKEN: '' },
  });
  let said = '';
  child.stdout.on('data', (text) => {
    said += text;
  });
  child.stdin.end(TOKEN);
  expect(await once(child, 'close')).toEqual([0, null]);
  expect(said).toMatch(/It works\.\nThe balance of the account is \$12\.30\.\n$/);
});
