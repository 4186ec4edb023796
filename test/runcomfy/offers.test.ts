import { expect, it } from 'vitest';
import { reply } from '../rig/raw-server.js';
import { pair, TOKEN } from './rig.js';

it('asks for one byte, without the token, and says that the file is there', async () => {
  const { server, service } = await pair((_request, socket) => {
    reply(socket, 206, 'x', { 'content-range': 'bytes 0-0/300000' });
  });
  expect(await service.offers(`${server.origin}/a.mp4?sig=1`)).toEqual({ kind: 'offered' });
  expect(server.requests[0]).toMatchObject({ path: '/a.mp4?sig=1', headers: { range: 'bytes=0-0' } });
  expect(JSON.stringify(server.requests)).not.toContain(TOKEN);
});

it.each([
  ['is gone', 404, {}],
  ['has run out', 403, {}],
  ['is a page', 200, { 'content-type': 'text/html' }],
] as const)('says that a file cannot be fetched which %s', async (_what, status, headers) => {
  const { server, service } = await pair((_request, socket) => reply(socket, status, 'no', headers));
  expect(await service.offers(`${server.origin}/a.mp4`)).toMatchObject({ kind: 'refused', status });
  expect(server.requests).toHaveLength(1);
});

it('does not take a passing fault for a file that is gone', async () => {
  const { server, service } = await pair((_request, socket, count) =>
    reply(socket, count < 3 ? 503 : 200, 'x'),
  );
  expect(await service.offers(`${server.origin}/a.mp4`)).toEqual({ kind: 'offered' });
});

it('says after a few tries that the server cannot be asked', async () => {
  const { server, service } = await pair((_request, socket) => reply(socket, 503));
  expect(await service.offers(`${server.origin}/a.mp4`)).toMatchObject({ kind: 'unreachable', status: 503 });
  expect(server.requests).toHaveLength(4);
});

it("asks none but the service's own hosts", async () => {
  const { service } = await pair((_request, socket) => reply(socket, 200, 'x'));
  expect(await service.offers('https://example.com/a.mp4')).toMatchObject({ kind: 'refused' });
});
