import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { contentPolicy, pageHtml, pageJson } from './page.js';
import type { PageData, PageServer } from './page-data.js';
import { sendFile } from './send-file.js';

/** Source of a served page, and receiver of its choices. */
export interface PageSource {
  /** Reads the page as it is now. */
  readonly read: () => Promise<ServedPage>;
  /** Writes a choice into the list; returns a message for the user. Must check the choice. */
  readonly edit: (choice: unknown) => Promise<{ readonly ok: boolean; readonly message: string }>;
}

/** Data of a page, and the files that it shows. */
export interface ServedPage {
  readonly data: PageData;
  /** Absolute paths, by their address on the page. */
  readonly files: ReadonlyMap<string, string>;
}

/** Paths relative to the page. */
const PATHS: PageServer = { data: 'data', choices: 'choices' };

/** Largest accepted request body, bytes. */
const MAX_BODY = 65_536;

/** Creates a server for a dailies page at `/<token>/`, not yet listening. It answers only requests of the page itself. */
export function pageServer(source: PageSource, token: string): Server {
  const server = createServer((request, response) => {
    response.on('error', () => {});
    answerRequest(source, { request, response, token }).catch(() => {
      if (!response.headersSent)
        respond(response, 500, { type: 'text/plain', body: 'It cannot be read now.' });
      else response.destroy();
    });
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  return server;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly token: string;
}

async function answerRequest(source: PageSource, { request, response, token }: Exchange): Promise<void> {
  const [, given = '', ...rest] = (request.url ?? '').replace(/[?#].*$/s, '').split('/');
  const port = request.socket.localPort ?? 0;
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  const refusal = refusalStatus(request, { port, token, given });
  if (refusal !== null) return respond(response, refusal, { type: 'text/plain', body: '' });
  const path = rest.join('/');
  if (request.method === 'POST') {
    return path === PATHS.choices ? answerChoice(source, request, response) : respond(response, 404, EMPTY);
  }
  if (path === '') return sendPage(source, response);
  if (path === PATHS.data) return sendData(source, request, response);
  const { files } = await source.read();
  const file = files.get(path);
  return file === undefined ? respond(response, 404, EMPTY) : sendFile(request, response, file);
}

const EMPTY = { type: 'text/plain', body: '' };

/** Headers that keep other pages from framing, reading or locating this page. */
const HEADERS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
};

async function sendPage(source: PageSource, response: ServerResponse): Promise<void> {
  const { data } = await source.read();
  response.setHeader('content-security-policy', `${contentPolicy(true)}; frame-ancestors 'none'`);
  respond(response, 200, { type: 'text/html; charset=utf-8', body: pageHtml(data, PATHS) });
}

async function sendData(
  source: PageSource,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { data } = await source.read();
  // The time of collection is not part of the tag.
  const tag = `"${createHash('sha256')
    .update(pageJson({ ...data, made: '' }))
    .digest('hex')
    .slice(0, 32)}"`;
  response.setHeader('etag', tag);
  if (request.headers['if-none-match'] === tag)
    return respond(response, 304, { type: 'text/plain', body: '' });
  respond(response, 200, { type: 'application/json', body: pageJson(data) });
}

async function answerChoice(
  source: PageSource,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const choice = await readJson(request);
  if (choice === undefined) return respond(response, 400, EMPTY);
  const { ok, message } = await source.edit(choice);
  const { data } = await source.read();
  const body = `{"ok":${ok},"message":${JSON.stringify(message)},"data":${pageJson(data)}}`;
  // A refused choice has status 200 too: browsers report other statuses as errors of the page.
  respond(response, 200, { type: 'application/json', body });
}

/** Reads the JSON body of a request; undefined if it is not JSON or too large. */
async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += (chunk as Buffer).length;
    if (length > MAX_BODY) return undefined;
    chunks.push(chunk as Buffer);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}

function respond(
  response: ServerResponse,
  status: number,
  { type, body }: { readonly type: string; readonly body: string },
): void {
  if (status === 304) {
    response.writeHead(304).end();
    return;
  }
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}

/**
 * Status to refuse a request with, or null for a request of the page itself. Such a request names this machine as host
 * (against DNS rebinding), has the token, and comes from no other page.
 */
function refusalStatus(
  { headers, method = 'GET' }: Pick<IncomingMessage, 'headers' | 'method'>,
  { port, token, given }: { readonly port: number; readonly token: string; readonly given: string },
): 403 | 404 | 405 | null {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (!hosts.includes(headers.host ?? '')) return 403;
  // A wrong token gets the same answer as a wrong path.
  if (!isSame(given, token)) return 404;
  const { origin, 'sec-fetch-site': site } = headers;
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return 403;
  if (origin !== undefined && origin !== `http://${headers.host}`) return 403;
  if (method === 'GET' || method === 'HEAD') return null;
  if (method !== 'POST') return 405;
  // A form on another page can send neither this content type nor our origin.
  return origin !== undefined && headers['content-type'] === 'application/json' ? null : 403;
}

function isSame(given: string, token: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(token)];
  return one.length === other.length && timingSafeEqual(one, other);
}
