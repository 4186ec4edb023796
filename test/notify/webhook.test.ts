import { expect, it, onTestFinished } from 'vitest';
import { findHook, postToHook } from '../../src/notify/webhook.js';
import { reply, type Script, startRawServer } from '../rig/raw-server.js';
import { createClock } from '../runcomfy/rig.js';

async function posting(script: Script, signal = new AbortController().signal) {
  const server = await startRawServer(script);
  onTestFinished(() => server.close());
  const { deps } = createClock();
  const options = { body: { text: 'Done' }, env: {}, userAgent: 'shotlist/test', deps, signal };
  return { server, why: await postToHook(new URL(`${server.origin}/hook?key=1`), options) };
}

it('posts a notice as JSON without a token or a cookie', async () => {
  const { server, why } = await posting((_request, socket) => reply(socket, 204));
  expect(why).toBeNull();
  expect(server.requests).toMatchObject([{ method: 'POST', path: '/hook?key=1', body: '{"text":"Done"}' }]);
  expect(Object.keys(server.requests[0]?.headers ?? {}).sort()).toEqual([
    'accept',
    'connection',
    'content-length',
    'content-type',
    'host',
    'user-agent',
  ]);
});

it.each<[string, Script, string]>([
  ['it is refused', (_request, socket) => reply(socket, 404), 'it answered with 404'],
  [
    'it is led elsewhere',
    (_request, socket) => reply(socket, 302, '', { location: '/b' }),
    'it answered with 302',
  ],
  ['the connection breaks', (_request, socket) => socket.resetAndDestroy(), 'the connection broke'],
])('posts a notice twice when %s, then returns the reason', async (_name, script, words) => {
  const { server, why } = await posting(script);
  expect(why).toBe(words);
  expect(server.requests).toHaveLength(2);
});

it('succeeds when the second post of a notice is taken', async () => {
  const { why } = await posting((_request, socket, count) => reply(socket, count === 1 ? 503 : 200));
  expect(why).toBeNull();
});

it('posts a notice only once after a stopped run', async () => {
  const { server, why } = await posting((_request, socket) => reply(socket, 503), AbortSignal.abort());
  expect(why).toBe('it answered with 503');
  expect(server.requests).toHaveLength(1);
});

it('stops waiting for a webhook when the run is stopped', async () => {
  const stop = new AbortController();
  const { server, why } = await posting(() => stop.abort(), stop.signal);
  expect(why).toBe('it was stopped');
  expect(server.requests).toHaveLength(1);
});

it.each([
  ['https://hooks.example/a', {}, { kind: 'found' }],
  ['http://127.0.0.1:8065/hooks/a', {}, { kind: 'found' }],
  [undefined, { SHOTLIST_NOTIFY_URL: 'https://hooks.example/a' }, { kind: 'found' }],
  [undefined, {}, { kind: 'none' }],
  ['http://hooks.example/secret', {}, { kind: 'invalid', message: '--notify is not an https URL' }],
  ['hooks.example/secret', {}, { kind: 'invalid', message: '--notify is not a URL' }],
  [
    undefined,
    { SHOTLIST_NOTIFY_URL: 'https://me:secret@a.example' },
    { kind: 'invalid', message: 'SHOTLIST_NOTIFY_URL holds a login, which would not be sent' },
  ],
])('reads the webhook %s', (option, env, found) => {
  expect(findHook(option, env)).toMatchObject(found);
});
