import { existsSync, mkdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { putInPlace } from '../../base/durable-file.js';
import { sleepUnlessAborted } from '../../base/effects.js';
import { isVideo, kindWords } from '../../media/facts.js';
import { serviceErrorOf } from '../../runcomfy/answers.js';
import { isAccountError } from '../../runcomfy/meanings.js';
import type { ServiceError } from '../../runcomfy/service.js';
import { clipOf } from '../chains.js';
import { placeOf, type RunContext, record } from '../context.js';
import { CannotWrite } from '../directory/obstacle.js';
import type { Job } from '../job.js';
import {
  besideNotice,
  goneMessage,
  lateClip,
  noVideoNotice,
  saidMessage,
  twinNotice,
  unfetchedNotice,
} from '../messages.js';
import { CLIPS } from '../records/record-file.js';
import type { ClipOfOtherAttempt, KeyState } from '../records/render.js';
import { askInTime } from '../requests/ask-service.js';
import { resultOf, withoutSent } from '../requests/follow-request.js';
import { stopOnAccountError } from '../requests/submit-shot.js';
import { withDeadline } from '../waits.js';
import { hashOf } from './local-copies.js';
import { clipIsHere, clipName, clipsAreHere, withEnding } from './recorded-clips.js';
import { Arrival, type TakeOptions, takeClip } from './take-clip.js';

/** A clip to fetch. */
interface Wanted {
  readonly url: string;
  readonly index: number;
  /** Relative to the run directory. */
  readonly file: string;
  /** Hash of the clip if it was fetched before: other bytes are not taken for it. */
  readonly sha256: string | null;
  readonly details: { readonly request_id: string | null; readonly usd: number | null };
  readonly arrival: Arrival;
}

/** Reason for which a clip could not be had; `index` is its place among the outputs. */
interface Gone extends ServiceError {
  readonly index: number;
  /** Reason for which the service gave no fresh link, if it may give one later. */
  readonly trouble: ServiceError | null;
}

/** Statuses for a link that has expired or moved. */
const STALE_LINK: ReadonlySet<number | null> = new Set([403, 404, 410]);

/** Statuses of storage that does not have a file yet, or whose link has expired. */
const NOT_YET: ReadonlySet<number | null> = new Set([202, 204, 403, 404, 409]);
/** The same for answers that are no error of HTTP: no link, an empty file, the beginning of one. */
const NOT_YET_CODES: ReadonlySet<string | null> = new Set(['no-output', 'empty', 'unfinished']);
/** Times that any other answer in place of a clip must come: an error page may be of a moment. Our choice. */
const DOUBTED = 5;

/** Pause before a clip is asked for again, milliseconds; doubled each time, up to the longest. Our choice. */
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;

/**
 * Puts every missing clip of a rendered submission in its place: from this machine, or else from the service. Records a
 * clip that is new. The record of a known clip stays, even if the clip cannot be fetched again. Never submits. Reports the
 * shot's end. `stale` is true for links of an earlier run. The end of a render is not the end of the wait: a clip that was
 * never fetched and is not there yet is asked for again, each time by a fresh link, until the time for a download is over.
 * It holds a `slot` only while it is asked for. Throws `CannotWrite` if the disk fails.
 */
export async function fetchClips(
  run: RunContext,
  job: Job,
  { stale, slot }: { readonly stale: boolean; readonly slot: Slot },
): Promise<void> {
  const { brakes, deps, reporter } = run;
  const arrival = new Arrival(deps.now, reporter.progress(job));
  const begun = deps.now();
  const rounds = async () => {
    let doubted = 0;
    for (let round = 0; ; round += 1) {
      const gone = await slot(() => fetchRound(run, job, { stale, round, arrival }));
      if (!gone) return;
      doubted += doubtOf(gone);
      const pause = Math.min(FIRST_PAUSE * 2 ** round, LONGEST_PAUSE) * (0.75 + deps.random() / 2);
      const until = patientUntil(run, job, { stale, begun });
      if (doubted >= DOUBTED || deps.now() + pause > until) return endGone(run, job, gone);
      arrival.fault = gone.message;
      if (!(await sleepUnlessAborted(deps, pause, brakes.allStopped))) return endGone(run, job, gone);
    }
  };
  const say = () => {
    const why = arrival.trouble();
    if (why !== null) reporter.slowed(unfetchedNotice(job.name, why));
  };
  await run.stillTrying.during(rounds, say);
}

/** Does a task when there is room for one more download. */
type Slot = <T>(task: () => Promise<T>) => Promise<T>;

/** Weight of an answer as the last one, up to `DOUBTED`. Our own refusals, and 410, are final. */
function doubtOf({ status, code, trouble }: Gone): number {
  if (trouble && isAccountError(trouble)) return DOUBTED;
  if (NOT_YET.has(status) || NOT_YET_CODES.has(code)) return 0;
  return status === null || status === 410 || (status >= 300 && status < 400) ? DOUBTED : 1;
}

/** Time until which a clip may be late, milliseconds. One that was here before is not late, but gone. */
function patientUntil(
  { records, timeouts }: RunContext,
  { key }: Job,
  { stale, begun }: { readonly stale: boolean; readonly begun: number },
): number {
  const known = records.get(key);
  if (known?.state !== 'completed') return 0;
  // An earlier run may have waited for it already.
  const since = stale ? Date.parse(known.sentAt) : begun;
  return since + timeouts.download * 1000;
}

/** Fetches what is missing, once. Returns why it cannot be had; any other end is reported. */
async function fetchRound(
  run: RunContext,
  job: Job,
  options: { readonly stale: boolean; readonly round: number; readonly arrival: Arrival },
): Promise<Gone | null> {
  const known = run.records.get(job.key);
  if (!known) return null;
  const { round, arrival } = options;
  const stale = options.stale || round > 0;
  const { directory } = run;
  await run.copies.take(job.key);
  const details = { request_id: known.requestId, usd: known.cost };
  const isHere = clipsAreHere(known, directory);
  const links: Links = isHere ? { urls: [], trouble: null } : await linksOf(run, job, stale);
  if (!isHere && round === 0) {
    run.reporter.shot(job, 'downloading', details);
    mkdirSync(join(directory, CLIPS), { recursive: true });
  }
  const first = await fetchMissing(run, job, { links: links.urls, arrival });
  // A link of this run may have expired: the service is asked for another immediately.
  const fresh = first && STALE_LINK.has(first.status) && !stale ? await linksOf(run, job, true) : null;
  const isOther = fresh && fresh.urls.join(' ') !== links.urls.join(' ');
  const gone = isOther ? await fetchMissing(run, job, { links: fresh.urls, arrival }) : first;
  const { trouble, said } = fresh ?? links;
  if (gone?.code === 'no-output' && said !== undefined)
    return { ...gone, trouble, message: `${gone.message} ${said}` };
  if (gone) return { ...gone, trouble };
  endDone(run, job);
  return null;
}

/** Ends a job whose clips are here, unless it has ended in another way. */
function endDone({ records, reporter }: RunContext, job: Job): void {
  const known = records.get(job.key);
  if (!known) return;
  const { requestId, cost } = known;
  reporter.end(job, 'done', { request_id: requestId, usd: cost, file: clipOf(known)?.file ?? null });
}

/**
 * Ends a job whose clip cannot be had: for good, unless the run is being stopped, the service could not be asked for a link
 * that works, or another branch's clip of it is here.
 */
async function endGone(run: RunContext, job: Job, gone: Gone): Promise<void> {
  const known = run.records.get(job.key);
  if (!known) return;
  const details = { request_id: known.requestId, usd: known.cost };
  const { trouble, status, code } = gone;
  const isStopped = run.brakes.allStopped.aborted;
  if (isStopped || (trouble && (STALE_LINK.has(status) || code === 'no-output'))) {
    const link =
      STALE_LINK.has(status) && trouble ? ': its link has expired, and the service names no other' : '';
    const why = isStopped || !trouble || stopOnAccountError(run, trouble) ? '' : ` ${trouble.message}`;
    const message = `Rendered, but not here yet${link}.${why} ${PAID_FOR}`;
    run.reporter.end(job, 'unfinished', { ...details, message });
    return;
  }
  // A file beside the clip, such as a description of it, is no result that is missed.
  const urls = known.outputs
    .slice(0, gone.index)
    .flatMap(({ url, file }) => (file === null || url === null ? [] : url));
  if (
    code === 'no-video' &&
    gone.index === known.outputs.length - 1 &&
    urls.length === gone.index &&
    gone.index > 0
  ) {
    await record(run, job, {
      type: 'completed',
      outputs: urls,
      cost: known.cost,
      finished: known.finishedAt,
    });
    run.reporter.notice('info', besideNotice(job.name, gone.message));
    endDone(run, job);
    return;
  }
  // The service sent a file, such as an empty one or an error page.
  if (status === 200) await flagUnreadable(run, job, gone.index);
  const twin = twinOf(known, run.directory);
  if (twin !== null) {
    await record(run, job, { type: 'chosen', request_id: twin });
    run.reporter.notice('info', twinNotice(known, { why: gone.message, twin }));
    endDone(run, job);
    return;
  }
  if (known.state === 'completed') await record(run, job, { type: 'left', code, message: gone.message });
  const message = goneMessage(known, { why: gone.message, ...placeOf(run) });
  run.reporter.end(job, 'failed', { ...details, message });
}

/** Request of a clip that another branch rendered of the same shot and that is here; null if there is none. */
function twinOf({ replaces, clipsOfOtherAttempts: others }: KeyState, directory: string): string | null {
  // A person who had it rendered again wants the newer one.
  if (replaces) return null;
  const isHere = (clip: ClipOfOtherAttempt) => clip.sha256 !== null && clipIsHere(clip, directory);
  const ids = new Set(others.flatMap(({ requestId }) => requestId ?? []));
  const all = (id: string) => others.filter(({ requestId }) => requestId === id);
  return [...ids].find((id) => all(id).every(isHere)) ?? null;
}

const PAID_FOR = 'It is paid for: run again to fetch it; it is not rendered again.';

/** Fetches the missing clips, each whatever becomes of the others. Returns why the first one cannot be had, if any; other problems are reported. */
async function fetchMissing(
  run: RunContext,
  job: Job,
  { links, arrival }: { readonly links: readonly (string | null)[]; readonly arrival: Arrival },
): Promise<Omit<Gone, 'trouble'> | null> {
  const known = run.records.get(job.key);
  if (!known) return null;
  if (known.outputs.length === 0) return { status: null, code: 'no-output', message: NO_VIDEO, index: 0 };
  const details = { request_id: known.requestId, usd: known.cost };
  let gone: Omit<Gone, 'trouble'> | null = null;
  for (const [index, output] of known.outputs.entries()) {
    if (clipIsHere(output, run.directory)) continue;
    const url = links[index] ?? output.url;
    if (url === null) {
      gone ??= { status: null, code: null, message: 'It was put here by hand, and is gone.', index };
      continue;
    }
    // A clip keeps its first name.
    const file = output.file ?? clipName(known, index);
    const { sha256 } = output;
    const problem = await fetchOne(run, job, { url, index, file, sha256, details, arrival });
    if (problem) gone ??= { ...serviceErrorOf(problem), index };
    if (run.reporter.endOf(job.key) !== undefined) return null;
  }
  return gone;
}

/** Time for the service to name links again, seconds. Without an answer, the old links are tried. */
export const ASK_AGAIN = 60;

/** Links of the outputs, in their order. `trouble` says why the service gave no fresh ones, if it may give them later. */
interface Links {
  readonly urls: readonly (string | null)[];
  readonly trouble: ServiceError | null;
  /** Words of the service instead of a link, a sentence. */
  readonly said?: string;
}

/**
 * Links of the outputs. Asks the service again if no output was named, or if the links are of an earlier run or round and
 * may have moved or expired. Fresh links are not recorded.
 */
async function linksOf(run: RunContext, job: Job, stale: boolean): Promise<Links> {
  const known = run.records.get(job.key);
  const recorded = known?.outputs.map(({ url }) => url) ?? [];
  if (!known || (recorded.length > 0 && !stale)) return { urls: recorded, trouble: null };
  const seconds = Math.min(ASK_AGAIN, run.timeouts.download);
  const answer = known.requestId === null ? null : await askInTime(run, known.requestId, seconds);
  const fresh =
    answer?.kind === 'state' ? resultOf(withoutSent(answer.request, known.submission.input)) : null;
  if (fresh && fresh.outputs.length > 0) {
    const isNews = known.state === 'completed' && fresh.outputs.length !== recorded.length;
    if (isNews) await record(run, job, { type: 'completed', ...fresh });
    return { urls: fresh.outputs, trouble: null };
  }
  const trouble = answer?.kind === 'unreachable' || answer?.kind === 'refused' ? answer : null;
  return { urls: recorded, trouble, ...(answer?.kind === 'state' && { said: saidMessage(answer.request) }) };
}

const NO_VIDEO = 'The service says it is done, but names no video.';

/** Fetches one clip. Returns why it cannot be had; any other trouble is reported as the shot's end. */
async function fetchOne(run: RunContext, job: Job, wanted: Wanted): Promise<ServiceError | null> {
  const { url, index, details, sha256: expected, arrival } = wanted;
  const { directory } = run;
  // The clip of another branch may have the name, without its record here: it was paid for, and stays.
  const place = (ending: string) =>
    expected === null ? freeName(withEnding(wanted.file, ending), directory) : wanted.file;
  arrival.begin(index);
  const { seconds } = job;
  const answer = await downloadClip(run, { url, directory, place, expected, seconds, arrival });
  switch (answer.kind) {
    case 'taken': {
      const { file, bytes, sha256, media } = answer;
      // The record stays as it is: a fetched copy changes no committed file.
      if (expected !== null) return null;
      const first = withEnding(wanted.file, extname(file).slice(1));
      const kept = await keepFirstName({ file, first, sha256, directory });
      await record(run, job, { type: 'downloaded', index, file: kept, bytes, sha256, media });
      if (!isVideo(media))
        run.reporter.notice('warning', noVideoNotice(job.name, { what: kindWords(media), file: kept }));
      return null;
    }
    case 'other-clip': {
      const message = `What the service sends now is another video than ${wanted.file}, and was not kept.`;
      return { status: null, code: 'other-clip', message };
    }
    case 'no-video': {
      const what = answer.isText ? 'a text, no video' : 'no whole video';
      const message = `What the service sent is ${what}, and was not kept.`;
      return { status: 200, code: answer.isBegun ? 'unfinished' : 'no-video', message };
    }
    case 'refused':
      return answer;
    case 'in-the-way': {
      const message = `Rendered, but not here yet. ${answer.message}`;
      run.reporter.end(job, 'unfinished', { ...details, message });
      return null;
    }
    case 'unreachable': {
      const why = run.brakes.allStopped.aborted ? '' : ` ${answer.message}`;
      const message = `Rendered, but not here yet.${why} ${PAID_FOR}`;
      run.reporter.end(job, 'unfinished', { ...details, message });
      return null;
    }
    case 'cannot-write': {
      const message =
        'Rendered, but it could not be written here. Run again to fetch it; it is not rendered again.';
      run.reporter.end(job, 'unfinished', { ...details, message });
      throw new CannotWrite(answer.message, { cause: answer });
    }
  }
}

/** The name of a clip, or one with a number if a file has it. */
function freeName(file: string, directory: string): string {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? file : file.replace(/\.\w+$/, `-copy${number}$&`);
    if (!existsSync(join(directory, name))) return name;
  }
}

