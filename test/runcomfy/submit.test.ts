import { expect, it, onTestFinished, vi } from 'vitest';
import { reply } from '../rig/raw-server.js';
import { connect, MODEL, pair, serve, TOKEN } from './rig.js';

const BODY = { prompt: 'a cliff', duration: 5 };
const ACCEPTED = 'HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n{"request_id":"r-1"}';

it('sends a submission’s input unchanged to its model, with the token', async () => {
  const { server, service } = await pair((_request, socket) => reply(socket, 200, { request_id: 'r-1' }));
  expect(await service.submit(MODEL, BODY)).toEqual({ kind: 'accepted', requestId: 'r-1' });
  const [request] = server.requests;
  expect(request).toMatchObject({ method: 'POST', path: `/v1/models/${MODEL}`, body: JSON.stringify(BODY) });
  expect(request?.headers).toMatchObject({
    authorization: `Bearer ${TOKEN}`,
    'content-type': 'application/json',
  });
});

it('opens a new connection for each submission and asks for it to be closed', async () => {
  const { server, service } = await pair((request, socket) => {
    reply(socket, 200, request.method === 'POST' ? { request_id: 'r-1' } : { status: 'in_queue' });
  });
  await service.result('r-1');
  await service.submit(MODEL, BODY);
  await service.submit(MODEL, BODY);
  await service.result('r-1');
  expect(server.requests.map(({ method, connection }) => [method, connection])).toEqual([
    ['GET', 1],
    ['POST', 2],
    ['POST', 3],
    ['GET', 1],
  ]);
  expect(server.requests[1]?.headers.connection).toBe('close');
});

it('reports a submission as not sent when the connection is refused', async () => {
  const server = await serve(() => {});
  const { service } = connect(`${server.origin}/v1`);
  await server.close();
  expect(await service.submit(MODEL, BODY)).toMatchObject({
    kind: 'not-sent',
    code: 'ECONNREFUSED',
    status: null,
    retryAfter: null,
    message: `No answer from 127.0.0.1:${server.port}: the connection was refused.`,
  });
});

it('reports a submission as not sent when the host name is unknown', async () => {
  const { service } = connect('https://no-such-host.invalid/v1');
  expect((await service.submit(MODEL, BODY)).kind).toBe('not-sent');
});

it('reports a submission as not sent when the server does not speak TLS', async () => {
  const server = await serve(() => {});
  const { service } = connect(`https://127.0.0.1:${server.port}/v1`, { timeouts: { submit: 300 } });
  expect((await service.submit(MODEL, BODY)).kind).toBe('not-sent');
});

it('reports a submission as not sent when it is stopped before', async () => {
  const { server, service } = await pair((_request, socket) => reply(socket, 200, { request_id: 'r-1' }));
  const answer = await service.submit(MODEL, BODY, AbortSignal.abort());
  expect(answer).toMatchObject({ kind: 'not-sent', code: 'aborted' });
  expect(server.connections()).toBe(0);
});

it.each([
  ['reset after the head', (socket: { resetAndDestroy(): void }) => socket.resetAndDestroy()],
  ['closed without a word', (socket: { destroy(): void }) => socket.destroy()],
])(
  'reports a submission as unknown, and sends it only once, when the connection is %s',
  async (_name, end) => {
    const { server, service } = await pair((_request, socket) => end(socket));
    expect(await service.submit(MODEL, BODY)).toMatchObject({ kind: 'unknown', status: null });
    expect(server.requests).toHaveLength(1);
    expect(server.connections()).toBe(1);
  },
);

it('reports a submission as unknown when no answer comes in time', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const { server, service } = await pair(() => void vi.advanceTimersByTime(50), { timeouts: { submit: 50 } });
  expect(await service.submit(MODEL, BODY)).toMatchObject({ kind: 'unknown', code: 'timeout' });
  expect(server.requests).toHaveLength(1);
});

it('reports a submission as unknown when it is stopped after its head was sent', async () => {
  const stop = new AbortController();
  const { service } = await pair(() => stop.abort());
  expect(await service.submit(MODEL, BODY, stop.signal)).toMatchObject({ kind: 'unknown', code: 'aborted' });
});

it('reports a submission as unknown when its answer is cut off', async () => {
  const { service } = await pair((_request, socket) => {
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"request_id":"r-1"}');
  });
  expect(await service.submit(MODEL, BODY)).toMatchObject({ kind: 'unknown', status: 200 });
});

it('reads the answer to a submission that follows an interim answer', async () => {
  const { service } = await pair((_request, socket) => {
    socket.write('HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n');
    reply(socket, 202, { request_id: 'r-1' });
  });
  expect(await service.submit(MODEL, BODY)).toEqual({ kind: 'accepted', requestId: 'r-1' });
});

it.each([
  ['in one piece', (interim: string) => [interim]],
  ['in two', (interim: string) => [interim.slice(0, 9), interim.slice(9)]],
  ['twice', (interim: string) => [interim, interim]],
  ['with the answer', (interim: string) => [interim + ACCEPTED]],
  ['with half of the answer', (interim: string) => [interim + ACCEPTED.slice(0, 5)]],
])('reads the answer to a submission that follows an unasked 100 Continue, sent %s', async (_name, cut) => {
  const interim = 'HTTP/1.1 100 Continue\r\nserver: gateway\r\n\r\n';
  const { service } = await pair(async (_request, socket) => {
    socket.setNoDelay();
    let sent = '';
    for (const piece of cut(interim)) {
      socket.write(piece);
      sent += piece;
      // Whatever is read meanwhile is read in pieces.
      for (let turns = 0; turns < 20; turns += 1) await new Promise(setImmediate);
    }
    socket.write(ACCEPTED.slice(sent.replaceAll(interim, '').length));
  });
  expect(await service.submit(MODEL, BODY)).toEqual({ kind: 'accepted', requestId: 'r-1' });
});

