import { isLoopback } from '../base/addresses.js';
import { type Effects, sleepUnlessAborted } from '../base/effects.js';
import type { JsonObject } from '../base/json.js';
import { findProxies } from '../http/proxies.js';
import { networkReason, sendRequest, startDeadline } from '../http/request.js';

/** Variable that names the webhook for the end of a run; unlike an option, a list of processes does not show it. */
const HOOK_VARIABLE = 'SHOTLIST_NOTIFY_URL';

/** Webhook for the end of a run; `none` if the user names none. */
export type FoundHook =
  | { readonly kind: 'found'; readonly hook: URL }
  | { readonly kind: 'none' }
  /** Without a full stop, and without the URL: anyone who has the URL can post there. */
  | { readonly kind: 'invalid'; readonly message: string };

/** Finds the webhook that the option `--notify` or `SHOTLIST_NOTIFY_URL` names: https, or http on this machine. */
export function findHook(option: string | undefined, env: NodeJS.ProcessEnv): FoundHook {
  const name = option === undefined ? HOOK_VARIABLE : '--notify';
  const text = (option ?? env[HOOK_VARIABLE] ?? '').trim();
  if (text === '') return { kind: 'none' };
  const invalid = (problem: string): FoundHook => ({ kind: 'invalid', message: `${name} ${problem}` });
  if (!URL.canParse(text)) return invalid('is not a URL');
  const hook = new URL(text);
  const isHere = hook.protocol === 'http:' && isLoopback(hook.hostname);
  if (hook.protocol !== 'https:' && !isHere) return invalid('is not an https URL');
  if (hook.username !== '' || hook.password !== '') return invalid('holds a login, which would not be sent');
  return { kind: 'found', hook };
}

/** Options of `postToHook`. */
export interface PostOptions {
  readonly body: JsonObject;
  /** Environment that names proxies. */
  readonly env: NodeJS.ProcessEnv;
  readonly userAgent: string;
  readonly deps: Effects;
  /** Ends the waiting; a signal that has already aborted leaves half a second for one try. */
  readonly signal: AbortSignal;
}

/** Time limits of one try, milliseconds: chats answer in a fraction of a second. Our choice. */
const TIMEOUT = 5_000;
const TIMEOUT_WHEN_STOPPED = 500;
/** Pause before the second try, milliseconds. Our choice. */
const RETRY_DELAY = 1_000;

/**
 * Posts JSON to a webhook, and once more if the first try fails. Follows no redirect and sends no token. Returns the reason
 * of a failure, as the end of a sentence; null for success. Never rejects.
 */
export async function postToHook(hook: URL, options: PostOptions): Promise<string | null> {
  const { signal, deps } = options;
  if (signal.aborted) return tryPost(hook, options, { timeout: TIMEOUT_WHEN_STOPPED });
  const first = await tryPost(hook, options, { timeout: TIMEOUT, signal });
  if (first === null || !(await sleepUnlessAborted(deps, RETRY_DELAY, signal))) return first;
  return tryPost(hook, options, { timeout: TIMEOUT, signal });
}

async function tryPost(
  hook: URL,
  { body, env, userAgent }: PostOptions,
  { timeout, signal }: { timeout: number; signal?: AbortSignal },
): Promise<string | null> {
  const proxies = findProxies(env);
  if (proxies.kind === 'invalid') return proxies.message.replace(/\.$/, '');
  const { createConnections } = await import('../http/connections.js');
  const connections = createConnections(proxies);
  const deadline = startDeadline(timeout, signal);
  try {
    const answer = await sendRequest(connections.shared, {
      method: 'POST',
      url: hook,
      headers: { 'content-type': 'application/json', accept: '*/*', 'user-agent': userAgent },
      body: Buffer.from(JSON.stringify(body)),
      signal: deadline.signal,
    });
    if (answer.kind === 'fault') return networkReason(answer.error);
    answer.body.destroy();
    return answer.status >= 200 && answer.status < 300 ? null : `it answered with ${answer.status}`;
  } finally {
    deadline.clear();
    await connections.close();
  }
}
