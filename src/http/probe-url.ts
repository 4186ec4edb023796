import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { startDeadline } from './deadline.js';
import { codeOf, reasonOf } from './network-error.js';
import { type HttpAnswer, type HttpFault, send } from './request.js';
import { wholeLength } from './whole-length.js';

/** What a server says of a file it is asked about. */
export type Probed =
  | {
      readonly kind: 'file';
      /** Media type in lower case, without parameters; null where it does not say. */
      readonly type: string | null;
      /** Length in bytes; null where it does not say. */
      readonly bytes: number | null;
    }
  /** An answer that is no file: 4xx, 5xx. */
  | { readonly kind: 'refused'; readonly status: number }
  /** A redirect to where nobody may be sent; `why` continues "redirects to …:". */
  | { readonly kind: 'misled'; readonly to: string; readonly why: string }
  /** No answer; `why` ends a sentence. `inside` where the name stands for a private address. */
  | { readonly kind: 'unreachable'; readonly why: string; readonly inside: boolean };

export interface ProbeOptions {
  readonly dispatcher: Dispatcher;
  /** Why that URL must not be asked, null where it may; asked about every redirect. */
  readonly obstacle: (url: string) => string | null;
  readonly userAgent: string;
  /** Milliseconds for each answer. */
  readonly timeout: number;
  readonly signal?: AbortSignal;
}

/** As many as browsers allow would be twenty; a link to a file needs one or two. Our choice. */
const MOST_REDIRECTS = 5;

/**
 * Asks a server what is behind a URL, without fetching it: with HEAD, and where that does not tell all, because some
 * hosts refuse it and signed links are often signed for GET alone, with a GET of the first byte.
 */
export async function probeUrl(url: string, options: ProbeOptions): Promise<Probed> {
  const head = await follow(url, 'HEAD', options);
  if (head.kind === 'misled' || head.kind === 'unreachable') return head;
  if (head.kind === 'file' && head.type !== null && head.bytes !== null) return head;
  return follow(url, 'GET', options);
}

async function follow(first: string, method: 'HEAD' | 'GET', options: ProbeOptions): Promise<Probed> {
  let url = new URL(first);
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const answer = await ask(url, method, options);
    if (answer.kind === 'fault') return unreachable(answer);
    const to = locationOf(answer, url);
    if (to === null) return read(answer);
    const why = options.obstacle(to.href);
    if (why !== null) return { kind: 'misled', to: to.href, why };
    url = to;
  }
  return { kind: 'misled', to: url.href, why: 'that is one redirect too many' };
}

async function ask(url: URL, method: 'HEAD' | 'GET', options: ProbeOptions): Promise<HttpAnswer | HttpFault> {
  const deadline = startDeadline(options.timeout, options.signal);
  const headers = {
    accept: '*/*',
    'accept-encoding': 'identity',
    'user-agent': options.userAgent,
    ...(method === 'GET' && { range: 'bytes=0-0' }),
  };
  try {
    const answer = await send(options.dispatcher, { method, url, headers, signal: deadline.signal });
    // The head is all that is wanted: a server that ignores the range is not listened to further.
    if (answer.kind === 'answer') answer.body.destroy();
    return answer;
  } finally {
    deadline.clear();
  }
}

/** Where a redirect leads; null for any other answer, and for one that leads nowhere. */
function locationOf({ status, headers }: HttpAnswer, from: URL): URL | null {
  if (![301, 302, 303, 307, 308].includes(status)) return null;
  const { location } = headers;
  return location !== undefined && URL.canParse(location, from.href) ? new URL(location, from) : null;
}

function read(answer: HttpAnswer): Probed {
  const { status, headers } = answer;
  // Of a file without a first byte, that cannot be had.
  if (status === 416 && headers['content-range'] === 'bytes */0')
    return { kind: 'file', type: typeOf(headers), bytes: 0 };
  if (status < 200 || status >= 300) return { kind: 'refused', status };
  return { kind: 'file', type: typeOf(headers), bytes: wholeLength(answer) };
}

function typeOf(headers: IncomingHttpHeaders): string | null {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
  return /^[a-z0-9.+-]+\/[a-z0-9.+-]+$/.test(type) ? type : null;
}

function unreachable({ error }: HttpFault): Probed {
  const inside = codeOf(error) === 'private-address';
  return {
    kind: 'unreachable',
    why: inside ? 'its name stands for a private address' : reasonOf(error),
    inside,
  };
}
