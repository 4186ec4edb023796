import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import { findAllowedHosts } from '../../src/runcomfy/allowed-hosts.js';
import { type RawRequest, reply } from '../rig/raw-server.js';
import { connect, pair, serve, TOKEN } from './rig.js';

const CLIP = Buffer.alloc(300_000, 'a clip, all of it. ');
const SHA256 = createHash('sha256').update(CLIP).digest('hex');
const DOWNLOADED = { kind: 'downloaded', bytes: CLIP.length, sha256: SHA256 };

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'shotlist-download-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** Answers with the head of the whole clip and only its first bytes, then hangs up. */
function cutAt(socket: Socket, bytes: number, headers = ''): void {
  socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${CLIP.length}\r\n${headers}\r\n`);
  socket.end(CLIP.subarray(0, bytes));
}

/** Answers with what the request's range asks for. */
function sendRest(request: RawRequest, socket: Socket, headers: Record<string, string> = {}): void {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1]);
  const range = `bytes ${from}-${CLIP.length - 1}/${CLIP.length}`;
  reply(socket, 206, CLIP.subarray(from), { 'content-range': range, ...headers });
}

it('downloads a clip whole, reports its hash, and leaves nothing beside it', async () => {
  const { server, service } = await pair((_request, socket) => reply(socket, 200, CLIP));
  const to = join(await folder(), 'a.mp4');
  const seen: (number | null)[][] = [];
  const onProgress = (bytes: number, total: number | null) => seen.push([bytes, total]);
  expect(await service.download(`${server.origin}/a.mp4?sig=1`, { to, onProgress })).toEqual(DOWNLOADED);
  expect((await readFile(to)).equals(CLIP)).toBe(true);
  expect(await readdir(join(to, '..'))).toEqual(['a.mp4']);
  expect(seen[0]).toEqual([0, CLIP.length]);
  expect(seen.at(-1)).toEqual([CLIP.length, CLIP.length]);
  expect(server.requests[0]?.path).toBe('/a.mp4?sig=1');
});

it('sends neither the token nor a cookie with a download', async () => {
  const { server, service } = await pair((request, socket) => {
    if (request.path === '/a') reply(socket, 302, '', { location: '/b', 'set-cookie': 'a=1' });
    else reply(socket, 200, CLIP);
  });
  await service.download(`${server.origin}/a`, { to: join(await folder(), 'a.mp4') });
  expect(server.requests).toHaveLength(2);
  expect(JSON.stringify(server.requests)).not.toContain(TOKEN);
  expect(server.requests.some(({ headers }) => 'authorization' in headers || 'cookie' in headers)).toBe(
    false,
  );
});

it('continues a download where it was cut off', async () => {
  const { server, service, clock } = await pair((request, socket, count) => {
    if (count === 1) cutAt(socket, 100_000, 'etag: "v1"\r\n');
    else sendRest(request, socket, { etag: '"v1"' });
  });
  const to = join(await folder(), 'a.mp4');
  expect(await service.download(`${server.origin}/a.mp4`, { to })).toEqual(DOWNLOADED);
  expect(server.requests[1]?.headers).toMatchObject({
    // Bytes that were not on disk when the connection broke are requested again.
    range: expect.stringMatching(/^bytes=[1-9]\d*-$/),
    'if-range': '"v1"',
  });
  expect((await readFile(to)).equals(CLIP)).toBe(true);
  expect(clock.sleeps).toHaveLength(1);
});

it('keeps the downloaded part through a fault in between', async () => {
  const { server, service } = await pair((request, socket, count) => {
    if (count === 1) cutAt(socket, 100_000, 'last-modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n');
    else if (count === 2) reply(socket, 503);
    else sendRest(request, socket);
  });
  const to = join(await folder(), 'a.mp4');
  expect(await service.download(`${server.origin}/a.mp4`, { to })).toEqual(DOWNLOADED);
  expect(server.requests[2]?.headers.range).toBe(server.requests[1]?.headers.range);
  expect(server.requests[2]?.headers.range).toMatch(/^bytes=[1-9]\d*-$/);
});

it('restarts a download when the server has no ranges or another file', async () => {
  const { server, service } = await pair((request, socket, count) => {
    if (count === 1)
      socket.end(`HTTP/1.1 200 OK\r\netag: "old"\r\ncontent-length: 900000\r\n\r\n${'x'.repeat(50_000)}`);
    else {
      expect(request.headers['if-range']).toBe('"old"');
      reply(socket, 200, CLIP, { etag: '"new"' });
    }
  });
  const to = join(await folder(), 'a.mp4');
  expect(await service.download(`${server.origin}/a.mp4`, { to })).toEqual(DOWNLOADED);
});

it('restarts a download when nothing identifies the file', async () => {
  const { server, service } = await pair((_request, socket, count) => {
    if (count === 1) cutAt(socket, 100_000, 'etag: W/"v1"\r\n');
    else reply(socket, 200, CLIP);
  });
  const to = join(await folder(), 'a.mp4');
  expect(await service.download(`${server.origin}/a.mp4`, { to })).toEqual(DOWNLOADED);
  expect(server.requests[1]?.headers.range).toBeUndefined();
});

it.each([
  ['another range than it asked for', { 'content-range': `bytes 0-${CLIP.length - 1}/${CLIP.length}` }],
  [
    'a range of another file',
    { 'content-range': `bytes 100000-${CLIP.length - 1}/${CLIP.length}`, etag: '"v2"' },
  ],
])('does not join a downloaded part with %s', async (_name, headers: Record<string, string>) => {
  const { server, service } = await pair((_request, socket, count) => {
    if (count === 1) cutAt(socket, 100_000, 'etag: "v1"\r\n');
    else if (count === 2) reply(socket, 206, Buffer.alloc(200_000, 'x'), headers);
    else reply(socket, 200, CLIP);
  });
  const to = join(await folder(), 'a.mp4');
  expect(await service.download(`${server.origin}/a.mp4`, { to })).toEqual(DOWNLOADED);
  expect(server.requests[2]?.headers.range).toBeUndefined();
});

it('restarts a download when the server’s file is shorter than the part', async () => {
  const { server, service } = await pair((_request, socket, count) => {
    if (count === 1) cutAt(socket, 100_000, 'etag: "v1"\r\n');
    else if (count === 2) reply(socket, 416, '', { 'content-range': 'bytes */10' });
    else reply(socket, 200, CLIP);
  });
  const to = join(await folder(), 'a.mp4');
  expect(await service.download(`${server.origin}/a.mp4`, { to })).toEqual(DOWNLOADED);
});

it('takes a whole file that is sent as a range without being asked for one', async () => {
  const headers = { 'content-range': `bytes 0-${CLIP.length - 1}/${CLIP.length}`, etag: '"v1"' };
  const { server, service } = await pair((_request, socket) => reply(socket, 206, CLIP, headers));
  const to = join(await folder(), 'a.mp4');
  expect(await service.download(`${server.origin}/a.mp4`, { to })).toEqual(DOWNLOADED);
});

it('does not accept a chunked download that breaks off', async () => {
  const { server, service } = await pair((_request, socket, count) => {
    if (count === 1) socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n');
    else reply(socket, 200, CLIP);
  });
  const to = join(await folder(), 'a.mp4');
  expect(await service.download(`${server.origin}/a.mp4`, { to })).toEqual(DOWNLOADED);
});

it('repeats a download in which nothing arrives any more', async () => {
  const { server, service } = await pair(
    (_request, socket, count) => {
      if (count === 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf');
      else reply(socket, 200, CLIP);
    },
    { timeouts: { stall: 60 } },
  );
  const to = join(await folder(), 'a.mp4');
  expect(await service.download(`${server.origin}/a.mp4`, { to })).toEqual(DOWNLOADED);
});

it('repeats a download until it is stopped, then leaves no file and reports the fault', async () => {
  const { server, service, clock } = await pair((_request, socket) => cutAt(socket, 1_000));
  const to = join(await folder(), 'a.mp4');
  const heard: string[] = [];
  const answer = await service.download(`${server.origin}/a.mp4`, {
    to,
    signal: clock.signalAfter(6),
    onFault: ({ message }) => heard.push(message),
  });
  expect(heard).toEqual(Array(6).fill(answer.kind === 'unreachable' && answer.message));
  expect(answer).toMatchObject({
    kind: 'unreachable',
    message: `The download from 127.0.0.1:${server.port} broke off: the connection broke.`,
  });
  expect(server.requests).toHaveLength(6);
  expect(clock.sleeps.at(-1)).toBeGreaterThan(clock.sleeps[0] ?? 0);
  expect(await readdir(join(to, '..'))).toEqual([]);
});

it('stops a download in the middle of a file', async () => {
  const stop = new AbortController();
  const { server, service } = await pair((_request, socket) => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${CLIP.length}\r\n\r\n`);
    socket.write(CLIP.subarray(0, 1_000));
  });
  const to = join(await folder(), 'a.mp4');
  const onProgress = (bytes: number) => {
    if (bytes > 0) stop.abort();
  };
  const answer = await service.download(`${server.origin}/a.mp4`, { to, signal: stop.signal, onProgress });
  expect(answer).toMatchObject({ kind: 'unreachable', code: 'aborted' });
});

