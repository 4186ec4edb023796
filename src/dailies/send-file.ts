import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** What a page may show, by the end of its name; nothing else is sent. */
const TYPES: Readonly<Record<string, string>> = {
  '.mp4': 'video/mp4',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.bmp': 'image/bmp',
};

/**
 * Sends a picture or a video, or the range of it that was asked for (RFC 9110, one range); a player asks for ranges to
 * go to a place in a clip. Anything else, and what is not there, is a 404.
 */
export async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  const type = TYPES[extname(path).toLowerCase()];
  const found = await stat(path).catch(() => null);
  if (type === undefined || !found?.isFile()) return end(response, 404);
  const tag = `"${found.size.toString(36)}-${Math.round(found.mtimeMs).toString(36)}"`;
  const headers = { 'content-type': type, 'accept-ranges': 'bytes', etag: tag, 'cache-control': 'no-cache' };
  if (request.headers['if-none-match'] === tag) return end(response, 304, headers);
  const range = rangeOf(request.headers.range, found.size);
  if (range === 'none') {
    return end(response, 416, { ...headers, 'content-range': `bytes */${found.size}` });
  }
  const { from, to } = range ?? { from: 0, to: found.size - 1 };
  response.writeHead(range ? 206 : 200, {
    ...headers,
    'content-length': Math.max(0, to - from + 1),
    ...(range && { 'content-range': `bytes ${from}-${to}/${found.size}` }),
  });
  if (request.method === 'HEAD' || found.size === 0) {
    response.end();
    return;
  }
  // Who looks may go away at any time, and a file may be replaced meanwhile.
  await pipeline(createReadStream(path, { start: from, end: to }), response).catch(() => response.destroy());
}

interface Range {
  readonly from: number;
  /** Inclusive. */
  readonly to: number;
}

/** The one range that a header asks for; null for all of it, `none` where nothing of it is there. */
function rangeOf(header: string | undefined, size: number): Range | 'none' | null {
  const [, start = '', stop = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (start === '' && stop === '') return null;
  const from = start === '' ? Math.max(0, size - Number(stop)) : Number(start);
  const to = start === '' || stop === '' ? size - 1 : Math.min(Number(stop), size - 1);
  return from > to || from >= size ? 'none' : { from, to };
}

function end(response: ServerResponse, status: number, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, headers).end();
}
