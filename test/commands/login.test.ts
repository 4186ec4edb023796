import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import type { Console } from '../../src/commands/console.js';
import { login } from '../../src/commands/service/login.js';
import { reply, startRawServer } from '../rig/raw-server.js';

const TOKEN = 'tok-0123456789-secret';
const MODELS = { models: [{ model_id: 'kling/x' }], total: 1 };

/** Answers of a service: an HTTP status and a body, by the kind of call. */
type Answers = Readonly<Partial<Record<'models' | 'balance' | 'request', readonly [number, object]>>>;

/** Types a token at `shotlist login` while a service answers as told; without that, the balance is not there, and requests are. */
async function type(told: Answers) {
  const answers: Answers = { request: [200, { status: 'in_queue' }], ...told };
  const server = await startRawServer(({ path }, socket) => {
    const kind = path.startsWith('/v1/requests/')
      ? 'request'
      : path.includes('balance')
        ? 'balance'
        : 'models';
    reply(socket, ...(answers[kind] ?? ([404, { error_code: 404001 }] as const)));
  });
  const folder = await mkdtemp(join(tmpdir(), 'shotlist-login-'));
  onTestFinished(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const env = {
    RUNCOMFY_CONFIG_DIR: folder,
    RUNCOMFY_MODEL_API_BASE: `${server.origin}/v1`,
    RUNCOMFY_SERVERLESS_API_BASE: `${server.origin}/prod/v2`,
  };
  stdin.end(`${TOKEN}\n`);
  const exit = await login({ stdin, stdout, stderr, env } as unknown as Console);
  stdout.end();
  stderr.end();
  const stored = await readFile(join(folder, 'token.json'), 'utf8').catch(() => null);
  return { exit, stored, said: (await text(stdout)) + (await text(stderr)) };
}

it.each<[string, Answers]>([
  ['400004 with a 400', { models: [400, { error_code: 400004, message: 'x' }] }],
  ['400004 with a 200', { models: [200, { error_code: '400004', error_message: 'x' }] }],
  ['a 401', { models: [401, {}] }],
  ['a 403', { models: [403, { error: 'x' }] }],
  ['400004 only for the balance', { models: [200, MODELS], balance: [200, { error_code: 400004 }] }],
  ['400004 only for requests', { models: [200, MODELS], request: [400, { error_code: 400004 }] }],
])('login stores no token that the service refuses with %s', async (_what, answers) => {
  const { exit, stored, said } = await type(answers);
  expect({ exit, stored }).toEqual({ exit: 77, stored: null });
  expect(said).toMatch(
    /^shotlist: the service does not accept this token \(40[013]\d*\); nothing was stored\nhint: copy/,
  );
});

it.each<[string, Answers, string]>([
  ['that the service accepts', { models: [200, MODELS] }, 'It works.'],
  [
    'of an account without funds',
    { models: [400, { error_code: 400002 }] },
    'It could not be tried. The balance',
  ],
  ['that may not see the balance', { models: [200, MODELS], balance: [403, {}] }, 'It works.'],
])('login stores a token %s', async (_what, answers, said) => {
  const typed = await type(answers);
  expect(typed).toMatchObject({ exit: 0, stored: expect.stringContaining(TOKEN) });
  expect(typed.said).toContain(said);
});
