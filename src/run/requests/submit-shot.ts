import { Exit } from '../../base/exit.js';
import { withoutSignatures } from '../../models/native-input.js';
import { pick, RECORDED, type Submission } from '../../plan/plan.js';
import { isAccountError, isUnknownModel } from '../../runcomfy/meanings.js';
import type { ServiceError, SubmitAnswer } from '../../runcomfy/service.js';
import { placeOf, type RunContext, record } from '../context.js';
import type { Job } from '../job.js';
import {
  NOT_SENT,
  NOT_TAKEN,
  resolveCommand,
  UNKNOWN_MODEL,
  unknownMessage,
  unknownModelNotice,
} from '../messages.js';
import type { Step } from '../records/steps.js';
import { askInTime } from './ask-service.js';
import { type MediaBody, mediaBody } from './media-body.js';

interface Sending {
  readonly submission: Submission;
  readonly again: boolean;
}

/**
 * Sends one shot, once, and records every step before the next. Returns the request id, or null if the shot has ended
 * for this run (and was reported) or waits for room in the budget. Repeats the POST only if nothing can have been
 * accepted.
 */
export async function submitShot(run: RunContext, job: Job, sending: Sending): Promise<string | null> {
  try {
    return await sendUntilAnswered(run, job, sending);
  } finally {
    run.budget.release(job.key);
  }
}

async function sendUntilAnswered(
  run: RunContext,
  job: Job,
  { submission, again }: Sending,
): Promise<string | null> {
  const sent = { ...submission, input: run.frames.fill(submission.input) };
  const giveUp = run.deps.now() + run.timeouts.shot * 1000;
  for (;;) {
    if (!run.budget.reserve(job)) return null;
    const made = await run.oneByOne(() => prepare(run, job, sent));
    if (reportIfStopped(run, job) || made === null) return null;
    if (!made.ok) {
      run.reporter.end(job, 'failed', { message: made.message });
      return null;
    }
    run.reporter.shot(job, 'submitting');
    await record(run, job, { ...submittingStep({ ...sent, input: made.input }, run.deps.now()), again });
    await run.checkpoints.reached();
    await run.service.pace.waitForDeparture(run.brakes.sendingStopped);
    if (isStopped(run, job)) {
      const message = 'Nothing was sent: the run was told to stop first.';
      await record(run, job, { type: 'refused', status: null, code: 'stopped', message });
    } else {
      const answer = await run.service.submit(submission.model, made.body, run.brakes.postGraceOver);
      if (answer.kind !== 'not-sent') return recordAnswer(run, job, answer);
      await recordNotSent(run, job, answer);
    }
    if (reportIfStopped(run, job)) return null;
    if (run.deps.now() >= giveUp) {
      run.reporter.end(job, 'unfinished', { message: NOT_TAKEN });
      return null;
    }
    run.reporter.shot(job, 'waiting');
  }
}

/** Waits until a shot may leave, and makes its body; null if it may not leave any more. */
async function prepare(run: RunContext, job: Job, { input }: Submission): Promise<MediaBody | null> {
  if (isStopped(run, job)) return null;
  // The long wait comes before the record: a crash during it must not look like a lost answer.
  const mayLeave = await run.service.pace.waitForSubmissionTurn(run.brakes.sendingStopped);
  return mayLeave && run.budget.confirm(job)
    ? mediaBody(input, { list: run.folder, run: run.directory, shrink: run.shrink })
    : null;
}

/** If a shot may not be sent any more, reports it as unsent and returns true. */
export function reportIfStopped(run: RunContext, job: Job): boolean {
  const { unsentReason, unknownModels } = run.brakes;
  if (unsentReason !== null) run.reporter.end(job, 'unsent', { message: unsentReason });
  // The next run cannot send it either.
  else if (unknownModels.has(job.model))
    run.reporter.end(job, 'unsent', { message: UNKNOWN_MODEL, exit: Exit.failed });
  return isStopped(run, job);
}

function isStopped({ brakes }: RunContext, { model }: Job): boolean {
  return brakes.unsentReason !== null || brakes.unknownModels.has(model);
}

/** The step before a POST: without secrets, and without what the list may change at any time. `now` in milliseconds. */
export function submittingStep(submission: Submission, now: number): Step & { readonly type: 'submitting' } {
  const { live: _, bills: __, ...estimate } = submission.cost;
  return {
    type: 'submitting',
    sent: new Date(now).toISOString(),
    submission: pick(submission, RECORDED),
    input: withoutSignatures(submission.input),
    estimate,
  };
}

type FinalAnswer = Exclude<SubmitAnswer, { kind: 'not-sent' }>;

