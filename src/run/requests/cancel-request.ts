import type { RequestStatus, Service, ServiceError } from '../../runcomfy/service.js';
import type { Sleep } from './pace.js';

/** What became of asking for a request to be cancelled. */
export type CancelOutcome =
  /** The service confirmed it when it was asked again. */
  | { readonly kind: 'cancelled' }
  /** It stays with the service, or has ended there; `status` is null where the service did not say which. */
  | { readonly kind: 'kept'; readonly status: RequestStatus | null }
  /** The service does not know it. */
  | ({ readonly kind: 'forgotten' } & ServiceError)
  /** Nothing is certain: no answer in time, or none that says anything. */
  | ({ readonly kind: 'unclear' } & ServiceError);

export interface CancelRequest {
  readonly service: Pick<Service, 'cancel' | 'status' | 'ready'>;
  readonly requestId: string;
  /** Ends the asking. */
  readonly signal: AbortSignal;
  readonly deps: { readonly sleep: Sleep; readonly random: () => number };
}

/** How often the service is asked. To cancel twice is harmless, and each one that succeeds saves the price of a render. */
const TRIES = 4;
/** Before the second question, milliseconds; doubled for each further one, so that all of them fit in four seconds. */
const FIRST_PAUSE = 500;

/**
 * Asks for a request to be cancelled, again where an answer is lost, until the service confirms it or says why not.
 * Never rejects. `cancelling` has to be on record before: an answer that is lost may have been a yes.
 */
export async function cancelRequest({
  service,
  requestId,
  signal,
  deps,
}: CancelRequest): Promise<CancelOutcome> {
  let last: CancelOutcome = { kind: 'unclear', status: null, code: 'aborted', message: 'It was not asked.' };
  for (let pause = FIRST_PAUSE, tries = 0; tries < TRIES && !signal.aborted; ) {
    const answer = await service.cancel(requestId, signal);
    if (answer.kind === 'unreachable' && answer.status === 429) {
      last = { ...answer, kind: 'unclear' };
      // It did not listen, so this was no try. How long to wait, its answer has told the client.
      await service.ready(signal);
      continue;
    }
    if (signal.aborted && answer.kind !== 'cancelled') break;
    const end = await confirm({ service, requestId, signal }, answer);
    if (!('again' in end)) return end;
    last = end.again;
    tries += 1;
    // Half of it is left to chance, so that hundreds do not come back together.
    if (tries < TRIES) await deps.sleep(pause * (0.5 + deps.random() / 2), signal);
    pause *= 2;
  }
  return last;
}

type Answer = Awaited<ReturnType<Service['cancel']>>;

/** A request that is rendered after all must not be taken for cancelled: it would be paid for twice. */
async function confirm(
  { service, requestId, signal }: Omit<CancelRequest, 'deps'>,
  answer: Answer,
): Promise<CancelOutcome | { readonly again: CancelOutcome }> {
  if (answer.kind === 'refused') {
    const { status, code, message } = answer;
    return { kind: status === 404 || status === 410 ? 'forgotten' : 'unclear', status, code, message };
  }
  const asked = await service.status(requestId, signal);
  switch (asked.kind) {
    case 'state': {
      const { status } = asked.request;
      if (status === 'cancelled') return { kind: 'cancelled' };
      // What cannot be cancelled is not asked again, and reads may lag behind writes.
      const isOpen = status === 'queued' || status === 'unfamiliar';
      const kept: CancelOutcome = { kind: 'kept', status };
      return isOpen && answer.kind !== 'not-cancellable' ? { again: kept } : kept;
    }
    case 'forgotten':
      return asked;
    case 'refused':
      return { ...asked, kind: 'unclear' };
    case 'unreachable':
      return { again: { ...asked, kind: 'unclear' } };
  }
}
