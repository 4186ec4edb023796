import type { IncomingMessage } from 'node:http';
import type { Json } from '../base/json.js';
import { type Answer, problem } from './answers.js';

/** RunComfy's own clients keep a request under 64 MiB (api.md, O). */
export const MOST_BYTES = 64 * 1024 * 1024;

/** A client that goes on sending is heard out this far, so that it can read its 413, then cut off. */
const HEARD_OUT_BYTES = 4 * MOST_BYTES;

const TOO_LARGE = problem(413, `The request is larger than ${MOST_BYTES / 1024 / 1024} MiB.`, {
  headers: { connection: 'close' },
});

export type Body =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly answer: Answer };

/** Whether the head alone says that the body is too large. */
export function isAnnouncedTooLarge(request: IncomingMessage): Answer | null {
  return Number(request.headers['content-length'] ?? 0) > MOST_BYTES ? TOO_LARGE : null;
}

/** The JSON a request carries, with or without a Content-Length. Rejects when the client goes away. */
export async function readJson(request: IncomingMessage): Promise<Body> {
  const type = request.headers['content-type'];
  // Nothing said is taken for JSON; curl's default, a form, is a mistake worth naming.
  const isJson = type === undefined || /^[^;]*json\s*(;|$)/i.test(type);
  const encoded = request.headers['content-encoding'] ?? 'identity';
  const bytes = await readBytes(request);
  if (!bytes) return { ok: false, answer: TOO_LARGE };
  if (!isJson) return refuse(415, `The body is ${type}; send application/json.`);
  if (encoded !== 'identity') return refuse(415, `The body is encoded (${encoded}); send it plain.`);
  try {
    return { ok: true, value: JSON.parse(bytes.toString('utf8')) as Json };
  } catch {
    return refuse(400, 'The body is not valid JSON.');
  }
}

function refuse(status: number, message: string): Body {
  return { ok: false, answer: problem(status, message) };
}

/** The whole body, or null when it is too large. */
async function readBytes(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MOST_BYTES) chunks.push(chunk);
    else chunks.length = 0;
    if (size > HEARD_OUT_BYTES) request.socket.destroy();
  }
  return size > MOST_BYTES ? null : Buffer.concat(chunks);
}
