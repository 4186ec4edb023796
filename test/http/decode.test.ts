import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { decode } from '../../src/http/content-coding.js';
import { reply } from '../rig/raw-server.js';
import { MODEL, pair } from '../runcomfy/rig.js';

const TEXT = '{"request_id":"r-1","message":"größer"}';
const LIMIT = 1_000;

it.each([
  ['as it is', undefined, Buffer.from(TEXT)],
  ['as it is, and says so', 'identity', Buffer.from(TEXT)],
  ['with a byte order mark', undefined, Buffer.from(`\ufeff${TEXT}`)],
  ['with gzip', 'gzip', gzipSync(TEXT)],
  ['with gzip under its old name', 'X-GZip', gzipSync(TEXT)],
  ['with deflate', 'deflate', deflateSync(TEXT)],
  ['with bare deflate', 'deflate', deflateRawSync(TEXT)],
  ['with Brotli', 'br', brotliCompressSync(TEXT)],
  ['twice', 'deflate, gzip', gzipSync(deflateSync(TEXT))],
  ['with gzip and a byte order mark', 'gzip', gzipSync(`\ufeff${TEXT}`)],
])('decodes a body that is sent %s', async (_name, encoding, body) => {
  expect(await decode(body, { encoding, limit: LIMIT })).toBe(TEXT);
});

it.each([
  ['unpacks to more than the limit', 'gzip', gzipSync('x'.repeat(LIMIT + 1))],
  ['unpacks to more than the limit on the way', 'br, gzip', gzipSync(gzipSync('x'.repeat(9_000_000)))],
  ['is cut off', 'gzip', gzipSync(TEXT).subarray(0, -9)],
  ['is not what it says', 'br', Buffer.from(TEXT)],
  ['is packed in an unknown way', 'constructor', Buffer.from(TEXT)],
  ['is packed again and again', 'gzip, gzip, gzip', gzipSync(gzipSync(gzipSync(TEXT)))],
])('refuses a body that %s', async (_name, encoding, body) => {
  await expect(decode(body, { encoding, limit: LIMIT })).rejects.toThrow();
});

it.each([
  ['gzip', gzipSync(TEXT)],
  ['br', brotliCompressSync(TEXT)],
])('reads an accepted submission from an answer packed with %s', async (encoding, body) => {
  const { service } = await pair((_request, socket) =>
    reply(socket, 200, body, { 'content-encoding': encoding }),
  );
  expect(await service.submit(MODEL, {})).toEqual({ kind: 'accepted', requestId: 'r-1' });
});

it('reads an accepted submission from an answer with a byte order mark', async () => {
  const { service } = await pair((_request, socket) => reply(socket, 200, `\ufeff${TEXT}`));
  expect(await service.submit(MODEL, {})).toEqual({ kind: 'accepted', requestId: 'r-1' });
});
