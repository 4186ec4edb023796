import { isLoopback } from '../base/addresses.js';
import { findProxies } from '../http/proxies.js';

/** Base URL of RunComfy's Model API. */
const DEFAULT_BASE = 'https://model-api.runcomfy.net/v1';
const VARIABLE = 'RUNCOMFY_MODEL_API_BASE';

/** Base URL of the API, or the reason why the environment names none that can be used. */
export type FoundBaseUrl =
  /** `base` ends in `/v1`, without a slash; `origin` owns the run directory. */
  | { readonly kind: 'found'; readonly base: string; readonly origin: string }
  | { readonly kind: 'invalid'; readonly message: string };

/**
 * Base URL of the API: `RUNCOMFY_MODEL_API_BASE`, or RunComfy's own. Also checks the proxies that the environment names,
 * so that a misspelt one gives a message and not a crash.
 */
export function findBaseUrl(env: NodeJS.ProcessEnv): FoundBaseUrl {
  const proxies = findProxies(env);
  if (proxies.kind === 'invalid') return proxies;
  const text = env[VARIABLE]?.trim() || DEFAULT_BASE;
  if (!URL.canParse(text)) return invalid('is not a URL');
  const url = new URL(text);
  // The messages do not quote the value: a URL may hold a password.
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return invalid('is not an https URL');
  if (url.username !== '' || url.password !== '')
    return invalid('holds a user name or password; leave them out');
  if (url.search !== '' || url.hash !== '') return invalid('holds a query; it ends after /v1');
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return invalid('begins with http: the token would be sent unencrypted, so only https is accepted');
  }
  const path = url.pathname.replace(/\/+$/, '');
  if (!path.endsWith('/v1')) {
    // A URL copied from the documentation has more after the base, as in /v1/models.
    const meant = /^.*?\/v1(?=\/)/.exec(path)?.[0] ?? `${path}/v1`;
    return invalid(`does not end in /v1; perhaps ${url.origin}${meant} is meant`);
  }
  return { kind: 'found', base: url.origin + path, origin: url.origin };
}

function invalid(problem: string): FoundBaseUrl {
  return {
    kind: 'invalid',
    message: `${VARIABLE} ${problem}. Correct it, or unset it to use ${DEFAULT_BASE}.`,
  };
}