it.each([404, 410, 403, 401, 400])('does not repeat a download that is answered with %d', async (status) => {
  const { server, service } = await pair((_request, socket) => reply(socket, status, 'gone'));
  const to = join(await folder(), 'a.mp4');
  expect(await service.download(`${server.origin}/a.mp4`, { to })).toMatchObject({ kind: 'refused', status });
  expect(server.requests).toHaveLength(1);
  expect(await readdir(join(to, '..'))).toEqual([]);
});

it.each([
  ['nothing', 200, '', {}, 'The result is empty.'],
  [
    'far too much',
    200,
    '',
    { 'content-length': String(3 * 1024 ** 3) },
    'The result is too large for a clip (3.0 GiB; the limit is 2).',
  ],
])('refuses a download that is %s', async (_name, status, body, headers, message) => {
  const { server, service } = await pair((_request, socket) => reply(socket, status, body, headers));
  const to = join(await folder(), 'a.mp4');
  expect(await service.download(`${server.origin}/a.mp4`, { to })).toMatchObject({
    kind: 'refused',
    message,
  });
  expect(await readdir(join(to, '..'))).toEqual([]);
});

/** Not the service's, however much some look like it. */
const ELSEWHERE = [
  'http://x.runcomfy.net/clip',
  'https://runcomfy.net/clip',
  'https://evil-runcomfy.net/clip',
  'https://x.runcomfy.net.evil.example/clip',
  'https://x.runcomfy.net@evil.example/clip',
  'https://user@x.runcomfy.net/clip',
  'https://x.xn--runcmfy-emg.net/clip',
  'https://x.runcomfy.net./clip',
  'http://169.254.169.254/latest/meta-data',
  'http://[::ffff:169.254.169.254]/latest',
  'http://[fd00:ec2::254]/latest',
  'http://0.0.0.0/clip',
  'http://127.0.0.1.evil.example/clip',
  'http://localhost.evil.example/clip',
  'http://user:pass@127.0.0.1/clip',
  'file:///etc/hostname',
  'ftp://x.runcomfy.net/clip',
  'data:video/mp4;base64,AAAA',
];

