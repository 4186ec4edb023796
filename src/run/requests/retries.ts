import type { RunContext } from '../context.js';
import type { Job } from '../job.js';
import { retryNotice } from '../messages.js';

/** Before a shot that has failed once is sent again, milliseconds; twice as long after each further failure. */
const FIRST_WAIT = 4_000;
/** A service in trouble for longer than this is not helped by more patience, milliseconds. */
const LONGEST_WAIT = 120_000;

/** Says that a shot that has just failed is sent again, and waits until then, or until nothing may be sent any more. */
export async function waitForRetry(run: RunContext, job: Job, message: string): Promise<void> {
  const failures = run.journal.get(job.key)?.failures ?? 1;
  const longest = Math.min(FIRST_WAIT * 2 ** (failures - 1), LONGEST_WAIT);
  // Half of it is left to chance, so that shots which failed together do not come back together.
  const wait = longest * (0.5 + run.deps.random() / 2);
  const seconds = Math.ceil(wait / 1000);
  run.reporter.shot(job, 'waiting', { message });
  const notice = retryNotice({ name: job.name, message, seconds, failures, retries: job.retries });
  run.reporter.notice('warning', notice);
  await run.deps.sleep(wait, run.brakes.holding);
}
