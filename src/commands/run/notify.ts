import { effects } from '../../base/effects.js';
import { version } from '../../generated/version.js';
import { readManifest } from '../../manifest/manifest-file.js';
import { endOfRun } from '../../notify/end-of-run.js';
import { webhookBody } from '../../notify/message.js';
import { postToHook } from '../../notify/webhook.js';
import type { Plan } from '../../plan/plan.js';
import type { RunFinished } from '../../run/events.js';
import { visible } from '../../ui/visible.js';
import type { Console } from '../console.js';
import type { Provider } from './run-directory.js';

/**
 * Posts the end of a run to a webhook. Returns what to warn of where it was not taken, null where it was: whoever waits
 * for the run does not care.
 */
export async function notify(
  hook: URL,
  finished: RunFinished,
  options: { plan: Plan; flags: { provider: Provider }; console: Console; signal: AbortSignal },
): Promise<string | null> {
  const { plan, flags, console, signal } = options;
  const read = finished.manifest === null ? null : await readManifest(finished.manifest);
  const manifest = read?.kind === 'read' ? read.manifest : null;
  const body = webhookBody(
    hook.hostname,
    endOfRun(finished, { list: plan.list.name, provider: flags.provider, manifest }),
  );
  const userAgent = `shotlist/${version}`;
  const why = await postToHook(hook, { body, env: console.env, userAgent, deps: effects, signal });
  return why === null ? null : `the end of the run could not be posted to ${visible(hook.host)}: ${why}`;
}