it.each(ELSEWHERE)('downloads nothing from %s, named or as the target of a redirect', async (elsewhere) => {
  const { server, service } = await pair((_request, socket) =>
    reply(socket, 302, '', { location: elsewhere }),
  );
  const to = join(await folder(), 'a.mp4');
  const message = expect.stringMatching(
    /^The result is on .*, which is not one of the service's own hosts\./,
  );
  expect(await service.download(elsewhere, { to })).toMatchObject({ kind: 'refused', message });
  expect(server.requests).toEqual([]);
  expect(await service.download(`${server.origin}/a`, { to })).toMatchObject({ kind: 'refused', message });
  expect(server.requests).toHaveLength(1);
});

it('names the whole link of a result on another host, and the flag that allows the host', async () => {
  const { server, service } = await pair((_request, socket) =>
    reply(socket, 302, '', { location: 'http://cdn.example.com:81/b.mp4?signature=x%2Fy' }),
  );
  const to = join(await folder(), 'a.mp4');
  const messageOf = async (url: string) =>
    ((await service.download(url, { to })) as { message: string }).message;
  expect(await messageOf('https://cdn.example.com/a.mp4?signature=x%2Fy')).toBe(
    "The result is on https://cdn.example.com/a.mp4?signature=x%2Fy, which is not one of the service's own hosts. If you trust it: --allow-host cdn.example.com (or SHOTLIST_ALLOW_HOST).",
  );
  expect(await messageOf(`${server.origin}/a`)).toBe(
    "The result is on http://cdn.example.com:81/b.mp4?signature=x%2Fy, which is not one of the service's own hosts. If you trust it, and the way to it, which is not encrypted: --allow-host http://cdn.example.com:81 (or SHOTLIST_ALLOW_HOST).",
  );
});

