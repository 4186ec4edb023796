import { type RunContext, record } from '../context.js';
import type { Job } from '../job.js';
import { stillThere } from '../messages.js';
import { cancelRequest } from './cancel-request.js';
import type { Followed } from './follow-request.js';

/**
 * Parts with a request because the run is being stopped. Where a person asked for it, one that may still be queued is
 * cancelled; only when the service confirms that, it is recorded as cancelled and may be sent again. All others stay
 * with the service, for a later run.
 */
export async function leaveRequest(
  run: RunContext,
  job: Job,
  left: { readonly requestId: string } & Extract<Followed, { readonly left: unknown }>,
): Promise<void> {
  const { requestId } = left;
  const details = { request_id: requestId };
  if (run.brakes.cancels && left.left === 'queued' && (await cancelled(run, job, requestId))) {
    await record(run, job, { type: 'cancelled' });
    run.reporter.end(job, 'cancelled', {
      ...details,
      message: 'Cancelled while it was queued. Run again to send it.',
    });
    return;
  }
  run.reporter.end(job, 'unfinished', { ...details, message: stillThere(requestId) });
}

async function cancelled(run: RunContext, job: Job, requestId: string): Promise<boolean> {
  const { service, brakes, deps } = run;
  if (brakes.cancelOver.aborted) return false;
  await record(run, job, { type: 'cancelling' });
  const outcome = await cancelRequest({ service, requestId, signal: brakes.cancelOver, deps });
  return outcome.kind === 'cancelled';
}
