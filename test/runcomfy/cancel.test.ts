import { expect, it } from 'vitest';
import type { Json } from '../../src/base/json.js';
import { readCancelReply } from '../../src/runcomfy/client.js';
import { reply } from '../rig/raw-server.js';
import { pair } from './rig.js';

it('cancels a request with a POST to its own path', async () => {
  const { server, service } = await pair((request, socket) => {
    reply(socket, 200, {
      request_id: 'r-1',
      status: request.method === 'GET' ? 'in_queue' : 'cancelled',
      outcome: 'cancelled',
    });
  });
  await service.status('r-1');
  expect(await service.cancel('r-1')).toEqual({ kind: 'cancelled' });
  expect(server.requests[1]).toMatchObject({
    method: 'POST',
    path: '/v1/requests/r-1/cancel',
  });
});

it('does not send a second cancellation when the answer is lost', async () => {
  const { server, service } = await pair((_request, socket) => socket.destroy());
  expect((await service.cancel('r-1')).kind).toBe('unreachable');
  expect(server.requests).toHaveLength(1);
});

it.each<[number, Json | undefined, string]>([
  [200, { status: 'cancelled', outcome: 'cancelled' }, 'cancelled'],
  [202, { outcome: 'cancelled' }, 'cancelled'],
  [200, { status: 'canceled' }, 'cancelled'],
  [200, { status: 'in_progress', outcome: 'not_cancellable' }, 'not-cancellable'],
  [200, { status: 'cancelled', outcome: 'not_cancellable' }, 'cancelled'],
  [409, { status: 'canceled' }, 'cancelled'],
  [200, { status: 'completed' }, 'not-cancellable'],
  [409, { message: 'in progress' }, 'not-cancellable'],
  [200, {}, 'unreachable'],
  [200, undefined, 'unreachable'],
  [200, { error_code: 401001 }, 'refused'],
  [404, {}, 'refused'],
  [401, {}, 'refused'],
  [429, {}, 'unreachable'],
  [500, {}, 'unreachable'],
])('reads a cancellation answered with %d %j as %s', (status, json, kind) => {
  expect(readCancelReply({ kind: 'reply', status, retryAfter: null, json }, 'r-1').kind).toBe(kind);
});
