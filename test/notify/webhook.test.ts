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

it('posts the body as JSON, and nothing that tells who we are', async () => {
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
])('tries twice when %s, then says why', async (_name, script, words) => {
  const { server, why } = await posting(script);
  expect(why).toBe(words);
  expect(server.requests).toHaveLength(2);
});

it('is content with the second try', async () => {
  const { why } = await posting((_request, socket, count) => reply(socket, count === 1 ? 503 : 200));
  expect(why).toBeNull();
});

it('tries once when the run was stopped', async () => {
  const { server, why } = await posting((_request, socket) => reply(socket, 503), AbortSignal.abort());
  expect(why).toBe('it answered with 503');
  expect(server.requests).toHaveLength(1);
});

it('waits no longer when told to stop', async () => {
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
])('reads %s', (option, env, found) => {
  expect(findHook(option, env)).toMatchObject(found);
});
