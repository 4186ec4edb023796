import { connect as connectSocket, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { findProxies } from '../../src/http/proxies.js';
import { type RawServer, reply } from '../rig/raw-server.js';
import { connect, MODEL, serve } from '../runcomfy/rig.js';

const BODY = { prompt: 'a cliff' };

/** A proxy that leads every tunnel to `target`, whatever name was asked for. */
function serveTunnels(target: RawServer): Promise<RawServer> {
  return serve((_request, socket) => {
    const onward = connectSocket(target.port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.destroy());
    socket.on('close', () => onward.destroy());
  });
}

const via = (proxy: RawServer) =>
  connect('http://api.test/v1', { env: { HTTP_PROXY: proxy.origin }, timeouts: { submit: 300 } }).service;

it('sends requests through the proxy, with a tunnel of its own for each POST', async () => {
  const server = await serve((request, socket) => {
    reply(socket, 200, request.method === 'POST' ? { request_id: 'r-1' } : { status: 'in_queue' });
  });
  const proxy = await serveTunnels(server);
  const service = via(proxy);
  expect((await service.result('r-1')).kind).toBe('state');
  expect((await service.submit(MODEL, BODY)).kind).toBe('accepted');
  expect((await service.submit(MODEL, BODY)).kind).toBe('accepted');
  expect(proxy.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(
    Array(3).fill('CONNECT api.test:80'),
  );
  expect(server.requests.map(({ connection }) => connection)).toEqual([1, 2, 3]);
});

it('reads an answer through the proxy that follows a 100 Continue', async () => {
  const server = await serve((_request, socket) => {
    socket.write('HTTP/1.1 100 Continue\r\n\r\n');
    reply(socket, 200, { request_id: 'r-1' });
  });
  const proxy = await serveTunnels(server);
  expect((await via(proxy).submit(MODEL, BODY)).kind).toBe('accepted');
});

it.each<[string, (socket: Socket) => void]>([
  ['refuses', (socket) => reply(socket, 403)],
  ['wants a password', (socket) => reply(socket, 407)],
  ['cannot reach the service', (socket) => reply(socket, 502)],
  ['hangs up', (socket) => socket.destroy()],
  ['resets the connection', (socket) => socket.resetAndDestroy()],
  ['talks nonsense', (socket) => socket.end('lorem ipsum\r\n\r\n')],
  ['says nothing', () => {}],
])('reports a submission as not sent when the proxy %s', async (_name, act) => {
  const proxy = await serve((_request, socket) => act(socket));
  expect(await via(proxy).submit(MODEL, BODY)).toMatchObject({ kind: 'not-sent' });
  expect(proxy.connections()).toBe(1);
});

it('names the proxy as the reason of a failed submission', async () => {
  const proxy = await serve((_request, socket) => reply(socket, 403));
  expect(await via(proxy).submit(MODEL, BODY)).toMatchObject({
    code: 'proxy',
    message: 'No answer from api.test: the proxy could not be used; look at HTTPS_PROXY and NO_PROXY.',
  });
});

it('reports a submission as not sent when no proxy listens', async () => {
  const proxy = await serve(() => {});
  const service = via(proxy);
  await proxy.close();
  expect(await service.submit(MODEL, BODY)).toMatchObject({ kind: 'not-sent', code: 'proxy' });
});

it('reports a submission as unknown when the tunnel breaks after it', async () => {
  const server = await serve((_request, socket) => socket.resetAndDestroy());
  const proxy = await serveTunnels(server);
  expect((await via(proxy).submit(MODEL, BODY)).kind).toBe('unknown');
  expect(server.requests).toHaveLength(1);
});

it('reaches this machine and the hosts of NO_PROXY without the proxy', async () => {
  const server = await serve((_request, socket) => reply(socket, 200, { request_id: 'r-1' }));
  const proxy = await serve((_request, socket) => reply(socket, 502));
  const local = connect(`${server.origin}/v1`, { env: { http_proxy: proxy.origin } }).service;
  expect((await local.submit(MODEL, BODY)).kind).toBe('accepted');
  const env = { http_proxy: proxy.origin, NO_PROXY: 'other.invalid, .api.invalid' };
  const direct = connect('http://api.invalid/v1', { env }).service;
  expect(await direct.submit(MODEL, BODY)).toMatchObject({ kind: 'not-sent' });
  expect(proxy.connections()).toBe(0);
});

it.each([
  [{}, { httpProxy: '', httpsProxy: '' }],
  [{ HTTPS_PROXY: 'proxy.example:3128' }, { httpsProxy: 'http://proxy.example:3128' }],
  [{ https_proxy: 'http://a', HTTPS_PROXY: 'http://b' }, { httpsProxy: 'http://a' }],
  [{ NO_PROXY: '*' }, { noProxy: '*' }],
  [{ NO_PROXY: 'a, *' }, { noProxy: '*' }],
  [{ no_proxy: 'a b' }, { noProxy: 'a,b,localhost,127.0.0.1,[::1]' }],
])('reads the proxies of %j', (env, proxies) => {
  expect(findProxies(env)).toMatchObject({ kind: 'found', ...proxies });
});

it.each(['http://', 'http://bad host', 'ftp://x', 'socks5://x:1'])(
  'refuses the proxy %j without quoting it',
  (text) => {
    expect(findProxies({ HTTPS_PROXY: text })).toEqual({
      kind: 'invalid',
      message: "HTTPS_PROXY is not a proxy's URL; it should look like http://proxy.example:3128.",
    });
  },
);
