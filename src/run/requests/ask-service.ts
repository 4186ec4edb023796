import { setMaxListeners } from 'node:events';
import pLimit from 'p-limit';
import { serviceErrorOf } from '../../runcomfy/errors.js';
import type { ResultAnswer, ServiceError } from '../../runcomfy/service.js';
import type { KeyState } from '../journal/fold.js';
import type { Silence } from './silence.js';

/** Asks where a request stands, once; what passes is repeated until `signal` aborts. */
export type Ask = (requestId: string, signal: AbortSignal) => Promise<ResultAnswer>;

/** What the service says of the requests of a run. */
export interface Answers {
  /** By content key, `unreachable` where no usable one came; of what was not asked in the end there is none. */
  readonly by: ReadonlyMap<string, ResultAnswer>;
  /** Why not all could be asked; null when all were. */
  readonly trouble: ServiceError | null;
}

/** Questions at a time: quick for hundreds, and no burst that a rate limit would have to stop. */
const AT_ONCE = 16;

/** Whether a submission is not over for us: with the service, rendered but not here, or unknown. */
export function isOpen({ state }: KeyState): boolean {
  return state === 'submitted' || state === 'completed' || state === 'unknown';
}

/** Asks about every submission that has a request. Nothing is written; an account that is refused is asked once. */
export async function askService(
  open: readonly KeyState[],
  { ask, silence }: { readonly ask: Ask; readonly silence: Silence },
): Promise<Answers> {
  const by = new Map<string, ResultAnswer>();
  let trouble: ServiceError | null = null;
  const slots = pLimit(AT_ONCE);
  setMaxListeners(0, silence.signal);
  const askOne = async ({ key, requestId }: KeyState) => {
    if (requestId === null || silence.signal.aborted) return;
    const answer = await ask(requestId, silence.signal);
    if (answer.kind === 'unreachable') {
      trouble ??= serviceErrorOf(answer);
      by.set(key, answer);
      return;
    }
    silence.heard();
    if (answer.kind === 'refused' && isAccount(answer)) {
      trouble = serviceErrorOf(answer);
      silence.giveUp();
    } else by.set(key, answer);
  };
  await Promise.all(open.map((known) => slots(() => askOne(known))));
  return { by, trouble };
}

/** Whether an error concerns the account, and so every request. */
export function isAccount({ status }: ServiceError): boolean {
  return status === 401 || status === 402 || status === 403;
}