/** Gives a clip its first name if the file that has the name is the same clip, as after a crash. Returns its name. */
async function keepFirstName(options: {
  readonly file: string;
  readonly first: string;
  readonly sha256: string;
  readonly directory: string;
}): Promise<string> {
  const { file, first, sha256, directory } = options;
  if (file === first || (await hashOf(join(directory, first))) !== sha256) return file;
  await putInPlace(join(directory, file), join(directory, first));
  return first;
}

/** Records that a download is no video, once: a later run may get the same file. */
async function flagUnreadable(run: RunContext, job: Job, index: number): Promise<void> {
  const output = run.records.get(job.key)?.outputs[index];
  if (!output || output.check || output.sha256 !== null) return;
  const flags = [{ code: 'unreadable', message: 'what the service sent is no video' }] as const;
  await record(run, job, { type: 'inspected', index, sha256: null, pictures: false, flags });
}

/**
 * Fetches one clip to its place within what is left of the run's time for a download. If the time runs out,
 * the message of the answer says so and names the last fault.
 */
async function downloadClip(
  run: RunContext,
  options: Omit<TakeOptions, 'signal' | 'onProgress' | 'onFault'> & { readonly arrival: Arrival },
): ReturnType<typeof takeClip> {
  const { brakes, deps, service, timeouts } = run;
  const { arrival, ...what } = options;
  const seconds = timeouts.download;
  const left = seconds - (deps.now() - arrival.begun) / 1000;
  const deadline = withDeadline({ signal: brakes.allStopped, seconds: left, sleep: deps.sleep });
  const { onProgress, onFault } = arrival;
  try {
    const answer = await takeClip(
      { ...deps, service },
      { ...what, onProgress, onFault, signal: deadline.signal },
    );
    if (answer.kind !== 'unreachable' || !deadline.over()) return answer;
    return { ...answer, message: lateClip(seconds, arrival.fault) };
  } finally {
    deadline.end();
  }
}
