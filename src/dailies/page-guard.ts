import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/**
 * Whether a request comes from the page itself: under a name of this machine (else a name that somebody points here
 * could read everything: DNS rebinding), under the token, and from no other page. Null where it does, else the status.
 */
export function refusalOf(
  { headers, method = 'GET' }: Pick<IncomingMessage, 'headers' | 'method'>,
  { port, token, given }: { readonly port: number; readonly token: string; readonly given: string },
): 403 | 404 | 405 | null {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (!hosts.includes(headers.host ?? '')) return 403;
  // Whoever has no token learns nothing, not even that it was wrong.
  if (!isSame(given, token)) return 404;
  const { origin, 'sec-fetch-site': site } = headers;
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return 403;
  if (origin !== undefined && origin !== `http://${headers.host}`) return 403;
  if (method === 'GET' || method === 'HEAD') return null;
  if (method !== 'POST') return 405;
  // A form of another page could send a text, but neither this type nor our origin.
  return origin !== undefined && headers['content-type'] === 'application/json' ? null : 403;
}

function isSame(given: string, token: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(token)];
  return one.length === other.length && timingSafeEqual(one, other);
}