async function recordAnswer(run: RunContext, job: Job, given: FinalAnswer): Promise<string | null> {
  run.service.pace.connected();
  // Before anything is waited for: no other submission may leave meanwhile.
  const trouble = given.kind === 'accepted' ? given.trouble : given;
  const isAccount = trouble !== undefined && stopOnAccountError(run, trouble);
  const answer = await settled(run, given);
  if (answer.kind === 'accepted') return recordAccepted(run, job, answer.requestId);
  const { status, code, message } = answer;
  if (answer.kind === 'unknown') {
    await recordLost(run, job, answer);
  } else if (isAccount) {
    // It says nothing about the shot, which stays as it was.
    await record(run, job, { type: 'refused', status: null, code, message });
    run.reporter.end(job, 'unsent', { message: NOT_SENT });
  } else {
    const isModel = stopOnUnknownModel(run, job, answer);
    await record(run, job, { type: 'refused', status, code, message });
    run.reporter.end(job, 'refused', { message: isModel ? UNKNOWN_MODEL : message });
  }
  return null;
}

/** Longest wait for the state of a request that a refusal names, seconds: its id is not recorded meanwhile. */
const NAMED_ANSWER = 20;

/** The answer that counts: an id beside a refusal is a mere tracing id if the service does not know such a request. */
async function settled(run: RunContext, answer: FinalAnswer): Promise<FinalAnswer> {
  if (answer.kind !== 'accepted' || answer.trouble === undefined) return answer;
  const { kind } = await askInTime(run, answer.requestId, NAMED_ANSWER);
  return kind === 'forgotten' ? { kind: 'refused', ...answer.trouble } : answer;
}

/** Ends the submissions of a model that the service does not know, and says so once. Returns true if that is the error. */
function stopOnUnknownModel({ brakes, reporter }: RunContext, { model }: Job, error: ServiceError): boolean {
  if (!isUnknownModel(error.code)) return false;
  brakes.unknownModels.add(model);
  reporter.warnOnce(model, unknownModelNotice(error.message));
  return true;
}

async function recordAccepted(run: RunContext, job: Job, requestId: string): Promise<string | null> {
  const owner = run.records.ownerOf(requestId);
  if (owner !== undefined && owner !== job.key) {
    const other = run.records.get(owner)?.submission.id ?? 'another shot';
    const message = `The service answered with request ${requestId}, which is already that of ${other}.`;
    await recordLost(run, job, { status: null, code: 'repeated-id', message });
    return null;
  }
  try {
    await record(run, job, { type: 'submitted', request_id: requestId });
    run.checkpoints.changed();
  } catch (error) {
    // It is paid for, and the disk takes no record: the only place left for the id is the screen.
    const message = [
      `The service accepted it as request ${requestId}, but that could not be written down. Keep this id.`,
      `When there is room: ${resolveCommand(run.directory, { shot: job.name, requestId })}`,
    ].join(' ');
    run.reporter.end(job, 'unknown', { request_id: requestId, message });
    throw error;
  }
  return requestId;
}

async function recordLost(run: RunContext, job: Job, error: ServiceError): Promise<void> {
  const { code, message } = error;
  await record(run, job, { type: 'lost', code, message });
  const known = run.records.get(job.key);
  run.reporter.end(job, 'unknown', { message: known ? unknownMessage(known, placeOf(run)) : message });
}

async function recordNotSent(
  run: RunContext,
  job: Job,
  answer: SubmitAnswer & { kind: 'not-sent' },
): Promise<void> {
  const { status, code, message } = answer;
  await record(run, job, { type: 'refused', status, code, message });
  const { pace } = run.service;
  // A 429: the client has told the pace how long to pause.
  if (status !== null) return pace.connected();
  const pause = pace.disconnected();
  if (pace.disconnectedFor < run.timeouts.down * 1000) {
    run.reporter.slowed(`${message} Trying again in ${Math.ceil(pause / 1000)} s.`);
    return;
  }
  const down = `The service cannot be reached: ${message} Nothing was lost; run again when it is back.`;
  if (run.brakes.stopSending(Exit.serviceDown, NOT_SENT)) run.reporter.notice('warning', down);
}

/** Ends submissions if an error concerns the account, and so all of them. Returns true if it does. */
export function stopOnAccountError(run: RunContext, error: ServiceError): boolean {
  if (!isAccountError(error)) return false;
  const { message } = error;
  if (run.brakes.stopSending(Exit.account, NOT_SENT)) {
    run.reporter.notice(
      'warning',
      `${message} Nothing more is sent; what is with the service already is followed.`,
    );
  }
  return true;
}
