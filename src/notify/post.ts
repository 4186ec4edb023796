import type { JsonObject } from '../base/json.js';
import { startDeadline } from '../http/deadline.js';
import { type Deps, rest } from '../http/deps.js';
import { reasonOf } from '../http/network-error.js';
import { findProxies } from '../http/proxies.js';
import { send } from '../http/request.js';

export interface PostOptions {
  readonly body: JsonObject;
  /** Where proxies are named. */
  readonly env: NodeJS.ProcessEnv;
  readonly userAgent: string;
  readonly deps: Deps;
  /** Ends the waiting; one that has aborted before leaves half a second for one try. */
  readonly signal: AbortSignal;
}

/** Our choices, milliseconds: chats answer in a fraction of a second, and nobody waits for them for long. */
const PATIENCE = 5_000;
const PATIENCE_WHEN_STOPPED = 500;
const BEFORE_AGAIN = 1_000;

/**
 * Posts JSON to a webhook, a second time where the first did not arrive, and follows no redirect. Returns why it was
 * not taken, as the end of a sentence; null where it was. Carries no token, and never rejects.
 */
export async function postTo(hook: URL, options: PostOptions): Promise<string | null> {
  const { signal, deps } = options;
  if (signal.aborted) return postOnce(hook, options, { patience: PATIENCE_WHEN_STOPPED });
  const first = await postOnce(hook, options, { patience: PATIENCE, signal });
  if (first === null || !(await rest(deps, BEFORE_AGAIN, signal))) return first;
  return postOnce(hook, options, { patience: PATIENCE, signal });
}

async function postOnce(
  hook: URL,
  { body, env, userAgent }: PostOptions,
  { patience, signal }: { patience: number; signal?: AbortSignal },
): Promise<string | null> {
  const proxies = findProxies(env);
  if (proxies.kind === 'invalid') return proxies.message.replace(/\.$/, '');
  const { createConnections } = await import('../http/connections.js');
  const connections = createConnections(proxies);
  const deadline = startDeadline(patience, signal);
  try {
    const answer = await send(connections.shared, {
      method: 'POST',
      url: hook,
      headers: { 'content-type': 'application/json', accept: '*/*', 'user-agent': userAgent },
      body: Buffer.from(JSON.stringify(body)),
      signal: deadline.signal,
    });
    if (answer.kind === 'fault') return reasonOf(answer.error);
    answer.body.destroy();
    return answer.status >= 200 && answer.status < 300 ? null : `it answered with ${answer.status}`;
  } finally {
    deadline.clear();
    await connections.close();
  }
}
