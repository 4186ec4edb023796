import { isLoopback } from '../base/addresses.js';
import { type Deadline, fileLength, type HttpAnswer, sendRequest, startDeadline } from '../http/request.js';
import { parseRetryAfter, waitToRetry } from '../http/retry.js';
import { type AllowedHost, hostToAllow, isAllowed } from './allowed-hosts.js';
import { faultError, isTemporary, printableLine } from './answers.js';
import type { DownloadCheck, ServiceError } from './service.js';
import type { Wire } from './wire.js';

/** Failure that another try will not change. */
export type Refused = { readonly kind: 'refused' } & ServiceError;
/** Fault that may pass; `retryAfter` in seconds. */
export type TemporaryFault = {
  readonly kind: 'temporary';
  readonly retryAfter: number | null;
} & ServiceError;

/** Domains of RunComfy's result files, as seen in its own clients, September 2026. */
const RESULT_DOMAINS = ['.runcomfy.net', '.runcomfy.com'];

/**
 * True if a result may be fetched from `url`: https from the service's own domains, this machine if the API itself (`base`)
 * is on it, or a host that a person allowed. Any other URL could lead into a private network.
 */
export function mayServe(url: URL, base: URL, allowed: readonly AllowedHost[] = []): boolean {
  if (url.username !== '' || url.password !== '') return false;
  if (isAllowed(url, allowed)) return true;
  if (isLoopback(url.hostname)) {
    return isLoopback(base.hostname) && (url.protocol === 'http:' || url.protocol === 'https:');
  }
  return url.protocol === 'https:' && RESULT_DOMAINS.some((domain) => url.hostname.endsWith(domain));
}

/** Limit of redirects; careful clients have the same. Our choice. */
const MOST_REDIRECTS = 5;

/**
 * Requests a result file through at most five redirects; each URL is checked before it is requested. Sends no token and no
 * cookies, as the URL alone gives access.
 */
export async function requestFile(
  wire: Wire,
  options: {
    readonly url: URL;
    readonly headers: Readonly<Record<string, string>>;
    readonly deadline: Deadline;
  },
): Promise<HttpAnswer | Refused | TemporaryFault> {
  const { deadline } = options;
  const always = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': wire.userAgent };
  const headers = { ...always, ...options.headers };
  const { shared } = await wire.connections();
  let { url } = options;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    if (!mayServe(url, wire.base, wire.allowedHosts)) return refused(null, strangeHost(wire, url));
    const answer = await sendRequest(shared, { method: 'GET', url, headers, signal: deadline.signal });
    if (answer.kind === 'fault')
      return { kind: 'temporary', retryAfter: null, ...faultError(answer, printableHost(wire, url.host)) };
    const { location } = answer.headers;
    if (answer.status < 300 || answer.status >= 400 || location === undefined) return answer;
    answer.body.destroy();
    if (!URL.canParse(location, url.href))
      return refused(answer.status, 'The result is redirected to a text that is no URL.');
    url = new URL(location, url.href);
    deadline.extend();
  }
  return refused(null, `The result is redirected more than ${MOST_REDIRECTS} times.`);
}

/** Longest URL in a message, characters: links with a signature have up to two thousand. Our choice. */
const LONGEST_SHOWN = 4096;

/** Message about a result on another host, with the whole URL, and the flag with which it is fetched all the same. */
function strangeHost(wire: Wire, url: URL): string {
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:';
  // A parsed URL of the web has no control characters; others may have anything.
  const shown = isWeb
    ? wire.hideToken(withoutUser(url)).slice(0, LONGEST_SHOWN)
    : printableHost(wire, `${url.protocol}//${url.host}`);
  const what = `The result is on ${shown}, which is not one of the service's own hosts.`;
  if (!isWeb) return what;
  if (withoutUser(url) !== url.href)
    return `${what} The link has a user name, so nothing is fetched from there.`;
  const host = printableHost(wire, hostToAllow(url));
  const risk = host.startsWith('http://') ? ', and the way to it, which is not encrypted' : '';
  return `${what} If you trust it${risk}: --allow-host ${host} (or SHOTLIST_ALLOW_HOST).`;
}

function withoutUser(url: URL): string {
  const plain = new URL(url);
  plain.username = '';
  plain.password = '';
  return plain.href;
}

/** A host's name has up to 253 characters (RFC 1035, 2.3.4); after some schemes a URL may have any number. */
const LONGEST_HOST = 270;

/** Host of a redirect, which a server may have made up: short, and without the token. */
function printableHost({ hideToken }: Wire, host: string): string {
  return printableLine(hideToken(host)).slice(0, LONGEST_HOST);
}

/** Meaning of an answer without the file. */
export function answerWithoutFile(
  wire: Wire,
  { status, headers }: HttpAnswer,
  host: string,
): Refused | TemporaryFault {
  const message = `The result could not be fetched from ${host} (${status}).`;
  if (!isTemporary(status)) return refused(status, message);
  const retryAfter = parseRetryAfter(headers['retry-after'], wire.deps.now());
  return { kind: 'temporary', retryAfter, status, code: null, message };
}

/** Refusal of an answer that is a page about an error, although its status says 200; null for any other answer. */
export function refusedDocument({ status, headers }: HttpAnswer): Refused | null {
  const isDocument = /^(text\/html|application\/(problem\+)?(json|xml))\b/i.test(
    headers['content-type'] ?? '',
  );
  return isDocument ? refused(status, 'The result is a text, no video.') : null;
}

/** A refusal with its message. */
export function refused(status: number | null, message: string): Refused {
  return { kind: 'refused', status, code: null, message };
}

/** Faults after which the server counts as down. Our choice. */
const CHECK_FAULTS = 4;

/**
 * Asks if a result file could be fetched now: requests its first byte and keeps nothing. Repeats after temporary faults,
 * which would otherwise look like a clip that is gone.
 */
export async function checkDownload(
  wire: Wire,
  url: string,
  signal: AbortSignal | undefined,
): Promise<DownloadCheck> {
  for (let fault = 0; ; fault += 1) {
    const answer = await checkOnce(wire, { url, signal });
    if (answer.kind !== 'temporary') return answer;
    const { retryAfter, ...error } = answer;
    const isOver = fault + 1 >= CHECK_FAULTS;
    if (isOver || !(await waitToRetry(wire.deps, { fault, retryAfter, signal }))) {
      return { ...error, kind: 'unreachable' };
    }
  }
}

async function checkOnce(
  wire: Wire,
  { url, signal }: { readonly url: string; readonly signal: AbortSignal | undefined },
): Promise<Extract<DownloadCheck, { readonly kind: 'available' }> | Refused | TemporaryFault> {
  if (!URL.canParse(url)) return refused(null, 'The service named a result that is no URL.');
  const deadline = startDeadline(wire.timeouts.answer, signal);
  try {
    const headers = { range: 'bytes=0-0' };
    const answer = await requestFile(wire, { url: new URL(url), headers, deadline });
    if (answer.kind !== 'answer') return answer;
    answer.body.destroy();
    if (answer.status !== 200 && answer.status !== 206)
      return answerWithoutFile(wire, answer, new URL(url).host);
    return refusedDocument(answer) ?? { kind: 'available', bytes: fileLength(answer) };
  } finally {
    deadline.clear();
  }
}
