import { createHash } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { pair } from './rig.js';

/** Far more than the buffers of a connection hold, so that the sender is always ahead of the reader. */
const CLIP = Buffer.alloc(20_000_000, 'a long clip, sent as fast as it goes. ');
const SHA256 = createHash('sha256').update(CLIP).digest('hex');

type Send = (socket: Socket, body: Buffer) => void;

/** All the ways in which a body can end with its connection, or close to it. */
const FRAMINGS: readonly (readonly [string, Send])[] = [
  [
    'a length, then close',
    (socket, body) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n`);
      socket.end(body);
    },
  ],
  [
    'a length, then close unannounced',
    (socket, body) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n`);
      socket.end(body);
    },
  ],
  [
    'no length',
    (socket, body) => {
      socket.write('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n');
      socket.end(body);
    },
  ],
  [
    'HTTP/1.0',
    (socket, body) => {
      socket.write(`HTTP/1.0 200 OK\r\ncontent-length: ${body.length}\r\n\r\n`);
      socket.end(body);
    },
  ],
  [
    'HTTP/1.0 without a length',
    (socket, body) => {
      socket.write('HTTP/1.0 200 OK\r\n\r\n');
      socket.end(body);
    },
  ],
  [
    'chunks, then close',
    (socket, body) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n');
      for (let at = 0; at < body.length; at += 100_000) {
        const chunk = body.subarray(at, at + 100_000);
        socket.write(`${chunk.length.toString(16)}\r\n`);
        socket.write(chunk);
        socket.write('\r\n');
      }
      socket.end('0\r\n\r\n');
    },
  ],
];

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'shotlist-long-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** Delays each write, as a slow disk does. */
function stall(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

it.each(FRAMINGS)('writes a long clip to a slow disk when its body is sent with %s', async (_name, send) => {
  const { server, service } = await pair((_request, socket) => send(socket, CLIP));
  const to = join(await folder(), 'a.mp4');
  const onProgress = () => stall(1);
  const answer = await service.download(`${server.origin}/a.mp4`, { to, onProgress });
  expect(answer).toEqual({ kind: 'downloaded', bytes: CLIP.length, sha256: SHA256 });
  expect((await stat(to)).size).toBe(CLIP.length);
  expect(server.requests).toHaveLength(1);
});

it('continues the download of a long clip that is cut off before its announced end', async () => {
  const { server, service } = await pair((_request, socket, count) => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${CLIP.length}\r\nconnection: close\r\n\r\n`);
    socket.end(count === 1 ? CLIP.subarray(0, 7_000_000) : CLIP);
  });
  const to = join(await folder(), 'a.mp4');
  const answer = await service.download(`${server.origin}/a.mp4`, { to, onProgress: () => stall(1) });
  expect(answer).toEqual({ kind: 'downloaded', bytes: CLIP.length, sha256: SHA256 });
  expect(server.requests).toHaveLength(2);
});

it.each(FRAMINGS)('reads a long JSON answer when its body is sent with %s', async (_name, send) => {
  const answer = Buffer.from(JSON.stringify({ status: 'in_queue', padding: 'x'.repeat(12_000_000) }));
  const { service, clock } = await pair((_request, socket) => send(socket, answer));
  expect((await service.result('r-1')).kind).toBe('state');
  expect(clock.sleeps).toEqual([]);
});
