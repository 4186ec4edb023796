import type { Deadline } from '../http/deadline.js';
import { type HttpAnswer, send } from '../http/request.js';
import { parseRetryAfter } from '../http/retry.js';
import { plain } from '../http/text.js';
import { faultError } from './errors.js';
import { mayServe } from './hosts.js';
import type { ServiceError } from './service.js';
import type { Wire } from './wire.js';

/** As many as careful clients follow. Our choice. */
const MOST_REDIRECTS = 5;
/** A host's name has up to 253 characters (RFC 1035, 2.3.4); after some schemes it may have any number. */
const LONGEST_PLACE = 270;

/** Asking again will not help. */
export type Refused = { readonly kind: 'refused' } & ServiceError;
/** A fault that may pass; `retryAfter` in seconds. */
export type Cut = { readonly kind: 'cut'; readonly retryAfter: number | null } & ServiceError;

/**
 * Asks for a result file, by way of at most five redirects; each address is checked before it is asked. Without token
 * and cookies: whoever has the URL may have the file.
 */
export async function askForFile(
  wire: Wire,
  options: {
    readonly url: URL;
    readonly headers: Readonly<Record<string, string>>;
    readonly deadline: Deadline;
  },
): Promise<HttpAnswer | Refused | Cut> {
  const { deadline } = options;
  const plainHeaders = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': wire.userAgent };
  const headers = { ...plainHeaders, ...options.headers };
  const { shared } = await wire.connections();
  let { url } = options;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    if (!mayServe(url, wire.base)) {
      const place = shown(wire, `${url.protocol}//${url.host}`);
      return refused(null, `The result lies on ${place}, which is not one of the service's own hosts.`);
    }
    const answer = await send(shared, {
      method: 'GET',
      url,
      headers,
      signal: deadline.signal,
    });
    if (answer.kind === 'fault')
      return { kind: 'cut', retryAfter: null, ...faultError(answer, shown(wire, url.host)) };
    const { location } = answer.headers;
    if (answer.status < 300 || answer.status >= 400 || location === undefined) return answer;
    answer.body.destroy();
    if (!URL.canParse(location, url.href))
      return refused(answer.status, 'The result is redirected to no URL at all.');
    url = new URL(location, url.href);
    deadline.extend();
  }
  return refused(null, `The result is redirected more than ${MOST_REDIRECTS} times.`);
}

/** Where a redirect leads, which a server may have made up: short, and without the token. */
function shown({ blot }: Wire, place: string): string {
  return plain(blot(place)).slice(0, LONGEST_PLACE);
}

/** What an answer without the file means. */
export function withoutFile(wire: Wire, { status, headers }: HttpAnswer, host: string): Refused | Cut {
  const isPassing = status === 408 || status === 425 || status === 429 || status >= 500;
  const message = `The result could not be fetched from ${host} (${status}).`;
  if (!isPassing) return refused(status, message);
  const retryAfter = parseRetryAfter(headers['retry-after'], wire.deps.now());
  return { kind: 'cut', retryAfter, status, code: null, message };
}

/** A page that explains an error, with a status that denies it. */
export function isDocument({ headers }: HttpAnswer): boolean {
  return /^(text\/html|application\/(problem\+)?(json|xml))\b/i.test(headers['content-type'] ?? '');
}

/** A refusal in words. */
export function refused(status: number | null, message: string): Refused {
  return { kind: 'refused', status, code: null, message };
}
