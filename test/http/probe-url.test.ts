import type { Socket } from 'node:net';
import { Agent } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ProbeAnswer, probeUrl, publicLookup } from '../../src/http/probe-url.js';
import { type RawRequest, reply, type Script } from '../rig/raw-server.js';
import { serve } from '../runcomfy/rig.js';

const PNG = { 'content-type': 'image/png', 'content-length': '1234' };

/** Only the head; a HEAD has no body, whatever length it names. */
function head(socket: Socket, status: number, headers: Record<string, string> = {}): void {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 ${status} Scripted\r\n${lines.join('')}\r\n`);
}

async function probe(
  script: Script,
  path = '/board.png',
): Promise<{ probed: ProbeAnswer; asked: readonly RawRequest[] }> {
  const server = await serve(script);
  const dispatcher = new Agent();
  onTestFinished(() => dispatcher.destroy());
  const probed = await probeUrl(server.origin + path, {
    dispatcher,
    userAgent: 'test',
    timeout: 2000,
    obstacle: (url) => (url.startsWith(server.origin) ? null : 'it is elsewhere'),
  });
  return { probed, asked: server.requests };
}

describe('asking a server about a file', () => {
  it('takes type and length of a file from HEAD alone when both are there', async () => {
    const { probed, asked } = await probe((_request, socket) =>
      head(socket, 200, { ...PNG, 'content-type': 'Image/PNG; charset=binary' }),
    );
    expect(probed).toEqual({ kind: 'file', type: 'image/png', bytes: 1234 });
    expect(asked.map(({ method }) => method)).toEqual(['HEAD']);
    expect(asked[0]?.headers.authorization).toBeUndefined();
  });

  it.each([403, 405, 501, 404])(
    'requests the first byte of a file when HEAD is answered with %d',
    async (status) => {
      const { probed, asked } = await probe(({ method }, socket) => {
        if (method === 'HEAD') return head(socket, status, { 'content-length': '0' });
        reply(socket, 206, 'x', { 'content-type': 'image/webp', 'content-range': 'bytes 0-0/987654' });
      });
      expect(probed).toEqual({ kind: 'file', type: 'image/webp', bytes: 987654 });
      expect(asked[1]?.headers.range).toBe('bytes=0-0');
    },
  );

  it('stops reading from a server that ignores the range', async () => {
    const { probed } = await probe(({ method }, socket) => {
      if (method === 'HEAD') return head(socket, 200, { 'content-type': 'image/png' });
      // Announced, and never sent.
      head(socket, 200, { 'content-type': 'image/png', 'content-length': '60000000' });
    });
    expect(probed).toEqual({ kind: 'file', type: 'image/png', bytes: 60_000_000 });
  });

  it('reports null for a type and a length that the server does not give', async () => {
    const { probed } = await probe((_request, socket) => head(socket, 200, { 'content-type': 'what?' }));
    expect(probed).toEqual({ kind: 'file', type: null, bytes: null });
  });

  it('recognises an empty file', async () => {
    const { probed } = await probe(({ method }, socket) =>
      method === 'HEAD'
        ? head(socket, 405)
        : head(socket, 416, { 'content-range': 'bytes */0', 'content-length': '0' }),
    );
    expect(probed).toMatchObject({ kind: 'file', bytes: 0 });
  });

  it.each([401, 403, 404, 410, 429, 500])('reports the refusal of a file with %d', async (status) => {
    const { probed } = await probe((_request, socket) => head(socket, status, { 'content-length': '0' }));
    expect(probed).toEqual({ kind: 'refused', status });
  });

  it('follows five redirects to a file and not a sixth', async () => {
    const chain = (last: number) => (request: RawRequest, socket: Socket) => {
      const hop = Number(request.path.slice(1));
      if (hop < last) return head(socket, 302, { location: `/${hop + 1}`, 'content-length': '0' });
      head(socket, 200, PNG);
    };
    expect((await probe(chain(5), '/0')).probed).toMatchObject({ kind: 'file' });
    const { probed } = await probe(chain(6), '/0');
    expect(probed).toMatchObject({ kind: 'redirected', why: 'that is one redirect too many' });
  });

  it('does not follow a redirect to a forbidden place', async () => {
    const { probed, asked } = await probe((_request, socket) =>
      head(socket, 301, { location: 'http://192.168.0.1/admin', 'content-length': '0' }),
    );
    expect(probed).toEqual({ kind: 'redirected', to: 'http://192.168.0.1/admin', why: 'it is elsewhere' });
    expect(asked).toHaveLength(1);
  });

  it('reports a server that breaks off or does not speak HTTP as unreachable', async () => {
    const broken = await probe((_request, socket) => socket.destroy());
    expect(broken.probed).toMatchObject({ kind: 'unreachable', isPrivate: false });
    const strange = await probe((_request, socket) => socket.end('hello'));
    expect(strange.probed).toMatchObject({ kind: 'unreachable' });
  });

  it('stops waiting for a server that does not answer in time', async () => {
    const server = await serve(() => {});
    const dispatcher = new Agent();
    onTestFinished(() => dispatcher.destroy());
    const probed = await probeUrl(server.origin, {
      dispatcher,
      userAgent: 'test',
      timeout: 20,
      obstacle: () => null,
    });
    expect(probed).toEqual({ kind: 'unreachable', why: 'it took too long', isPrivate: false });
  });

  it('does not connect to a private address behind a public name', async () => {
    const server = await serve((_request, socket) => head(socket, 200, PNG));
    const dispatcher = new Agent({ connect: { lookup: publicLookup } });
    onTestFinished(() => dispatcher.destroy());
    const url = `http://localhost:${server.port}/board.png`;
    const probed = await probeUrl(url, {
      dispatcher,
      userAgent: 'test',
      timeout: 2000,
      obstacle: () => null,
    });
    expect(probed).toEqual({
      kind: 'unreachable',
      why: 'its name leads to a private address',
      isPrivate: true,
    });
    expect(server.connections()).toBe(0);
  });
});
