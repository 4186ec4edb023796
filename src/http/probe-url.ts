import { lookup } from 'node:dns';
import type { IncomingHttpHeaders } from 'node:http';
import type { LookupFunction } from 'node:net';
import type { Dispatcher } from 'undici';
import { isPrivateAddress } from '../base/addresses.js';
import {
  fileLength,
  type HttpAnswer,
  type HttpFault,
  networkCode,
  networkReason,
  sendRequest,
  startDeadline,
} from './request.js';

/** Answer of a server about a file. */
export type ProbeAnswer =
  | {
      readonly kind: 'file';
      /** Media type in lower case, without parameters; null if the server does not say. */
      readonly type: string | null;
      /** Length in bytes; null if the server does not say. */
      readonly bytes: number | null;
    }
  /** An answer without a file: 4xx, 5xx. */
  | { readonly kind: 'refused'; readonly status: number }
  /** A redirect that must not be followed; `why` continues "redirects to …:". */
  | { readonly kind: 'redirected'; readonly to: string; readonly why: string }
  /** No answer; `why` ends a sentence. `inside` is true if the name leads to a private address. */
  | { readonly kind: 'unreachable'; readonly why: string; readonly isPrivate: boolean };

/** Options of `probeUrl`. */
export interface ProbeOptions {
  readonly dispatcher: Dispatcher;
  /** Reason not to ask a URL, null if there is none; called for every redirect. */
  readonly obstacle: (url: string) => string | null;
  readonly userAgent: string;
  /** Time limit of each answer, milliseconds. */
  readonly timeout: number;
  readonly signal?: AbortSignal;
}

/** Browsers follow twenty; a link to a file needs one or two. Our choice. */
const MOST_REDIRECTS = 5;

/**
 * Asks a server about the file behind a URL without fetching it. It sends HEAD first. If HEAD does not tell both type and
 * length, it sends a GET for the first byte: some hosts refuse HEAD, and many signed links are valid for GET alone.
 */
export async function probeUrl(url: string, options: ProbeOptions): Promise<ProbeAnswer> {
  const head = await probeWith('HEAD', url, options);
  if (head.kind === 'redirected' || head.kind === 'unreachable') return head;
  if (head.kind === 'file' && head.type !== null && head.bytes !== null) return head;
  return probeWith('GET', url, options);
}

async function probeWith(method: 'HEAD' | 'GET', first: string, options: ProbeOptions): Promise<ProbeAnswer> {
  let url = new URL(first);
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const answer = await requestHead(method, url, options);
    if (answer.kind === 'fault') return unreachable(answer);
    const to = locationOf(answer, url);
    if (to === null) return readHead(answer);
    const why = options.obstacle(to.href);
    if (why !== null) return { kind: 'redirected', to: to.href, why };
    url = to;
  }
  return { kind: 'redirected', to: url.href, why: 'that is one redirect too many' };
}

async function requestHead(
  method: 'HEAD' | 'GET',
  url: URL,
  options: ProbeOptions,
): Promise<HttpAnswer | HttpFault> {
  const deadline = startDeadline(options.timeout, options.signal);
  const headers = {
    accept: '*/*',
    'accept-encoding': 'identity',
    'user-agent': options.userAgent,
    ...(method === 'GET' && { range: 'bytes=0-0' }),
  };
  try {
    const answer = await sendRequest(options.dispatcher, { method, url, headers, signal: deadline.signal });
    // Only the head is needed; a server that ignores the range would send the whole file.
    if (answer.kind === 'answer') answer.body.destroy();
    return answer;
  } finally {
    deadline.clear();
  }
}

/** Target of a redirect; null for any other answer and for a redirect without a usable target. */
function locationOf({ status, headers }: HttpAnswer, from: URL): URL | null {
  if (![301, 302, 303, 307, 308].includes(status)) return null;
  const { location } = headers;
  return location !== undefined && URL.canParse(location, from.href) ? new URL(location, from) : null;
}

function readHead(answer: HttpAnswer): ProbeAnswer {
  const { status, headers } = answer;
  // An empty file has no first byte to send.
  if (status === 416 && headers['content-range'] === 'bytes */0')
    return { kind: 'file', type: typeOf(headers), bytes: 0 };
  if (status < 200 || status >= 300) return { kind: 'refused', status };
  return { kind: 'file', type: typeOf(headers), bytes: fileLength(answer) };
}

function typeOf(headers: IncomingHttpHeaders): string | null {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
  return /^[a-z0-9.+-]+\/[a-z0-9.+-]+$/.test(type) ? type : null;
}

function unreachable({ error }: HttpFault): ProbeAnswer {
  const isPrivate = networkCode(error) === 'private-address';
  return {
    kind: 'unreachable',
    why: isPrivate ? 'its name leads to a private address' : networkReason(error),
    isPrivate,
  };
}

/**
 * Looks a name up as usual and fails if it leads to a private network: a shot list, or a redirect, must not send requests
 * to other machines of the user's network.
 */
export const publicLookup: LookupFunction = (hostname, options, found) => {
  lookup(hostname, options, (error, addresses, family) => {
    const all = typeof addresses === 'string' ? [{ address: addresses }] : (addresses ?? []);
    const isPrivate = !error && all.some(({ address }) => isPrivateAddress(address));
    found(isPrivate ? new PrivateAddressError('a private address') : error, addresses, family);
  });
};

/** A public name that leads to an address in a private network. */
class PrivateAddressError extends Error {
  readonly code = 'private-address';
}