it('downloads without the token from a host that is allowed, and checks the target of its redirect too', async () => {
  const elsewhere = await serve((request, socket) => {
    if (request.path === '/moved') reply(socket, 302, '', { location: 'https://other.example.com/a.mp4' });
    else reply(socket, 200, CLIP);
  });
  const found = findAllowedHosts([elsewhere.origin], {});
  if (found.kind === 'invalid') throw new Error(found.message);
  // The API is not on this machine, so this machine is another host.
  const { service } = connect('https://model-api.runcomfy.net/v1', { allowedHosts: found.hosts });
  const to = join(await folder(), 'a.mp4');
  expect(await service.download(`${elsewhere.origin}/a.mp4`, { to })).toMatchObject({ kind: 'downloaded' });
  expect(JSON.stringify(elsewhere.requests)).not.toContain(TOKEN);
  expect(await service.checkDownload(`${elsewhere.origin}/a.mp4`)).toMatchObject({ kind: 'available' });
  expect(await service.download(`${elsewhere.origin}/moved`, { to })).toMatchObject({
    kind: 'refused',
    message: expect.stringContaining('The result is on https://other.example.com/a.mp4,'),
  });
});

it('quotes the host of a redirect shortened and without the token', async () => {
  const { server, service } = await pair((_request, socket) =>
    reply(socket, 302, '', { location: `gopher://${TOKEN}${'x'.repeat(9_000)}/` }),
  );
  const to = join(await folder(), 'a.mp4');
  const { message } = (await service.download(`${server.origin}/a`, { to })) as { message: string };
  expect(message).toMatch(/^The result is on gopher:\/\/\[token\]x+/);
  expect(message.length).toBeLessThan(400);
});

it('follows five redirects of a download and not a sixth', async () => {
  const { server, service } = await pair((request, socket) => {
    const left = Number(request.path.slice(1));
    if (left === 0) reply(socket, 200, CLIP);
    else reply(socket, 302, '', { location: `/${left - 1}` });
  });
  const to = join(await folder(), 'a.mp4');
  expect((await service.download(`${server.origin}/5`, { to })).kind).toBe('downloaded');
  expect((await service.download(`${server.origin}/6`, { to })).kind).toBe('refused');
});

it.each(['not a url', ''])('sends nothing for a download from %j', async (url) => {
  const { service } = await pair(() => {});
  const to = join(await folder(), 'a.mp4');
  expect((await service.download(url, { to })).kind).toBe('refused');
});

it('downloads nothing from this machine when the API is elsewhere', async () => {
  const server = await serve((_request, socket) => reply(socket, 200, CLIP));
  const { service } = connect('https://model-api.runcomfy.net/v1');
  const to = join(await folder(), 'a.mp4');
  expect((await service.download(`${server.origin}/a`, { to })).kind).toBe('refused');
  expect(server.connections()).toBe(0);
});

it('reports a missing folder and downloads nothing', async () => {
  const { server, service } = await pair((_request, socket) => reply(socket, 200, CLIP));
  const to = join(await folder(), 'missing', 'a.mp4');
  expect(await service.download(`${server.origin}/a`, { to })).toEqual({
    kind: 'cannot-write',
    code: 'ENOENT',
    message: `Cannot write ${to}: its folder is not there any more.`,
  });
  expect(server.connections()).toBe(0);
});

