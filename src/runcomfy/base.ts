import { isLoopback } from '../base/addresses.js';
import { findProxies } from '../http/proxies.js';

/** RunComfy's Model API. */
const DEFAULT_BASE = 'https://model-api.runcomfy.net/v1';
const VARIABLE = 'RUNCOMFY_MODEL_API_BASE';

export type FoundBase =
  /** `base` ends in `/v1`, without a slash; `origin` is what a journal names. */
  | { readonly kind: 'found'; readonly base: string; readonly origin: string }
  | { readonly kind: 'invalid'; readonly message: string };

/**
 * The API's base URL: `RUNCOMFY_MODEL_API_BASE`, or RunComfy's own. Also checks the proxies on the way there,
 * so that a misspelt one is a message and not a crash.
 */
export function findBase(env: NodeJS.ProcessEnv): FoundBase {
  const proxies = findProxies(env);
  if (proxies.kind === 'invalid') return proxies;
  const text = env[VARIABLE]?.trim() || DEFAULT_BASE;
  if (!URL.canParse(text)) return invalid('is not a URL');
  const url = new URL(text);
  // The value is not quoted in these messages: a URL may carry a password.
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return invalid('is not an https URL');
  if (url.username !== '' || url.password !== '')
    return invalid('holds a user name or password; leave them out');
  if (url.search !== '' || url.hash !== '') return invalid('holds a query; it ends after /v1');
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return invalid('begins with http: the token would travel in the open, so only https is taken');
  }
  const path = url.pathname.replace(/\/+$/, '');
  if (!path.endsWith('/v1')) {
    // An address out of the documentation goes on where the base ends, as in /v1/models.
    const meant = /^.*?\/v1(?=\/)/.exec(path)?.[0] ?? `${path}/v1`;
    return invalid(`does not end in /v1; perhaps ${url.origin}${meant} is meant`);
  }
  return { kind: 'found', base: url.origin + path, origin: url.origin };
}

function invalid(problem: string): FoundBase {
  return {
    kind: 'invalid',
    message: `${VARIABLE} ${problem}. Correct it, or unset it to use ${DEFAULT_BASE}.`,
  };
}
