import { isLoopback } from '../base/addresses.js';

/** Variable that names where the end of a run is posted to; unlike an option, nobody sees it in a list of processes. */
export const HOOK_VARIABLE = 'SHOTLIST_NOTIFY_URL';

export type FoundHook =
  | { readonly kind: 'found'; readonly hook: URL }
  | { readonly kind: 'none' }
  /** Without a full stop, and without the URL: whoever has it can post there. */
  | { readonly kind: 'invalid'; readonly message: string };

/** The webhook that an option or else `SHOTLIST_NOTIFY_URL` names: https, or http on this machine. */
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
