import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import {
  type Answer,
  closeConnection,
  errorAnswer,
  INTERNAL_ERROR,
  okAnswer,
  refuseTooLarge,
  sendAnswer,
} from './answers.js';
import {
  type ApiState,
  answerRequestCall,
  badToken,
  balanceOf,
  type Outcome,
  type RequestVerb,
  submit,
  unknownModel,
} from './api-calls.js';
import { catalogEntry, catalogPage, categoriesPage } from './catalog.js';
import { serveClip } from './clips.js';
import type { Clock } from './queue.js';
import { clipOf } from './requests.js';

/** Settings of the server, and its state. */
export interface ServerOptions extends ApiState {
  /** Absolute. */
  readonly folder: string;
  /** The only token accepted; null to accept any. */
  readonly token: string | null;
  readonly clock: Clock;
}

/** An HTTP request, its response, and the parts of its URL. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Path without slashes at its end. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly origin: string;
}

/**
 * Time after which an idle connection is closed: the default of nginx. The default of Node, 5 s, is the polling interval
 * of RunComfy's clients, which would often write to a closing connection.
 */
const KEEP_ALIVE_MS = 75_000;

/** HTTP server with RunComfy's Model API, and with the balance of its Serverless API; it does not listen yet. */
export function apiServer(options: ServerOptions): Server {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS });
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    // The client may close the connection at any time.
    response.on('error', () => {});
    respond(options, request, response).catch((error: NodeJS.ErrnoException) => {
      // For example a full disk. If the connection broke, this answer is not sent.
      sendAnswer(response, errorAnswer(500, `The emulator cannot continue: ${error.message}`));
    });
  };
  server.on('request', handle);
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    const refusal = refuseTooLarge(request);
    if (refusal) return sendAnswer(response, refusal);
    response.writeContinue();
    handle(request, response);
  });
  server.on('clientError', (_error, socket) => {
    if (!socket.writable) return socket.destroy();
    const body = JSON.stringify(errorAnswer(400, 'This is not HTTP that the API understands.').body);
    socket.end(
      `HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
        `Connection: close\r\n\r\n${body}`,
    );
  });
  return server;
}

async function respond(
  options: ServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const exchange = parseExchange(request, response);
  if (!exchange) return sendAnswer(response, errorAnswer(400, 'The URL cannot be read.'));
  const clip = /^\/clips\/([A-Za-z0-9_-]{1,128})\.mp4$/.exec(exchange.path)?.[1];
  if (clip !== undefined) return sendClip(options, exchange, clip);
  const outcome = authorize(options.token, request) ?? (await route(options, exchange));
  if (outcome === 'cut') return closeConnection(request);
  if ('late' in outcome) {
    await options.clock.sleep(options.faults.slowByMs, onceClosed(response));
    return sendAnswer(response, outcome.late);
  }
  sendAnswer(response, outcome);
}

function parseExchange(request: IncomingMessage, response: ServerResponse): Exchange | null {
  const { localAddress, localPort } = request.socket;
  // URLs in answers have the host name that the client used.
  const host = request.headers.host;
  // A proxy that uses TLS with its clients says so.
  const scheme = request.headers['x-forwarded-proto'] === 'https' ? 'https' : 'http';
  const origin = `${scheme}://${host && /^[\w.:[\]-]+$/.test(host) ? host : `${localAddress}:${localPort}`}`;
  try {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const path = decodeURIComponent(url.pathname).replace(/\/+$/, '');
    return { request, response, path, query: url.searchParams, origin };
  } catch {
    return null;
  }
}

/** Answer 400004 for a missing or wrong token, else null. Clips need no token, as at the service. */
function authorize(token: string | null, request: IncomingMessage): Answer | null {
  const given = /^Bearer +(\S.*)$/i.exec(request.headers.authorization ?? '')?.[1]?.trim();
  if (given === undefined) return badToken('Send your API token as "Authorization: Bearer <token>".');
  return token === null || given === token ? null : badToken('The API token is not valid.');
}

async function route(options: ServerOptions, exchange: Exchange): Promise<Outcome> {
  const { request, path, query, origin } = exchange;
  const about = /^\/v1\/requests\/([^/]+)\/(status|result|cancel)$/.exec(path);
  if (about) {
    const [, id = '', verb] = about as unknown as [string, string, RequestVerb];
    return (
      methodProblem(request, verb === 'cancel' ? ['POST'] : READ_METHODS) ??
      (await answerRequestCall(options, { verb, id, origin, query }))
    );
  }
  // The first is the whole path; clients may have a base that ends before it.
  if (/^(\/prod\/v2|\/v1)?\/balance$/.test(path))
    return (
      methodProblem(request, READ_METHODS) ?? okAnswer({ balance_usd: balanceOf(options), currency: 'USD' })
    );
  if (path === '/v1/models')
    return methodProblem(request, READ_METHODS) ?? okAnswer(catalogPage(options.catalog, query));
  if (path === '/v1/models/categories')
    return methodProblem(request, READ_METHODS) ?? okAnswer(categoriesPage());
  const modelId = /^\/v1\/models\/(.+)$/.exec(path)?.[1];
  if (modelId === undefined)
    return errorAnswer(404, `There is nothing at ${path || '/'}; the API is under /v1.`);
  if (request.method === 'POST') return submit(options, { modelId, request, origin });
  const wrong = methodProblem(request, ['GET', 'HEAD', 'POST']);
  if (wrong) return wrong;
  const model = options.catalog.find(modelId);
  return model?.id === modelId ? okAnswer(catalogEntry(model)) : unknownModel(modelId);
}

const READ_METHODS = ['GET', 'HEAD'];

/** Answer 405 for a method that is not possible; null for one that is. */
function methodProblem(request: IncomingMessage, methods: readonly string[]): Answer | null {
  if (methods.includes(request.method ?? '')) return null;
  const allow = methods.join(', ');
  return errorAnswer(405, `${request.method} is not possible here; ${allow} is.`, { headers: { allow } });
}

async function sendClip(options: ServerOptions, exchange: Exchange, id: string): Promise<void> {
  const { request, response } = exchange;
  const wrong = methodProblem(request, READ_METHODS);
  if (wrong) return sendAnswer(response, wrong);
  const known = options.requests.get(id);
  if (known?.status !== 'completed') return sendAnswer(response, errorAnswer(404, 'There is no such file.'));
  const fault = request.method === 'GET' ? options.faults.pick('download', known.inputSha256) : null;
  if (fault === 'reset') return closeConnection(request);
  if (fault === '500') return sendAnswer(response, INTERNAL_ERROR);
  if (fault === 'slow-answer') await options.clock.sleep(options.faults.slowByMs, onceClosed(response));
  return serveClip(request, response, { path: join(options.folder, clipOf(id)), id, fault });
}

/** Signal that aborts when the client closes the connection. */
function onceClosed(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  return controller.signal;
}
