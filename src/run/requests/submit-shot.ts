import { Exit } from '../../base/exit.js';
import { pick, RECORDED, type RecordedSubmission, type Submission } from '../../plan/submission.js';
import type { ServiceError, SubmitAnswer } from '../../runcomfy/service.js';
import { type RunContext, record } from '../context.js';
import type { Job } from '../job.js';
import { NOT_SENT, NOT_TAKEN, resolveCommand, unknownMessage } from '../messages.js';
import { isAccount } from './ask-service.js';
import { type MediaBody, mediaBody, withoutSignatures } from './media-body.js';

interface Sending {
  readonly submission: Submission;
  readonly again: boolean;
}

/**
 * Sends one shot, once, and journals every step before the next: returns the request id, or null when the shot's
 * part in this run is over (it has been reported then), or waits for room in the budget. Repeats only where nothing can
 * have been accepted.
 */
export async function submitShot(run: RunContext, job: Job, sending: Sending): Promise<string | null> {
  try {
    return await send(run, job, sending);
  } finally {
    run.budget.release(job.key);
  }
}

async function send(run: RunContext, job: Job, { submission, again }: Sending): Promise<string | null> {
  const sent = { ...submission, input: run.frames.fill(submission.input) };
  const giveUp = run.deps.now() + run.timeouts.shot * 1000;
  for (;;) {
    if (!run.budget.reserve(job)) return null;
    const made = await run.inTurn(() => prepare(run, sent));
    if (leftOut(run, job) || made === null) return null;
    if (!made.ok) {
      run.reporter.end(job, 'failed', { message: made.message });
      return null;
    }
    run.reporter.shot(job, 'submitting');
    const isPast = again && run.journal.get(job.key)?.state === 'done';
    const submitting = { type: 'submitting', submission: journaled(sent) } as const;
    await record(run, job, isPast ? { ...submitting, again: true } : submitting);
    // A run that finds only the manifest must not send it again either.
    await run.written();
    await run.pace.gap(run.brakes.holding);
    if (run.brakes.held !== null) {
      const message = 'Nothing was sent: the run was told to stop first.';
      await record(run, job, { type: 'refused', status: null, code: 'stopped', message });
    } else {
      const answer = await run.service.submit(submission.model, made.body, run.brakes.postOver);
      if (answer.kind !== 'not-sent') return settle(run, job, answer);
      await notSent(run, job, answer);
    }
    if (leftOut(run, job)) return null;
    if (run.deps.now() >= giveUp) {
      run.reporter.end(job, 'unfinished', { message: NOT_TAKEN });
      return null;
    }
    run.reporter.shot(job, 'waiting');
  }
}

/** Waits until a shot may leave, and makes its body; null once nothing may leave any more. */
async function prepare(run: RunContext, { input }: Submission): Promise<MediaBody | null> {
  // Waited for before anything is journaled: a crash in between must not look like a lost answer.
  await run.service.ready(run.brakes.holding);
  await run.pace.turn(run.brakes.holding);
  return run.brakes.held === null ? mediaBody(input, { list: run.folder, run: run.directory }) : null;
}

/** Reports a shot that will not be sent in this run, if submissions have ended. */
export function leftOut(run: RunContext, job: Job): boolean {
  const { held } = run.brakes;
  if (held !== null) run.reporter.end(job, 'unsent', { message: held });
  return held !== null;
}

/** Submission as the journal has it: without secrets, and without what the list may change at any time. */
export function journaled(submission: Submission): RecordedSubmission {
  const { live: _, ...cost } = submission.cost;
  return { ...pick(submission, RECORDED), cost, input: withoutSignatures(submission.input) };
}

type FinalAnswer = Exclude<SubmitAnswer, { kind: 'not-sent' }>;

async function settle(run: RunContext, job: Job, answer: FinalAnswer): Promise<string | null> {
  run.pace.answered();
  if (answer.kind === 'accepted') return accepted(run, job, answer.requestId);
  const { status, code, message } = answer;
  if (answer.kind === 'refused') {
    await record(run, job, { type: 'refused', status, code, message });
    // What concerns the account is said once, for all shots.
    if (holdOnAccount(run, answer)) run.reporter.end(job, 'unsent', { message: NOT_SENT });
    else run.reporter.end(job, 'refused', { message });
    return null;
  }
  await lost(run, job, answer);
  return null;
}

async function accepted(run: RunContext, job: Job, requestId: string): Promise<string | null> {
  const owner = run.journal.ownerOf(requestId);
  if (owner !== undefined && owner !== job.key) {
    const other = run.journal.get(owner)?.submission.id ?? 'another shot';
    const message = `The service answered with request ${requestId}, which is already that of ${other}.`;
    await lost(run, job, { status: null, code: 'repeated-id', message });
    return null;
  }
  try {
    await record(run, job, { type: 'submitted', request_id: requestId });
  } catch (error) {
    // Paid for, and the disk will not have it: the only place left for the id is the screen.
    const message = [
      `The service accepted it as request ${requestId}, but that could not be written down. Keep this id.`,
      `When there is room: ${resolveCommand(run.directory, { shot: job.name, requestId })}`,
    ].join(' ');
    run.reporter.end(job, 'unknown', { request_id: requestId, message });
    throw error;
  }
  return requestId;
}

async function lost(run: RunContext, job: Job, error: ServiceError): Promise<void> {
  const { status, code, message } = error;
  await record(run, job, { type: 'lost', status, code, message });
  const known = run.journal.get(job.key);
  run.reporter.end(job, 'unknown', { message: known ? unknownMessage(known) : message });
}

async function notSent(
  run: RunContext,
  job: Job,
  answer: SubmitAnswer & { kind: 'not-sent' },
): Promise<void> {
  const { status, code, message } = answer;
  await record(run, job, { type: 'refused', status, code, message });
  // A 429: the service is not ready for the next before it has had its pause, which it says itself.
  if (status !== null) return run.pace.answered();
  const pause = run.pace.missed();
  if (run.pace.silentFor() < run.timeouts.down * 1000) {
    run.reporter.slowed(`${message} Trying again in ${Math.ceil(pause / 1000)} s.`);
    return;
  }
  const down = `The service cannot be reached: ${message} Nothing was lost; run again when it is back.`;
  if (run.brakes.hold(Exit.serviceDown, NOT_SENT)) run.reporter.notice('warning', down);
}

/** 401, 402 and 403 concern every submission: no more are sent. Returns whether it was one of them. */
export function holdOnAccount(run: RunContext, error: ServiceError): boolean {
  if (!isAccount(error)) return false;
  const { message } = error;
  if (run.brakes.hold(Exit.account, NOT_SENT)) {
    run.reporter.notice(
      'warning',
      `${message} Nothing more is sent; what is with the service already is followed.`,
    );
  }
  return true;
}
