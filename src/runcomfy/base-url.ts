import { isLoopback } from '../base/addresses.js';
import { findProxies } from '../http/proxies.js';

/** Base URL of RunComfy's Model API. */
const DEFAULT_BASE = 'https://model-api.runcomfy.net/v1';
const VARIABLE = 'RUNCOMFY_MODEL_API_BASE';

/** Base URL of RunComfy's Serverless API, which knows the balance of the account, and the variable for another one. */
const DEFAULT_SERVERLESS_BASE = 'https://api.runcomfy.net/prod/v2';
const SERVERLESS_VARIABLE = 'RUNCOMFY_SERVERLESS_API_BASE';
/** Value of the variable with which no balance is asked for. */
const NO_SERVERLESS = 'none';

/** Base URL of the API, or the reason why the environment names none that can be used. */
export type FoundBaseUrl =
  /** `base` ends in `/v1`, without a slash; `origin` owns the run directory. */
  | { readonly kind: 'found'; readonly base: string; readonly origin: string }
  | { readonly kind: 'invalid'; readonly message: string };

/** Base URL of the Serverless API, without a slash at its end; `none` if no balance may be asked for. */
export type FoundServerlessBase =
  | { readonly kind: 'found'; readonly base: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'invalid'; readonly message: string };

/**
 * Base URL of the API: `RUNCOMFY_MODEL_API_BASE`, or RunComfy's own. Also checks the proxies that the environment names,
 * so that a misspelt one gives a message and not a crash.
 */
export function findBaseUrl(env: NodeJS.ProcessEnv): FoundBaseUrl {
  const proxies = findProxies(env);
  if (proxies.kind === 'invalid') return proxies;
  const invalid = invalidIn(VARIABLE, DEFAULT_BASE);
  const url = tokenSafeUrl(env[VARIABLE]?.trim() || DEFAULT_BASE, 'it ends after /v1');
  if (typeof url === 'string') return invalid(url);
  const path = url.pathname.replace(/\/+$/, '');
  if (!path.endsWith('/v1')) {
    // A URL copied from the documentation has more after the base, as in /v1/models.
    const meant = /^.*?\/v1(?=\/)/.exec(path)?.[0] ?? `${path}/v1`;
    return invalid(`does not end in /v1; perhaps ${url.origin}${meant} is meant`);
  }
  return { kind: 'found', base: url.origin + path, origin: url.origin };
}

/**
 * Base URL of the Serverless API: `RUNCOMFY_SERVERLESS_API_BASE`, or RunComfy's own. There is none if only the Model API has
 * another address than RunComfy's: a token for that address must not be sent to RunComfy.
 */
export function findServerlessBase(env: NodeJS.ProcessEnv): FoundServerlessBase {
  const text = env[SERVERLESS_VARIABLE]?.trim();
  if (text === NO_SERVERLESS) return { kind: 'none' };
  if (!text)
    return usesOtherModelApi(env) ? { kind: 'none' } : { kind: 'found', base: DEFAULT_SERVERLESS_BASE };
  const url = tokenSafeUrl(text, 'it ends after /v2');
  if (typeof url === 'string') return invalidIn(SERVERLESS_VARIABLE, DEFAULT_SERVERLESS_BASE)(url);
  // A URL copied from the documentation may name the balance itself.
  return { kind: 'found', base: url.origin + url.pathname.replace(/(\/balance)?\/*$/, '') };
}

function usesOtherModelApi(env: NodeJS.ProcessEnv): boolean {
  const found = findBaseUrl(env);
  return found.kind === 'invalid' || found.origin !== new URL(DEFAULT_BASE).origin;
}

/** URL that a token may be sent to, or the problem of a text that is none. */
function tokenSafeUrl(text: string, end: string): URL | string {
  if (!URL.canParse(text)) return 'is not a URL';
  const url = new URL(text);
  // The messages do not quote the value: a URL may hold a password.
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'is not an https URL';
  if (url.username !== '' || url.password !== '') return 'holds a user name or password; leave them out';
  if (url.search !== '' || url.hash !== '') return `holds a query; ${end}`;
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return 'begins with http: the token would be sent unencrypted, so only https is accepted';
  }
  return url;
}

function invalidIn(variable: string, standard: string) {
  return (problem: string) =>
    ({
      kind: 'invalid',
      message: `${variable} ${problem}. Correct it, or unset it to use ${standard}.`,
    }) as const;
}
