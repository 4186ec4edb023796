import { expect, it } from 'vitest';
import { findServerlessBase } from '../../src/runcomfy/base-url.js';
import { reply } from '../rig/raw-server.js';
import { connect, serve, TOKEN } from './rig.js';

const LOCAL_MODELS = 'http://127.0.0.1:8000/v1';

it.each([
  [{}, { kind: 'found', base: 'https://api.runcomfy.net/prod/v2' }],
  [
    { RUNCOMFY_MODEL_API_BASE: 'https://model-api.runcomfy.net/v1' },
    { kind: 'found', base: 'https://api.runcomfy.net/prod/v2' },
  ],
  [{ RUNCOMFY_MODEL_API_BASE: LOCAL_MODELS }, { kind: 'none' }],
  [{ RUNCOMFY_MODEL_API_BASE: 'https://gateway.example/v1' }, { kind: 'none' }],
  [{ RUNCOMFY_MODEL_API_BASE: 'nonsense' }, { kind: 'none' }],
  [{ RUNCOMFY_SERVERLESS_API_BASE: 'none' }, { kind: 'none' }],
  [
    { RUNCOMFY_MODEL_API_BASE: LOCAL_MODELS, RUNCOMFY_SERVERLESS_API_BASE: ' http://127.0.0.1:9/prod/v2/ ' },
    { kind: 'found', base: 'http://127.0.0.1:9/prod/v2' },
  ],
  [
    { RUNCOMFY_SERVERLESS_API_BASE: 'https://gateway.example/prod/v2/balance' },
    { kind: 'found', base: 'https://gateway.example/prod/v2' },
  ],
])('finds the place of the balance for the environment %j', (env, found) => {
  expect(findServerlessBase(env)).toEqual(found);
});

it.each([
  [
    'http://api.example/v2',
    'begins with http: the token would be sent unencrypted, so only https is accepted',
  ],
  ['https://me:secret@api.example/v2', 'holds a user name or password; leave them out'],
  ['api.example', 'is not a URL'],
])('explains what is wrong with the place of the balance %s', (text, problem) => {
  expect(findServerlessBase({ RUNCOMFY_SERVERLESS_API_BASE: text })).toMatchObject({
    kind: 'invalid',
    message: expect.stringMatching(new RegExp(`^RUNCOMFY_SERVERLESS_API_BASE ${problem}\\.`)),
  });
});

async function ask(
  answer: { status?: number; body?: string | object; headers?: Record<string, string> },
  path = '/prod/v2',
) {
  const server = await serve((_request, socket) =>
    reply(socket, answer.status ?? 200, answer.body ?? '', answer.headers),
  );
  const { service } = connect('https://model-api.runcomfy.net/v1', { serverlessBase: server.origin + path });
  return { server, answer: await service.balance() };
}

it.each([
  [{ balance_usd: 12.5, currency: 'USD' }, 12.5, 'USD'],
  [{ balance_usd: '12.50', currency: 'usd' }, 12.5, 'USD'],
  [{ balance_usd: 0 }, 0, 'USD'],
  [{ balance_usd: -3.2, currency: 'USD' }, -3.2, 'USD'],
  [{ balance_usd: '-3.2', currency: null }, -3.2, 'USD'],
  [{ balance_usd: 9, currency: 'EUR' }, 9, 'EUR'],
])('reads the balance in %j', async (body, amount, currency) => {
  const { server, answer } = await ask({ body });
  expect(answer).toEqual({ kind: 'balance', amount, currency });
  expect(server.requests).toMatchObject([
    { method: 'GET', path: '/prod/v2/balance', headers: { authorization: `Bearer ${TOKEN}` } },
  ]);
});

it.each([
  ['no JSON', { body: 'Welcome' }],
  ['a list', { body: [] }],
  ['another field', { body: { balance: 5 } }],
  ['a balance in words', { body: { balance_usd: 'plenty' } }],
  ['a balance of null', { body: { balance_usd: null } }],
  ['an endless balance', { body: '{"balance_usd":1e400}' }],
  ['a balance that no account has', { body: { balance_usd: 1e15 } }],
  ['a currency that is none', { body: { balance_usd: 5, currency: 'US dollars\u001b[31m' } }],
  ['a fault of the server', { status: 500, body: {} }],
  ['a rate limit of ten minutes', { status: 429, headers: { 'retry-after': '600' } }],
])('knows no balance after %s, and asks twice at most', async (_what, answer) => {
  const asked = await ask(answer);
  expect(asked.answer.kind).toBe('unreachable');
  expect(asked.server.requests.length).toBeLessThanOrEqual(2);
});

it('knows no balance where the service has none, and asks once', async () => {
  const asked = await ask({ status: 404, body: {} });
  expect(asked.answer.kind).toBe('forgotten');
  expect(asked.server.requests).toHaveLength(1);
});

it('says that the token is not accepted where the balance is', async () => {
  expect((await ask({ status: 401, body: {} })).answer).toMatchObject({ kind: 'refused', status: 401 });
});

it('follows no redirect with the token', async () => {
  const other = await serve((_request, socket) => reply(socket, 200, { balance_usd: 5 }));
  const asked = await ask({ status: 302, headers: { location: `${other.origin}/balance` } });
  expect(asked.answer.kind).toBe('refused');
  expect(other.requests).toEqual([]);
});

it('looks for the balance in both places where the base is only a host', async () => {
  const server = await serve(({ path }, socket) =>
    path === '/balance' ? reply(socket, 200, { balance_usd: 5 }) : reply(socket, 404, {}),
  );
  const { service } = connect('https://model-api.runcomfy.net/v1', { serverlessBase: server.origin });
  expect(await service.balance()).toMatchObject({ kind: 'balance', amount: 5 });
  expect(server.requests.map(({ path }) => path)).toEqual(['/prod/v2/balance', '/balance']);
});

it('asks no server for the balance without a place to ask at', async () => {
  const server = await serve((_request, socket) => reply(socket, 200, { balance_usd: 5 }));
  const { service } = connect(`${server.origin}/v1`);
  expect(await service.balance()).toEqual({ kind: 'not-asked' });
  expect(server.requests).toEqual([]);
});
