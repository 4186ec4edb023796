import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** Media types by file extension; no other file is sent. */
const TYPES: Readonly<Record<string, string>> = {
  '.mp4': 'video/mp4',
  '.mov': 'video/quicktime',
  '.webm': 'video/webm',
  '.mkv': 'video/x-matroska',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.bmp': 'image/bmp',
};

/**
 * Sends a picture or a video, or one requested range of it (RFC 9110), which players need to seek. Answers 404 for a
 * missing file and for any other type.
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
  const range = requestedRange(request.headers.range, found.size);
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
  // The browser may disconnect at any time, and the file may be replaced.
  await pipeline(createReadStream(path, { start: from, end: to }), response).catch(() => response.destroy());
}

/** Range of a file, bytes. */
interface Range {
  readonly from: number;
  /** Inclusive. */
  readonly to: number;
}

/** Range that a header requests; null for the whole file, `none` for a range outside the file. */
function requestedRange(header: string | undefined, size: number): Range | 'none' | null {
  const [, start = '', stop = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (start === '' && stop === '') return null;
  const from = start === '' ? Math.max(0, size - Number(stop)) : Number(start);
  const to = start === '' || stop === '' ? size - 1 : Math.min(Number(stop), size - 1);
  return from > to || from >= size ? 'none' : { from, to };
}

function end(response: ServerResponse, status: number, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, headers).end();
}
