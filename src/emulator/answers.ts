import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Json } from '../base/json.js';

/** Answer of the API: JSON. */
export interface Answer {
  readonly status: number;
  readonly body: Json;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answer with status 200. */
export function okAnswer(body: Json): Answer {
  return { status: 200, body };
}

/** A wrong field, as the answer 422 lists it. */
export interface FieldProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/**
 * Codes of the Model API (its page model-apis/error-codes). They begin with an HTTP status, with which they are sent here: the page
 * does not say.
 */
export const CODE = { unknownModel: 400001, noBalance: 400002, badToken: 400004, otherUser: 403001 } as const;

/**
 * Error answer of RunComfy's API, as its public clients show it: `error_code`, `message`, `detail`. Without a known code, the
 * code is the HTTP status and three digits, as in 404001, 422001 and 500001.
 */
export function errorAnswer(
  status: number,
  message: string,
  extra: Pick<Partial<Answer>, 'headers'> & { readonly code?: number; readonly detail?: Json } = {},
): Answer {
  // 400001 is an unknown model.
  const code = extra.code ?? status * 1000 + (status === 400 ? 0 : 1);
  return {
    status,
    headers: extra.headers,
    body: { error_code: code, message, detail: extra.detail ?? message },
  };
}

/** Error answer with a code of the Model API. */
export function codedAnswer(code: number, message: string): Answer {
  return errorAnswer(Math.floor(code / 1000), message, { code });
}

/** Answer to an emulated internal error. */
export const INTERNAL_ERROR = errorAnswer(500, 'Internal error (an emulated fault).');

/** Answer 422001: the input breaks the rules of the model. */
export function rejectedAnswer(problems: readonly FieldProblem[]): Answer {
  const detail = problems.map(({ path, message }) => ({
    loc: ['body', ...path],
    msg: message,
    type: 'value_error',
  }));
  const first = problems[0];
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  const field = first && first.path.length > 0 ? `${first.path.join('.')}: ` : '';
  return errorAnswer(422, `${field}${first?.message ?? 'the input is not valid'}${more}`, { detail });
}

/** Sends an answer, unless the connection is closed. */
export function sendAnswer(response: ServerResponse, answer: Answer): void {
  if (response.headersSent || response.destroyed) return;
  const text = Buffer.from(JSON.stringify(answer.body));
  response.writeHead(answer.status, {
    'content-type': 'application/json',
    'content-length': text.length,
    'cache-control': 'no-store',
    ...answer.headers,
  });
  response.end(text);
}

/** Closes a connection without an answer, as a crashing proxy does. */
export function closeConnection(request: IncomingMessage): void {
  request.socket.destroy();
}

/** Largest request, bytes: RunComfy's own clients stay below 64 MiB. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Bytes after which the connection is closed; below that, a client that sends too much can still read its 413. */
const MOST_READ_BYTES = 4 * MOST_BYTES;

const TOO_LARGE = errorAnswer(413, `The request is larger than ${MOST_BYTES / 1024 / 1024} MiB.`, {
  headers: { connection: 'close' },
});

/** JSON of a request, or the answer that refuses it. */
export type Body =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly answer: Answer };

/** Answer 413 if the headers announce a body that is too large, else null. */
export function refuseTooLarge(request: IncomingMessage): Answer | null {
  return Number(request.headers['content-length'] ?? 0) > MOST_BYTES ? TOO_LARGE : null;
}

/** Reads the JSON of a request, with or without a Content-Length. Rejects if the connection breaks. */
export async function readJson(request: IncomingMessage): Promise<Body> {
  const type = request.headers['content-type'];
  // A missing type counts as JSON; a form, the default of curl, is a mistake worth naming.
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
  return { ok: false, answer: errorAnswer(status, message) };
}

/** Body of a request; null if it is too large. */
async function readBytes(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MOST_BYTES) chunks.push(chunk);
    else chunks.length = 0;
    if (size > MOST_READ_BYTES) request.socket.destroy();
  }
  return size > MOST_BYTES ? null : Buffer.concat(chunks);
}