it('reports a folder in the clip’s place and downloads nothing', async () => {
  const { server, service } = await pair((_request, socket) => reply(socket, 200, CLIP));
  const to = join(await folder(), 'a.mp4');
  await mkdir(to);
  expect(await service.download(`${server.origin}/a`, { to })).toEqual({
    kind: 'in-the-way',
    message: `There is a folder in its place, ${to}; move it away, then run the same command again.`,
  });
  expect(server.connections()).toBe(0);
  expect(await readdir(join(to, '..'))).toEqual(['a.mp4']);
});

it.skipIf(process.platform === 'win32')('does not write a download through a link in its place', async () => {
  const { server, service } = await pair((_request, socket) => reply(socket, 200, CLIP));
  const path = await folder();
  await writeFile(join(path, 'precious'), 'precious');
  await symlink('precious', join(path, 'a.mp4.part'));
  expect(await service.download(`${server.origin}/a`, { to: join(path, 'a.mp4') })).toEqual(DOWNLOADED);
  expect(await readFile(join(path, 'precious'), 'utf8')).toBe('precious');
});

it('overwrites a part file that an earlier process left', async () => {
  const { server, service } = await pair((_request, socket) => reply(socket, 200, CLIP));
  const to = join(await folder(), 'a.mp4');
  await writeFile(`${to}.part`, Buffer.alloc(900_000));
  expect(await service.download(`${server.origin}/a`, { to })).toEqual(DOWNLOADED);
  expect((await readFile(to)).equals(CLIP)).toBe(true);
});

it('keeps the present clip when the new one is not accepted', async () => {
  const { server, service } = await pair((_request, socket) => reply(socket, 200, CLIP));
  const to = join(await folder(), 'a.mp4');
  await writeFile(to, 'what was there');
  const seen: Buffer[] = [];
  const accept = async (path: string) => {
    seen.push(await readFile(path));
    return null;
  };
  expect(await service.download(`${server.origin}/a`, { to, accept })).toEqual({ kind: 'not-accepted' });
  expect(seen).toEqual([CLIP]);
  expect(await readFile(to, 'utf8')).toBe('what was there');
  expect(await readdir(join(to, '..'))).toEqual(['a.mp4']);
});

it.each([
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['br', brotliCompressSync],
  ['gzip, br', (bytes: Buffer) => brotliCompressSync(gzipSync(bytes))],
  // A label that is left from an upload, or wrong.
  ['aws-chunked', (bytes: Buffer) => bytes],
  ['gzip', (bytes: Buffer) => bytes],
  ['br', (bytes: Buffer) => bytes],
])('unpacks a download that is sent as %s', async (encoding, pack) => {
  const { server, service } = await pair((_request, socket) =>
    reply(socket, 200, pack(CLIP), { 'content-encoding': encoding, etag: '"v1"' }),
  );
  const to = join(await folder(), 'a.mp4');
  expect(await service.download(`${server.origin}/a.mp4`, { to })).toEqual(DOWNLOADED);
  expect((await readFile(to)).equals(CLIP)).toBe(true);
  expect(await readdir(join(to, '..'))).toEqual(['a.mp4']);
  expect(await service.checkDownload(`${server.origin}/a.mp4`)).toEqual({ kind: 'available', bytes: null });
});

it('continues a packed download by its packed length', async () => {
  const noise = Buffer.from(Array.from({ length: 90_000 }, (_, index) => (index * index * 31) % 251));
  const packed = gzipSync(noise);
  const headers = `content-encoding: gzip\r\netag: "v1"\r\ncontent-length: ${packed.length}\r\n`;
  const { server, service } = await pair((request, socket, count) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (count === 1) {
      socket.write(`HTTP/1.1 200 OK\r\n${headers}\r\n`);
      socket.end(packed.subarray(0, packed.length / 2));
    } else
      reply(socket, 206, packed.subarray(from), {
        'content-encoding': 'gzip',
        'content-range': `bytes ${from}-${packed.length - 1}/${packed.length}`,
      });
  });
  const to = join(await folder(), 'a.mp4');
  expect(await service.download(`${server.origin}/a.mp4`, { to })).toMatchObject({ bytes: noise.length });
  expect((await readFile(to)).equals(noise)).toBe(true);
  expect(server.requests[1]?.headers.range).toMatch(/^bytes=[1-9]\d*-$/);
});
