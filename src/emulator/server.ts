import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { type Answer, cut, ok, problem, send } from './answers.js';
import { isAnnouncedTooLarge } from './body.js';
import { catalogEntry, catalogPage, categoriesPage } from './catalog-pages.js';
import { serveClip } from './clips.js';
import type { Clock } from './queue.js';
import { read, type Verb } from './read.js';
import { clipOf } from './requests.js';
import { type Desk, type Outcome, submit, unknownModel } from './submit.js';

export interface ServerOptions extends Desk {
  /** Absolute. */
  readonly folder: string;
  /** The only token accepted; null to accept any. */
  readonly token: string | null;
  readonly clock: Clock;
}

/** One HTTP exchange, taken apart. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Without slashes at its end. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly origin: string;
}

/**
 * How long an idle connection stays open: nginx's default. Node's own 5 s is just the interval at which RunComfy's
 * clients poll, so that they would often write into a connection that is being closed.
 */
const KEEP_ALIVE_MS = 75_000;

/** RunComfy's Model API on Node's HTTP server, not yet listening. */
export function apiServer(options: ServerOptions): Server {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS });
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    // The other side may go at any time, also in the middle of an answer.
    response.on('error', () => {});
    answer(options, request, response).catch((error: NodeJS.ErrnoException) => {
      // A request that broke off has nobody to answer; anything else, such as a full disk, is told.
      send(response, problem(500, `The emulator cannot go on: ${error.message}`));
    });
  };
  server.on('request', handle);
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    const refusal = isAnnouncedTooLarge(request);
    if (refusal) return send(response, refusal);
    response.writeContinue();
    handle(request, response);
  });
  server.on('clientError', (_error, socket) => {
    if (!socket.writable) return socket.destroy();
    const body = JSON.stringify(problem(400, 'This is not HTTP as the API speaks it.').body);
    socket.end(
      `HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
        `Connection: close\r\n\r\n${body}`,
    );
  });
  return server;
}

async function answer(
  options: ServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const exchange = takeApart(request, response);
  if (!exchange) return send(response, problem(400, 'The URL cannot be read.'));
  const clip = /^\/clips\/([A-Za-z0-9_-]{1,128})\.mp4$/.exec(exchange.path)?.[1];
  if (clip !== undefined) return download(options, exchange, clip);
  const outcome = authorize(options.token, request) ?? (await route(options, exchange));
  if (outcome === 'cut') return cut(request);
  if ('late' in outcome) {
    await options.clock.sleep(options.faults.slowByMs, gone(response));
    return send(response, outcome.late);
  }
  send(response, outcome);
}

function takeApart(request: IncomingMessage, response: ServerResponse): Exchange | null {
  const { localAddress, localPort } = request.socket;
  // Clients are told URLs under the name they came by.
  const host = request.headers.host;
  const origin = `http://${host && /^[\w.:[\]-]+$/.test(host) ? host : `${localAddress}:${localPort}`}`;
  try {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const path = decodeURIComponent(url.pathname).replace(/\/+$/, '');
    return { request, response, path, query: url.searchParams, origin };
  } catch {
    return null;
  }
}

/** Files are public, as the service's are; the API is not. */
function authorize(token: string | null, request: IncomingMessage): Answer | null {
  const given = /^Bearer +(\S.*)$/i.exec(request.headers.authorization ?? '')?.[1]?.trim();
  if (given === undefined) return problem(401, 'Send your API token as "Authorization: Bearer <token>".');
  return token === null || given === token ? null : problem(401, 'The API token is not valid.');
}

async function route(options: ServerOptions, exchange: Exchange): Promise<Outcome> {
  const { request, path, query, origin } = exchange;
  const about = /^\/v1\/requests\/([^/]+)\/(status|result|cancel)$/.exec(path);
  if (about) {
    const [, id = '', verb] = about as unknown as [string, string, Verb];
    return (
      only(request, verb === 'cancel' ? ['POST'] : ['GET', 'HEAD']) ??
      (await read(options, { verb, id, origin, query }))
    );
  }
  if (path === '/v1/models') return only(request, ['GET', 'HEAD']) ?? ok(catalogPage(options.catalog, query));
  if (path === '/v1/models/categories') return only(request, ['GET', 'HEAD']) ?? ok(categoriesPage());
  const modelId = /^\/v1\/models\/(.+)$/.exec(path)?.[1];
  if (modelId === undefined) return problem(404, `There is nothing at ${path || '/'}; the API is under /v1.`);
  if (request.method === 'POST') return submit(options, { modelId, request, origin });
  const wrong = only(request, ['GET', 'HEAD', 'POST']);
  if (wrong) return wrong;
  const model = options.catalog.find(modelId);
  return model?.id === modelId ? ok(catalogEntry(model)) : unknownModel(modelId);
}

function only(request: IncomingMessage, methods: readonly string[]): Answer | null {
  if (methods.includes(request.method ?? '')) return null;
  const allow = methods.join(', ');
  return problem(405, `${request.method} is not possible here; ${allow} is.`, { headers: { allow } });
}

async function download(options: ServerOptions, exchange: Exchange, id: string): Promise<void> {
  const { request, response } = exchange;
  const wrong = only(request, ['GET', 'HEAD']);
  if (wrong) return send(response, wrong);
  const known = options.requests.get(id);
  if (known?.status !== 'completed') return send(response, problem(404, 'There is no such file.'));
  const fault = request.method === 'GET' ? options.faults.pick('download', known.inputSha256) : null;
  if (fault === 'reset') return cut(request);
  if (fault === '500') return send(response, problem(500, 'Internal error (an emulated fault).'));
  if (fault === 'slow-answer') await options.clock.sleep(options.faults.slowByMs, gone(response));
  return serveClip(request, response, { path: join(options.folder, clipOf(id)), id, fault });
}

/** Fires when the client goes away, so that nothing waits for it. */
function gone(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  return controller.signal;
}
