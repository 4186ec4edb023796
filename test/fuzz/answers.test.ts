import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Service } from '../../src/runcomfy/service.js';
import { startRawServer } from '../rig/raw-server.js';
import { runs, spoilt } from '../rig/spoil.js';
import { connect, MODEL } from '../runcomfy/rig.js';

/** An answer as it goes over the wire; `length` false leaves its end to the end of the connection. */
function wire(status: number, content: object | Buffer, headers = '', length = true): Buffer {
  const body = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
  const size = length ? `content-length: ${body.length}\r\n` : '';
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status} Answer\r\n${size}${headers}\r\n`), body]);
}

const state = {
  request_id: 'r-1',
  status: 'completed',
  output: { video: 'https://x.runcomfy.net/a.mp4', videos: ['https://x.runcomfy.net/b.mp4'] },
  cost: '0.42',
  created_at: '2026-11-21T08:00:00Z',
};
const model = {
  model_id: MODEL,
  display_name: 'Kling',
  base_price_usd: 0.084,
  price_unit: 'second',
  input_schema: { type: 'object', properties: { prompt: { type: 'string' } } },
};
const chunked = Buffer.from('e\r\n{"status":"in_\r\n7\r\nqueue"}\r\n0\r\n\r\n');

const ANSWERS = {
  accepted: wire(200, { request_id: 'r-1', status_url: 'https://a/status' }),
  completed: wire(200, state),
  queued: wire(200, { request_id: 'r-1', status: 'in_queue', queue_position: 3 }),
  chunked: wire(200, chunked, 'transfer-encoding: chunked\r\n', false),
  packed: wire(200, gzipSync(JSON.stringify(state)), 'content-encoding: gzip\r\n'),
  cancelled: wire(200, { request_id: 'r-1', status: 'cancelled', outcome: 'cancelled' }),
  invalid: wire(422, {
    error_code: 422001,
    message: 'Wrong',
    detail: [{ loc: ['body', 'prompt'], msg: 'short' }],
  }),
  limited: wire(429, { error_code: 429000, error: 'slow down' }, 'retry-after: 2\r\n'),
  broken: wire(502, Buffer.from('<html>Bad gateway</html>'), 'content-type: text/html\r\n'),
  coded: wire(200, { error_code: 500001, error_message: 'oh' }),
  catalog: wire(200, { models: [model, model], total: 2 }),
  model: wire(200, model),
};

/** Each call, and the kinds of answer it has: never anything else, and never a throw. */
const CALLS: Readonly<
  Record<string, readonly [(service: Service, signal: AbortSignal) => Promise<{ kind: string }>, RegExp]>
> = {
  submit: [(service) => service.submit(MODEL, { prompt: 'a' }), /^(accepted|refused|not-sent|unknown)$/],
  result: [(service, signal) => service.result('r-1', signal), /^(state|forgotten|refused|unreachable)$/],
  status: [(service, signal) => service.status('r-1', signal), /^(state|forgotten|refused|unreachable)$/],
  cancel: [(service) => service.cancel('r-1'), /^(cancelled|not-cancellable|refused|unreachable)$/],
  catalog: [
    (service, signal) => service.catalog({ limit: 5 }, signal),
    /^(models|forgotten|refused|unreachable)$/,
  ],
};

const folder = mkdtempSync(join(tmpdir(), 'shotlist-answers-'));

it.each(Object.entries(CALLS))(
  'a spoilt answer to a %s is understood or reported',
  async (_name, [call, kinds]) => {
    let answer: Buffer = Buffer.alloc(0);
    const server = await startRawServer((_request, socket) => socket.end(answer));
    const property = fc.asyncProperty(spoilt(ANSWERS), async ([, bytes]) => {
      answer = bytes;
      const { service, clock } = connect(`${server.origin}/v1`, {
        timeouts: { answer: 500, submit: 500, stall: 500 },
      });
      const said = await call(service, clock.signalAfter(2));
      await service.close();
      expect(said.kind).toMatch(kinds);
      const words = JSON.stringify(said);
      expect(words.length).toBeLessThan(400_000);
      if ('message' in said) expect(String(said.message)).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
    });
    await fc.assert(property, runs(40));
    await server.close();
  },
);

it('a submission counts as accepted only after a whole answer with an id', async () => {
  let answer: Buffer = Buffer.alloc(0);
  const server = await startRawServer((_request, socket) => socket.end(answer));
  const whole = ANSWERS.accepted;
  const property = fc.asyncProperty(fc.integer({ min: 0, max: whole.length - 1 }), async (length) => {
    answer = whole.subarray(0, length);
    const { service } = connect(`${server.origin}/v1`, { timeouts: { submit: 500 } });
    expect((await service.submit(MODEL, { prompt: 'a' })).kind).toBe('unknown');
    await service.close();
  });
  await fc.assert(property, runs(30));
  await server.close();
});

it('a spoilt download becomes a file or a reason', async () => {
  let answer: Buffer = Buffer.alloc(0);
  const server = await startRawServer((_request, socket) => socket.end(answer));
  const files = {
    clip: wire(200, Buffer.alloc(500, 'clip'), 'etag: "a"\r\ncontent-type: video/mp4\r\n'),
    part: wire(206, Buffer.alloc(50, 'clip'), 'content-range: bytes 450-499/500\r\n'),
    elsewhere: wire(302, Buffer.alloc(0), 'location: https://x.runcomfy.net.example/a\r\n'),
    chunked: wire(200, chunked, 'transfer-encoding: chunked\r\n', false),
  };
  const property = fc.asyncProperty(spoilt(files), async ([, bytes]) => {
    answer = bytes;
    const { service, clock } = connect(`${server.origin}/v1`, { timeouts: { stall: 500 } });
    const said = await service.download(`${server.origin}/a`, {
      to: join(folder, 'a.mp4'),
      signal: clock.signalAfter(2),
    });
    await service.close();
    expect(said.kind).toMatch(/^(downloaded|refused|unreachable)$/);
  });
  await fc.assert(property, runs(60));
  await server.close();
});
