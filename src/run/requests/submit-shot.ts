import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Exit } from '../../base/exit.js';
import type { JsonObject } from '../../base/json.js';
import { LARGEST_REQUEST } from '../../base/limits.js';
import { mebibytes } from '../../base/units.js';
import {
  type ChainedFrame,
  isLocalMedia,
  isVersionedUrl,
  type LocalMedia,
  type NativeInput,
  resolveMedia,
  type VersionedUrl,
  withoutSignatures,
} from '../../models/native-input.js';
import { pick, RECORDED, type Submission } from '../../plan/plan.js';
import { shrunkSize } from '../../plan/request-size.js';
import { isAccountError, isUnknownModel } from '../../runcomfy/meanings.js';
import type { ServiceError, SubmitAnswer } from '../../runcomfy/service.js';
import { isTaken } from '../chains.js';
import { frameFile } from '../clips/frames.js';
import { placeOf, type RunContext, record, type Shrink } from '../context.js';
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
  const answer = await answerThatCounts(run, given);
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
async function answerThatCounts(run: RunContext, answer: FinalAnswer): Promise<FinalAnswer> {
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

/** Body of a POST and the input as it is recorded, or why it cannot be made, in words. */
type MediaBody =
  | { readonly ok: true; readonly body: JsonObject; readonly input: NativeInput }
  | { readonly ok: false; readonly message: string };

interface MediaOptions {
  /** Absolute path of the shot list's folder, for local files. */
  readonly list: string;
  /** Absolute path of the run directory, for chained frames. */
  readonly run: string;
  /** Makes smaller copies of images that are too large; null to send all as they are. */
  readonly shrink: Shrink | null;
}

/** Bytes that stand for a local file or a frame in a body. */
interface Medium {
  readonly file: string;
  readonly type: string;
  readonly bytes: Buffer;
}

type Media = ReadonlyMap<LocalMedia | ChainedFrame, Medium>;

/** Most bytes of files that are read for one request, to be shrunk. A request is made in memory. Our choice. */
const LARGEST_TO_SHRINK = 1024 * 1024 * 1024;

/**
 * Makes the JSON body of a POST: the input with local files and chained frames as data URIs. Files are hashed again, so
 * that what is sent is what was planned and priced. A changed file, a missing file or a body above 64 MiB is a failure in
 * words. In the recorded input, a file with a smaller copy has facts of both.
 */
export async function mediaBody(input: NativeInput, options: MediaOptions): Promise<MediaBody> {
  try {
    const media = await readMedia(input, options);
    const copies = options.shrink ? await shrinkLarge(media, options.shrink) : new Map();
    const body = resolveMedia(input, (reference) => {
      if (isVersionedUrl(reference)) return reference.$url;
      const { type, bytes } = copies.get(reference) ?? (media.get(reference) as Medium);
      return `data:${type};base64,${bytes.toString('base64')}`;
    }) as JsonObject;
    const size = Buffer.byteLength(JSON.stringify(body));
    if (size > LARGEST_REQUEST) throw new MediaProblem(tooLarge(size, options.shrink));
    return { ok: true, body, input: copies.size === 0 ? input : withCopies(input, copies) };
  } catch (error) {
    if (error instanceof MediaProblem) return { ok: false, message: error.message };
    throw error;
  }
}

class MediaProblem extends Error {}

function tooLarge(bytes: number, shrink: Shrink | null): string {
  const size = `Its files make a request of ${mebibytes(bytes)}; the service takes ${mebibytes(LARGEST_REQUEST)}.`;
  const host = 'write the https URLs of some files instead.';
  return shrink ? `${size} Use smaller files, or ${host}` : `${size} Run again with --shrink, or ${host}`;
}

/** Reads all files of an input, one after the other, and checks their hashes. */
async function readMedia(input: NativeInput, { list, run, shrink }: MediaOptions): Promise<Media> {
  const references: (LocalMedia | ChainedFrame)[] = [];
  resolveMedia(input, (reference) => {
    if (!isVersionedUrl(reference)) references.push(reference);
    return null;
  });
  const media = new Map<LocalMedia | ChainedFrame, Medium>();
  let left = shrink ? LARGEST_TO_SHRINK : LARGEST_REQUEST;
  for (const reference of references) {
    const { path, file, sha256, type, missing, changed } = sourceOf(reference, { list, run });
    const bytes = await readWhole(path, { file, missing, most: left, shrink });
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) throw new MediaProblem(changed);
    left -= bytes.length;
    media.set(reference, { file, type, bytes });
  }
  return media;
}

function sourceOf(
  reference: LocalMedia | ChainedFrame,
  { list, run }: Pick<MediaOptions, 'list' | 'run'>,
): { path: string; file: string; sha256: string; type: string; missing: string; changed: string } {
  if (isLocalMedia(reference)) {
    const { $file: file, sha256, type } = reference;
    const changed = `${file} has changed since the plan was made. Run again to send it as it is now.`;
    return { path: join(list, file), file, sha256, type, missing: 'Put it back and run again.', changed };
  }
  if (!isTaken(reference)) throw new Error(`the last frame of ${reference.$last_frame_of} was not taken`);
  const file = frameFile(reference);
  const { sha256, type } = reference;
  const changed = `${file} has changed since it was taken. Run again to take it again.`;
  return { path: join(run, file), file, sha256, type, missing: 'Run again to take it again.', changed };
}

async function readWhole(
  path: string,
  { file, missing, most, shrink }: { file: string; missing: string; most: number; shrink: Shrink | null },
): Promise<Buffer> {
  try {
    const handle = await open(path, 'r');
    try {
      const { size } = await handle.stat();
      if (size > most) throw new MediaProblem(tooLarge(LARGEST_REQUEST - most + size, shrink));
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof MediaProblem) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new MediaProblem(`${file} cannot be read${code ? ` (${code})` : ''}. ${missing}`);
  }
}

/** Smaller copies of the images that are too large for their request. */
async function shrinkLarge(media: Media, shrink: Shrink): Promise<Media> {
  const most = shrunkSize([...media.values()].map(({ type, bytes }) => ({ type, bytes: bytes.length })));
  const copies = new Map<LocalMedia | ChainedFrame, Medium>();
  // The same board may be in several places.
  const made = new Map<string, Medium>();
  for (const [reference, { file, type, bytes }] of media) {
    if (!isLocalMedia(reference) || !type.startsWith('image/') || bytes.length <= most) continue;
    const { sha256 } = reference;
    if (!made.has(sha256)) {
      const copy = await shrink({ bytes, most });
      if (!copy.ok) throw new MediaProblem(`No smaller copy of ${file} could be made: ${copy.message}.`);
      made.set(sha256, { file, ...copy.picture });
    }
    copies.set(reference, made.get(sha256) as Medium);
  }
  return copies;
}

/** The input with the facts of the copies that are sent. */
function withCopies(input: NativeInput, copies: Media): NativeInput {
  return resolveMedia(input, (reference) => {
    const copy = isLocalMedia(reference) ? copies.get(reference) : undefined;
    if (!copy) return { ...(reference as LocalMedia | VersionedUrl) };
    const sha256 = createHash('sha256').update(copy.bytes).digest('hex');
    return { ...(reference as LocalMedia), sent: { sha256, type: copy.type, bytes: copy.bytes.length } };
  }) as NativeInput;
}
