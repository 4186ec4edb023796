import { isLoopback } from '../base/addresses.js';

/** Where RunComfy keeps result files, as seen in its own clients, September 2026. */
const RESULT_DOMAINS = ['.runcomfy.net', '.runcomfy.com'];

/**
 * Whether a result may be fetched from `url`: https from the service's own domains, or this machine when the
 * API itself (`base`) is on it. Anything else could make us fetch from inside a private network.
 */
export function mayServe(url: URL, base: URL): boolean {
  if (url.username !== '' || url.password !== '') return false;
  if (isLoopback(url.hostname)) {
    return isLoopback(base.hostname) && (url.protocol === 'http:' || url.protocol === 'https:');
  }
  return url.protocol === 'https:' && RESULT_DOMAINS.some((domain) => url.hostname.endsWith(domain));
}
