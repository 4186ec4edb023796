import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { errorAnswer, sendAnswer } from './answers.js';
import type { FaultName } from './faults.js';

/** A clip to serve. */
export interface Clip {
  /** Absolute path. */
  readonly path: string;
  /** Id of the content, which never changes; part of the ETag. */
  readonly id: string;
  /** Fault of this download; null for none. */
  readonly fault: FaultName | null;
}

/** Answers GET and HEAD for a clip, whole or in part (RFC 9110: Range, If-Range, If-None-Match). */
export async function serveClip(
  request: IncomingMessage,
  response: ServerResponse,
  clip: Clip,
): Promise<void> {
  const file = await stat(clip.path).catch(() => null);
  if (!file?.isFile()) return sendAnswer(response, errorAnswer(404, 'There is no such file.'));
  const etag = `"${clip.id}-${file.size}"`;
  const headers = {
    'content-type': 'video/mp4',
    'accept-ranges': 'bytes',
    etag,
    'last-modified': file.mtime.toUTCString(),
  };
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304, headers).end();
    return;
  }
  const range = wantedRange(request, etag, file.size);
  if (range === 'none') {
    const answer = errorAnswer(416, 'The file has no such part.', {
      headers: { 'content-range': `bytes */${file.size}` },
    });
    return sendAnswer(response, answer);
  }
  const { from, to } = range ?? { from: 0, to: file.size - 1 };
  const length = to - from + 1;
  response.writeHead(range ? 206 : 200, {
    ...headers,
    'content-length': clip.fault === 'wrong-length' ? length + 1000 : length,
    ...(range ? { 'content-range': `bytes ${from}-${to}/${file.size}` } : {}),
  });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const isCut = clip.fault === 'cut-download' || clip.fault === 'wrong-length';
  const last = clip.fault === 'cut-download' ? from + Math.floor(length / 2) - 1 : to;
  // A client may close the connection at any time.
  await pipeline(createReadStream(clip.path, { start: from, end: Math.max(from, last) }), response, {
    end: !isCut,
  }).catch(() => response.destroy());
  // The bytes are sent first: the fault is a file that breaks off, not a connection that was never made.
  if (isCut) request.socket.destroySoon();
}

/** Range of the request; null for the whole file, `none` if the file has no such range. Several ranges count as the whole file. */
function wantedRange(
  request: IncomingMessage,
  etag: string,
  size: number,
): { readonly from: number; readonly to: number } | null | 'none' {
  const asked = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '');
  const condition = request.headers['if-range'];
  if (!asked || (asked[1] === '' && asked[2] === '') || (condition !== undefined && condition !== etag))
    return null;
  const [, first = '', last = ''] = asked;
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'none' : { from: size - length, to: size - 1 };
  }
  const from = Number(first);
  const to = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  return from >= size || from > to ? 'none' : { from, to };
}