it('reports a submission as unknown when only a 100 Continue comes', async () => {
  const { server, service } = await pair((_request, socket) => socket.end('HTTP/1.1 100 Continue\r\n\r\n'));
  expect(await service.submit(MODEL, BODY)).toMatchObject({ kind: 'unknown', status: null });
  expect(server.requests).toHaveLength(1);
});

it('does not follow a redirect of a submission and reports the submission as unknown', async () => {
  const other = await serve((_request, socket) => reply(socket, 200, { request_id: 'r-2' }));
  const { server, service } = await pair((_request, socket) => {
    reply(socket, 307, '', { location: `${other.origin}/v1/models/${MODEL}` });
  });
  expect(await service.submit(MODEL, BODY)).toMatchObject({ kind: 'unknown', status: 307 });
  expect(server.requests).toHaveLength(1);
  expect(other.connections()).toBe(0);
});

it('lets the next submission leave after a 429 when the service allows it, and not before', async () => {
  const pauses: number[] = [];
  const { service, clock } = await pair(
    (_request, socket, count) => {
      if (count === 1) reply(socket, 429, { message: 'slow down' }, { 'retry-after': '7' });
      else reply(socket, 200, { request_id: 'r-1' });
    },
    { onPause: (seconds) => pauses.push(seconds) },
  );
  const answer = await service.submit(MODEL, BODY);
  expect(answer).toMatchObject({ kind: 'not-sent', retryAfter: 7, status: 429 });
  expect(clock.sleeps).toEqual([]);
  await service.pace.waitForSubmissionTurn();
  expect((await service.submit(MODEL, BODY)).kind).toBe('accepted');
  expect(clock.sleeps[0]).toBeGreaterThanOrEqual(7_000);
  expect(pauses).toHaveLength(1);
});

it('sends a submission even in a pause when the wait for it is stopped', async () => {
  const { server, service, clock } = await pair((_request, socket, count) => {
    if (count === 1) reply(socket, 429, '', { 'retry-after': '7' });
    else reply(socket, 200, { request_id: 'r-1' });
  });
  await service.submit(MODEL, BODY);
  await service.pace.waitForSubmissionTurn(AbortSignal.abort());
  expect((await service.submit(MODEL, BODY)).kind).toBe('accepted');
  expect(clock.sleeps).toEqual([]);
  expect(server.requests).toHaveLength(2);
});

it('hides the token in an error that quotes it', async () => {
  const long = 'x'.repeat(490);
  const { service } = await pair((_request, socket) => {
    reply(socket, 422, {
      error_code: `no ${TOKEN}`,
      detail: [`${long}${TOKEN}`],
      message: `Bearer ${TOKEN}`,
    });
  });
  const answer = JSON.stringify(await service.submit(MODEL, BODY));
  expect(answer).toContain('[token]');
  expect(answer).not.toContain(TOKEN.slice(0, 8));
});

it.each(['../requests/r-1', 'kling//x', '', 'a b', 'kling/../../x'])(
  'sends nothing to a model called %j',
  async (model) => {
    const { server, service } = await pair(() => {});
    expect((await service.submit(model, BODY)).kind).toBe('refused');
    expect(server.connections()).toBe(0);
  },
);

it.each([
  ['knows', 200, { status: 'in_queue' }, { kind: 'accepted', requestId: 'r-1' }],
  ['does not know', 404, { message: 'No such request.' }, { kind: 'refused', status: 422 }],
  ['cannot be asked about', 503, {}, { kind: 'unknown', status: 422 }],
])(
  'settles a refused submission that names a request which the service %s',
  async (_name, status, body, answer) => {
    const { server, service } = await pair((request, socket) =>
      request.method === 'POST' ? reply(socket, 422, { request_id: 'r-1' }) : reply(socket, status, body),
    );
    expect(await service.submit(MODEL, BODY)).toMatchObject(answer);
    expect(server.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
  },
);

it.each([
  ['knows', 200, { kind: 'accepted', requestId: 'r-1' }],
  ['does not know', 404, { kind: 'unknown', status: 502 }],
])(
  'settles an unknown submission whose answer names a request that the service %s',
  async (_name, status, answer) => {
    const { server, service } = await pair((request, socket) =>
      request.method === 'POST'
        ? reply(socket, 502, { data: { requestId: 'r-1' } })
        : reply(socket, status, { status: 'in_queue' }),
    );
    expect(await service.submit(MODEL, BODY)).toMatchObject(answer);
    expect(server.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
  },
);

it('asks about an id that is a number before it counts', async () => {
  const { server, service } = await pair((request, socket) =>
    reply(socket, 200, request.method === 'POST' ? { request_id: 7 } : { request_id: 7, status: 'in_queue' }),
  );
  expect(await service.submit(MODEL, BODY)).toEqual({ kind: 'accepted', requestId: '7' });
  expect(server.requests[1]?.path).toContain('/requests/7/');
});

it('quotes the beginning of an answer that it cannot read, without the token', async () => {
  const { service } = await pair((_request, socket) =>
    reply(socket, 200, `<html>\n<b>${TOKEN}</b> ${'x'.repeat(300)}`),
  );
  const { message } = (await service.submit(MODEL, BODY)) as { message: string };
  expect(message).toMatch(/not in its usual form\. It begins: <html> <b>\[token\]<\/b> x{170,} …$/);
});
