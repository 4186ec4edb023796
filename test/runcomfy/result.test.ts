import { expect, it } from 'vitest';
import { reply } from '../rig/raw-server.js';
import { connect, pair, serve, TOKEN } from './rig.js';

const DONE = {
  request_id: 'r-1',
  status: 'completed',
  output: { video: 'https://x.runcomfy.net/a.mp4' },
  cost: '0.42',
};

it('queries a result with its cost and with the token', async () => {
  const { server, service } = await pair((_request, socket) => reply(socket, 200, DONE));
  expect(await service.result('r-1')).toMatchObject({
    kind: 'state',
    request: { status: 'completed', outputs: ['https://x.runcomfy.net/a.mp4'], cost: 0.42 },
  });
  expect(server.requests[0]).toMatchObject({
    method: 'GET',
    path: '/v1/requests/r-1/result?include_cost=true',
  });
  expect(server.requests[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
});

it('queries a status with its position in the queue', async () => {
  const { server, service } = await pair((_request, socket) => {
    reply(socket, 200, {
      request_id: 'r-1',
      status: 'in_queue',
      queue_position: 3,
      status_url: 'http://127.0.0.1:1/',
    });
  });
  expect(await service.status('r-1')).toMatchObject({ request: { status: 'queued', queuePosition: 3 } });
  expect(server.requests[0]?.path).toBe('/v1/requests/r-1/status');
});

it('keeps its connections open over many queries', async () => {
  const { server, service } = await pair((_request, socket) => reply(socket, 200, DONE));
  for (let turn = 0; turn < 8; turn += 1) await service.result('r-1');
  // The next question may come before the pool has taken the first connection back.
  expect(server.connections()).toBeLessThanOrEqual(2);
});

it('repeats a query on a new connection when the kept one is stale', async () => {
  const { server, service } = await pair((_request, socket, count) => {
    if (count === 2) socket.resetAndDestroy();
    else reply(socket, 200, DONE);
  });
  await service.result('r-1');
  expect((await service.result('r-1')).kind).toBe('state');
  expect(server.requests).toHaveLength(3);
});

it('repeats a query after every temporary fault and waits longer each time', async () => {
  const { service, clock } = await pair((_request, socket, count) => {
    if (count === 1) reply(socket, 503);
    else if (count === 2) socket.destroy();
    else if (count === 3) reply(socket, 200, 'not json');
    else if (count === 4) reply(socket, 200, {});
    else if (count === 5) socket.end('HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{}');
    else if (count === 6) reply(socket, 200, { error_code: 500001, message: 'oops' });
    else if (count === 7) reply(socket, 200, { ...DONE, request_id: 'r-2' });
    else reply(socket, 200, DONE);
  });
  expect((await service.result('r-1')).kind).toBe('state');
  expect(clock.sleeps).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
});

it('waits before the next query as long as Retry-After says', async () => {
  const { service, clock } = await pair((_request, socket, count) => {
    if (count === 1) reply(socket, 503, '', { 'retry-after': '20' });
    else reply(socket, 200, DONE);
  });
  await service.result('r-1');
  expect(clock.sleeps).toEqual([20_500]);
});

it('makes all queries wait after a 429 on one of them', async () => {
  const { service, clock } = await pair((_request, socket, count) => {
    if (count === 1) reply(socket, 429, '', { 'retry-after': '30' });
    else reply(socket, 200, { ...DONE, request_id: undefined });
  });
  await Promise.all([service.result('r-1'), service.status('r-2')]);
  expect(clock.sleeps[0]).toBeGreaterThanOrEqual(30_000);
});

it('repeats a query until it is stopped and reports the last fault', async () => {
  const server = await serve((_request, socket) => reply(socket, 500, { message: 'on fire' }));
  const { service, clock } = connect(`${server.origin}/v1`);
  expect(await service.result('r-1', clock.signalAfter(12))).toEqual({
    kind: 'unreachable',
    status: 500,
    code: null,
    message: 'The service has a fault of its own (500): on fire.',
  });
  expect(server.requests).toHaveLength(12);
});

it('reports an unreachable service when a query is stopped before its answer', async () => {
  const stop = new AbortController();
  const { service } = await pair(() => stop.abort());
  expect(await service.result('r-1', stop.signal)).toMatchObject({ kind: 'unreachable', code: 'aborted' });
});

it('repeats a query when no answer comes in time', async () => {
  const { server, service } = await pair(
    (_request, socket, count) => {
      if (count > 1) reply(socket, 200, DONE);
    },
    { timeouts: { answer: 40 } },
  );
  expect((await service.result('r-1')).kind).toBe('state');
  // A slow machine may let a second answer be late too.
  expect(server.requests.length).toBeGreaterThan(1);
});

it('reports a request as forgotten after three answers of 404', async () => {
  const { server, service } = await pair((_request, socket) =>
    reply(socket, 404, { message: 'no such request' }),
  );
  expect(await service.result('r-1')).toMatchObject({
    kind: 'forgotten',
    status: 404,
    message: 'The service does not know the request r-1 (404): no such request.',
  });
  expect(server.requests).toHaveLength(3);
});

it('reports a request as forgotten by its code, whatever the HTTP status', async () => {
  const { service } = await pair((_request, socket) => reply(socket, 400, { error_code: 404001 }));
  expect(await service.result('r-1')).toMatchObject({ kind: 'forgotten', status: 404, code: '404001' });
});

it('does not report a request as forgotten after two answers of 404', async () => {
  const { service } = await pair((_request, socket, count) => reply(socket, count < 3 ? 404 : 200, DONE));
  expect((await service.result('r-1')).kind).toBe('state');
});

it.each([
  [401, {}],
  [402, {}],
  [403, {}],
  [400, {}],
  [302, {}],
  [200, { error_code: 401001 }],
  [200, { status: 'error', error_code: 400004, message: 'The token has expired.' }],
  [400, { error_code: 403001 }],
  [500, { error_code: '400002' }],
  [200, { request_id: 'r-1', status: 'failed', error_code: 400004 }],
  [400, { request_id: 'r-1', status: 'error', error_code: '403001' }],
])('does not repeat a query that is answered with %d %j', async (status, body) => {
  const { server, service } = await pair((_request, socket) => reply(socket, status, body));
  expect((await service.result('r-1')).kind).toBe('refused');
  expect(server.requests).toHaveLength(1);
});

it('reads a failed request with an error code as its state and not as a failed query', async () => {
  const { service } = await pair((_request, socket) => {
    reply(socket, 200, {
      request_id: 'r-1',
      status: 'failed',
      error_code: 422001,
      error: { message: 'unsafe' },
    });
  });
  expect(await service.result('r-1')).toMatchObject({
    kind: 'state',
    request: { status: 'failed', error: 'unsafe' },
  });
});

it('sends nothing for an impossible request id', async () => {
  const { server, service } = await pair(() => {});
  expect((await service.result('../models')).kind).toBe('refused');
  expect((await service.cancel('a/b')).kind).toBe('refused');
  expect(server.connections()).toBe(0);
});

it('stops reading an answer that never ends', async () => {
  const { service, clock } = await pair((_request, socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    const chunk = Buffer.alloc(1024 * 1024, ' ');
    const more = () => {
      while (socket.writable && socket.write(chunk));
      socket.once('drain', more);
    };
    more();
  });
  expect(await service.result('r-1', clock.signalAfter(1))).toMatchObject({
    kind: 'unreachable',
    status: 200,
  });
});

it('reads a page of the catalog and one model of it', async () => {
  const model = {
    model_id: 'kling/x',
    base_price_usd: 0.084,
    price_unit: 'second',
    input_schema: { type: 'object' },
  };
  const { server, service } = await pair((request, socket) => {
    reply(socket, 200, request.path.includes('?') ? { models: [model, { odd: 1 }], total: 41 } : model);
  });
  const page = await service.catalog({ search: 'kling & co', limit: 2 });
  expect(page).toMatchObject({
    kind: 'models',
    total: 41,
    models: [{ modelId: 'kling/x', basePriceUsd: 0.084 }],
  });
  expect(server.requests[0]?.path).toBe('/v1/models?include_schema=true&search=kling+%26+co&limit=2');
  expect(await service.catalog({ model: 'kling/x' })).toMatchObject({
    kind: 'models',
    models: [{ priceUnit: 'second' }],
  });
  expect(server.requests[1]?.path).toBe('/v1/models/kling/x');
});

it('gives the catalog up after four faults', async () => {
  const { server, service } = await pair((_request, socket) => reply(socket, 503));
  expect((await service.catalog({})).kind).toBe('unreachable');
  expect(server.requests).toHaveLength(4);
});
