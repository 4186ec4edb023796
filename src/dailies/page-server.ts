import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { contentPolicy, pageHtml, pageJson } from './page.js';
import type { PageData, PageServer } from './page-data.js';
import { refusalOf } from './page-guard.js';
import { sendFile } from './send-file.js';

/** What a page server shows and where choices go. */
export interface PageSource {
  /** The page as it is now, and the files it names by the address it names them by. */
  readonly read: () => Promise<ServedPage>;
  /** Carries a choice out; the message says what became of it. The choice is not checked yet. */
  readonly edit: (choice: unknown) => Promise<{ readonly ok: boolean; readonly message: string }>;
}

export interface ServedPage {
  readonly data: PageData;
  /** Absolute paths. */
  readonly files: ReadonlyMap<string, string>;
}

/** Where the page finds things, relative to itself. */
const PATHS: PageServer = { data: 'data', choices: 'choices' };

/** Longest choice taken, bytes. */
const LONGEST = 65_536;

/** Serves a dailies page at `/<token>/`, not yet listening; to nobody but that page itself. */
export function pageServer(source: PageSource, token: string): Server {
  const server = createServer((request, response) => {
    response.on('error', () => {});
    answer(source, { request, response, token }).catch(() => {
      if (!response.headersSent) send(response, 500, { type: 'text/plain', body: 'It cannot be read now.' });
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

async function answer(source: PageSource, { request, response, token }: Exchange): Promise<void> {
  const [, given = '', ...rest] = (request.url ?? '').replace(/[?#].*$/s, '').split('/');
  const port = request.socket.localPort ?? 0;
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  const refusal = refusalOf(request, { port, token, given });
  if (refusal !== null) return send(response, refusal, { type: 'text/plain', body: '' });
  const path = rest.join('/');
  if (request.method === 'POST') {
    return path === PATHS.choices ? takeChoice(source, request, response) : send(response, 404, NOTHING);
  }
  if (path === '') return sendPage(source, response);
  if (path === PATHS.data) return sendData(source, request, response);
  const { files } = await source.read();
  const file = files.get(path);
  return file === undefined ? send(response, 404, NOTHING) : sendFile(request, response, file);
}

const NOTHING = { type: 'text/plain', body: '' };

/** The page is nobody else's to frame, to read or to be told where it is. */
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
  send(response, 200, { type: 'text/html; charset=utf-8', body: pageHtml(data, PATHS) });
}

async function sendData(
  source: PageSource,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { data } = await source.read();
  // When it was gathered is no news.
  const tag = `"${createHash('sha256')
    .update(pageJson({ ...data, made: '' }))
    .digest('hex')
    .slice(0, 32)}"`;
  response.setHeader('etag', tag);
  if (request.headers['if-none-match'] === tag) return send(response, 304, { type: 'text/plain', body: '' });
  send(response, 200, { type: 'application/json', body: pageJson(data) });
}

async function takeChoice(
  source: PageSource,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const choice = await bodyOf(request);
  if (choice === undefined) return send(response, 400, NOTHING);
  const { ok, message } = await source.edit(choice);
  const { data } = await source.read();
  const body = `{"ok":${ok},"message":${JSON.stringify(message)},"data":${pageJson(data)}}`;
  // A choice that is refused was still answered: browsers count other statuses among the page's errors.
  send(response, 200, { type: 'application/json', body });
}

/** The JSON of a request's body; undefined where it is none, or too long. */
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += (chunk as Buffer).length;
    if (length > LONGEST) return undefined;
    chunks.push(chunk as Buffer);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}

function send(
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
