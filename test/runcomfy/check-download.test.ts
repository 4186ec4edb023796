import { expect, it } from 'vitest';
import { reply } from '../rig/raw-server.js';
import { pair, TOKEN } from './rig.js';

it('probes a result by its first byte, without the token, and reports its length', async () => {
  const { server, service } = await pair((_request, socket) => {
    reply(socket, 206, 'x', { 'content-range': 'bytes 0-0/300000' });
  });
  expect(await service.checkDownload(`${server.origin}/a.mp4?sig=1`)).toEqual({
    kind: 'available',
    bytes: 300_000,
  });
  expect(server.requests[0]).toMatchObject({ path: '/a.mp4?sig=1', headers: { range: 'bytes=0-0' } });
  expect(JSON.stringify(server.requests)).not.toContain(TOKEN);
});

it('reports no length for a result when the server gives none', async () => {
  const { server, service } = await pair((request, socket) => {
    if (request.path === '/unsaid') reply(socket, 206, 'x', { 'content-range': 'bytes 0-0/*' });
    else socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n');
  });
  for (const path of ['unsaid', 'chunked']) {
    expect(await service.checkDownload(`${server.origin}/${path}`)).toEqual({
      kind: 'available',
      bytes: null,
    });
  }
});

it.each([
  ['is gone', 404, {}],
  ['has run out', 403, {}],
  ['is a page', 200, { 'content-type': 'text/html' }],
] as const)('reports that a result cannot be fetched when it %s', async (_what, status, headers) => {
  const { server, service } = await pair((_request, socket) => reply(socket, status, 'no', headers));
  expect(await service.checkDownload(`${server.origin}/a.mp4`)).toMatchObject({ kind: 'refused', status });
  expect(server.requests).toHaveLength(1);
});

it('probes a result again after temporary faults', async () => {
  const { server, service } = await pair((_request, socket, count) =>
    reply(socket, count < 3 ? 503 : 200, 'x'),
  );
  expect(await service.checkDownload(`${server.origin}/a.mp4`)).toEqual({ kind: 'available', bytes: 1 });
});

it('reports an unreachable server after four probes of a result', async () => {
  const { server, service } = await pair((_request, socket) => reply(socket, 503));
  expect(await service.checkDownload(`${server.origin}/a.mp4`)).toMatchObject({
    kind: 'unreachable',
    status: 503,
  });
  expect(server.requests).toHaveLength(4);
});

it("probes results only on the service's own hosts", async () => {
  const { service } = await pair((_request, socket) => reply(socket, 200, 'x'));
  expect(await service.checkDownload('https://example.com/a.mp4')).toMatchObject({ kind: 'refused' });
});
