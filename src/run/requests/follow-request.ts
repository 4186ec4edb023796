import { withoutQuery } from '../../base/text.js';
import type { NativeInput } from '../../models/native-input.js';
import { statusAdvice } from '../../runcomfy/answers.js';
import {
  isAccountError,
  isOtherAccount,
  statusOfCode,
  statusOfPhrase,
  statusOfWord,
} from '../../runcomfy/meanings.js';
import { isPicture } from '../../runcomfy/outputs.js';
import type { RequestState, ResultAnswer, ServiceError } from '../../runcomfy/service.js';
import { placeOf, type RunContext, record } from '../context.js';
import type { Job } from '../job.js';
import {
  failureMessage,
  notOurs,
  orGiveUp,
  otherAccountNotice,
  overdue,
  saidMessage,
  stillThere,
  unknownMessage,
} from '../messages.js';
import { withDeadline } from '../waits.js';
import { stopOnAccountError } from './submit-shot.js';

/** How the following of a request ended. */
export type Followed =
  /** Rendered. */
  | 'completed'
  /** Ended for this run; recorded and reported. */
  | 'over'
  /** Still with the service, because the run is being stopped. */
  | { readonly left: 'queued' | 'rendering' }
  /** Failed for this reason; recorded, not reported. */
  | { readonly failed: string };

/** Times the service must say in a row that it does not know a request: reads can lag behind writes. */
const FORGOTTEN_TIMES = 3;
/** Between these questions, seconds; doubled each time, up to the longest. Our choice. */
const FORGOTTEN_WAIT = 5;
const LONGEST_FORGOTTEN_WAIT = 30;
/** Time from its submission, or from its last state, in which a request that is not known may become known again, seconds. Our choice. */
const KNOWN_LATE = 600;
/** Wait after the service could not be asked and the client gave up, seconds. */
const UNREACHABLE_WAIT = 5;
/** Every fifth question is asked at the other address of the API. Our choice. */
const OTHER_EVERY = 5;
/** Wait before an end that is not certain is asked about again, seconds. */
const CONFIRM_WAIT = 5;

/** Asks about one request until the service is done with it, the run is stopped, or the shot's time is over. */
export async function followRequest(run: RunContext, job: Job, requestId: string): Promise<Followed> {
  const { sleep } = run.deps;
  const deadline = withDeadline({ signal: run.brakes.allStopped, seconds: run.timeouts.shot, sleep });
  const follower = new Follower(run, job, requestId);
  try {
    for (;;) {
      if (follower.wait > 0) await sleep(follower.wait * 1000, deadline.signal);
      if (!deadline.signal.aborted) {
        const end = await follower.take(await follower.ask(deadline.signal));
        if (end) return end;
      }
      if (run.brakes.allStopped.aborted) return { left: follower.state };
      if (deadline.over()) {
        await follower.endOverdue();
        return 'over';
      }
    }
  } finally {
    deadline.end();
  }
}

/** Knowledge of one request while it is followed. */
class Follower {
  /** Seconds until the next question. */
  wait: number;
  state: 'queued' | 'rendering' = 'queued';
  #position: number | null = null;
  #forgotten = 0;
  readonly #submitted: number;
  /** Rendering began between these two times, milliseconds. */
  #began: { earliest: number; latest: number };
  #questions = 0;
  /** Time of the last answer that it was queued or rendering, milliseconds; null before the first. */
  #lastGoing: number | null = null;
  /** The end in the last answer, if it was not certain: it counts when it comes again. */
  #uncertainEnd: string | null = null;
  /** The service's last word about the request, and a sentence with all that it said. */
  #said: { readonly code: string | null; readonly message: string } | null = null;
  readonly #run: RunContext;
  readonly #job: Job;
  readonly #requestId: string;

  constructor(run: RunContext, job: Job, requestId: string) {
    this.#run = run;
    this.#job = job;
    this.#requestId = requestId;
    const submitted = Date.parse(run.records.get(job.key)?.sentAt ?? '') || run.deps.now();
    this.#submitted = submitted;
    this.#began = { earliest: submitted, latest: submitted };
    const age = Math.max(0, (run.deps.now() - submitted) / 1000);
    // A request of an earlier run may be done already, so it is asked about immediately.
    this.wait = age > 1 ? 0 : run.times.wait(job, { at: 'rendering', age });
    this.#show();
  }

  /** Asks once, and says so if no answer comes for long. */
  async ask(signal: AbortSignal): Promise<ResultAnswer> {
    const { deps, reporter, service, stillTrying } = this.#run;
    const began = deps.now();
    const say = () => reporter.silent(service.origin, began);
    const answer = await stillTrying.during(() => this.#ask(signal), say);
    if (answer.kind !== 'unreachable') reporter.heard();
    return answer;
  }

  /**
   * While it is queued, `status` tells the position. Otherwise `result` tells all with one question. Now and then the other one is
   * asked: one of the two may have the end before the other.
   */
  async #ask(signal: AbortSignal): Promise<ResultAnswer> {
    this.#questions += 1;
    const asksForResult = this.#lastGoing === null || this.state === 'rendering';
    if (asksForResult !== (this.#questions % OTHER_EVERY === 0)) return this.#askResult(signal);
    const status = await this.#run.service.status(this.#requestId, signal);
    if (status.kind !== 'state' || !isEnd(status.request)) return status;
    const result = await this.#askResult(signal);
    const isBehind = result.kind === 'state' && !isEnd(result.request) && status.request.outputs.length > 0;
    return isBehind ? status : result;
  }

  /** A service may deny a result before it is there, and still tell the status. */
  async #askResult(signal: AbortSignal): Promise<ResultAnswer> {
    const { service } = this.#run;
    const answer = await service.result(this.#requestId, signal);
    const isDenied = answer.kind === 'forgotten' || (answer.kind === 'refused' && !isAccountError(answer));
    const status = isDenied ? await service.status(this.#requestId, signal) : null;
    return status?.kind === 'state' ? status : answer;
  }

  /** Takes an answer in. Returns the end if it was the last one. */
  async take(answer: ResultAnswer): Promise<Followed | null> {
    if (answer.kind !== 'forgotten') this.#forgotten = 0;
    switch (answer.kind) {
      case 'state':
        return this.#takeState(answer.request);
      case 'forgotten':
        return this.#takeForgotten(answer);
      case 'refused': {
        // Trouble with the account is said once, for all shots.
        const isOfAccount = stopOnAccountError(this.#run, answer);
        if (!isOfAccount) await this.#recordSaid(answer);
        const message = this.#refusedMessage(answer, isOfAccount);
        this.#run.reporter.end(this.#job, 'unfinished', { request_id: this.#requestId, message });
        return 'over';
      }
      case 'unreachable':
        this.wait = UNREACHABLE_WAIT;
        this.#said = { code: answer.code, message: answer.message };
        return null;
    }
  }

  #refusedMessage({ code, message }: ServiceError, isOfAccount: boolean): string {
    const known = this.#run.records.get(this.#job.key);
    if (known && isOtherAccount(code)) {
      const notice = otherAccountNotice(known, { why: message, ...placeOf(this.#run) });
      this.#run.reporter.warnOnce('account', notice);
      return notOurs(this.#requestId);
    }
    if (isOfAccount || !known) return stillThere(this.#requestId);
    return `${message} ${stillThere(this.#requestId)} ${orGiveUp(known, placeOf(this.#run))}`;
  }

  async #takeState(answer: RequestState): Promise<Followed | null> {
    const request = withoutSent(answer, this.#run.records.get(this.#job.key)?.submission.input);
    this.#said = { code: request.code ?? (request.rawStatus || null), message: saidMessage(request) };
    if (!this.#isBelieved(request)) {
      this.#takeGoing({ status: 'rendering', queuePosition: null });
      this.wait = CONFIRM_WAIT;
      return null;
    }
    switch (request.status) {
      case 'completed':
        return this.#takeCompleted(request);
      case 'failed':
      case 'cancelled':
        return this.#takeFailure(request);
      default:
        this.#takeGoing(request);
        return null;
    }
  }

  /** True for an end that is certain, or comes for the second time in a row, and for every state that is no end. */
  #isBelieved(request: RequestState): boolean {
    const { status, isCertain, outputs, error } = request;
    // Signatures of links change with each answer.
    const end =
      isCertain || !isEnd(request)
        ? null
        : [status, ...(outputs.length > 0 ? outputs.map(withoutQuery) : [error])].join(' ');
    const isRepeated = end === this.#uncertainEnd;
    this.#uncertainEnd = end;
    return end === null || isRepeated;
  }

  async #takeCompleted(request: RequestState): Promise<Followed | null> {
    const said = statusOfWord(request.rawStatus);
    if (said === 'failed' || said === 'cancelled') {
      const [url = ''] = resultOf(request).outputs;
      const { kind } = await this.#run.service.checkDownload(url, this.#run.brakes.allStopped);
      if (kind === 'refused') return this.#takeFailure({ ...request, status: said });
      if (kind === 'unreachable') {
        this.wait = CONFIRM_WAIT;
        return null;
      }
    }
    this.#learn();
    await record(this.#run, this.#job, { type: 'completed', ...resultOf(request) });
    return 'completed';
  }

  #learn(): void {
    const { deps, times } = this.#run;
    const { earliest, latest } = this.#began;
    const after = this.#lastGoing === null ? 0 : Math.max(0, (this.#lastGoing - latest) / 1000);
    const before = Math.max(after, (deps.now() - earliest) / 1000);
    // A request of an earlier run may have ended long before the first question.
    const isSeen = this.#lastGoing !== null || before < times.usual(this.#job) * 2;
    if (isSeen) times.learn(this.#job, { after, before });
  }

  async #takeFailure(request: RequestState): Promise<Followed> {
    const { status, code, rawStatus, error, cost } = request;
    if (status === 'cancelled' && this.#run.records.get(this.#job.key)?.cancelling) {
      // It is not sent again in this run, because its price was not agreed to.
      await record(this.#run, this.#job, { type: 'cancelled' });
      const message = 'It was cancelled, as an earlier run had asked. Run again to send it.';
      this.#run.reporter.end(this.#job, 'unfinished', { request_id: this.#requestId, message });
      return 'over';
    }
    const message = failureMessage(request);
    // A render that failed for want of funds says that no other will be paid for.
    const coded = statusOfCode(code);
    const isOutOfFunds = statusOfPhrase(`${code ?? ''} ${error ?? ''}`) === 402;
    const meant = coded?.isKnown ? coded.status : isOutOfFunds ? 402 : null;
    if (meant !== null) {
      const why = `${this.#job.name}: ${message}${statusAdvice(meant)}`;
      stopOnAccountError(this.#run, { status: meant, code, message: why });
    }
    await record(this.#run, this.#job, {
      type: 'failed',
      code: code ?? (rawStatus || null),
      message,
      cost: credibleCost(cost),
    });
    return { failed: message };
  }

  #takeGoing({ status, queuePosition }: Pick<RequestState, 'status' | 'queuePosition'>): void {
    const now = this.#run.deps.now();
    const before = { state: this.state, position: this.#position };
    const isQueued = status === 'queued';
    if (isQueued) this.#began = { earliest: now, latest: now };
    else if (before.state === 'queued' && this.#lastGoing !== null) this.#began.latest = now;
    this.state = isQueued ? 'queued' : 'rendering';
    // A result has no position.
    this.#position = isQueued ? (queuePosition ?? before.position) : null;
    this.#lastGoing = now;
    const age = (now - (this.#began.earliest + this.#began.latest) / 2) / 1000;
    this.wait = this.#run.times.wait(
      this.#job,
      isQueued ? { at: 'queued', position: queuePosition } : { at: 'rendering', age },
    );
    if (this.state !== before.state || this.#position !== before.position) this.#show();
  }

  async #takeForgotten({ code, message }: ResultAnswer & { kind: 'forgotten' }): Promise<Followed | null> {
    this.wait = Math.min(FORGOTTEN_WAIT * 2 ** this.#forgotten, LONGEST_FORGOTTEN_WAIT);
    this.#forgotten += 1;
    this.#said = { code, message };
    const silence = (this.#run.deps.now() - (this.#lastGoing ?? this.#submitted)) / 1000;
    if (silence < KNOWN_LATE || this.#forgotten < FORGOTTEN_TIMES) return null;
    await record(this.#run, this.#job, { type: 'lost', code, message });
    const known = this.#run.records.get(this.#job.key);
    this.#run.reporter.end(this.#job, 'unknown', {
      request_id: this.#requestId,
      message: known ? unknownMessage(known, placeOf(this.#run)) : message,
    });
    return 'over';
  }

  /** Ends the shot for this run because its time is over. */
  async endOverdue(): Promise<void> {
    const { deps, records, reporter } = this.#run;
    await this.#recordSaid(this.#said);
    const known = records.get(this.#job.key);
    const seconds = Math.max(0, Math.round((deps.now() - Date.parse(known?.sentAt ?? '')) / 1000));
    const message = known
      ? overdue(known, { seconds, said: this.#said?.message ?? null, ...placeOf(this.#run) })
      : stillThere(this.#requestId);
    reporter.end(this.#job, 'unfinished', { request_id: this.#requestId, message });
  }

  /** Records what the service said last of a request that this run leaves with it. */
  async #recordSaid(said: { readonly code: string | null; readonly message: string } | null): Promise<void> {
    if (said === null) return;
    const { code, message } = said;
    await record(this.#run, this.#job, { type: 'left', code, message });
  }

  #show(): void {
    this.#run.reporter.shot(this.#job, this.state, {
      request_id: this.#requestId,
      queue_position: this.#position,
      expected_seconds: this.#run.times.usual(this.#job),
    });
  }
}

function isEnd({ status }: RequestState): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}

/** A state without the links that were sent with the request: some services repeat them. */
export function withoutSent(request: RequestState, input: NativeInput | undefined): RequestState {
  const sent = JSON.stringify(input ?? {});
  const isSent = (url: string) => {
    const start = JSON.stringify(withoutQuery(url)).slice(0, -1);
    return sent.includes(`${start}"`) || sent.includes(`${start}?`);
  };
  const outputs = request.outputs.filter((url) => !isSent(url));
  if (outputs.length === request.outputs.length) return request;
  const word = statusOfWord(request.rawStatus);
  const isEnded = word === 'unfamiliar' && request.finishedAt !== null;
  const status = outputs.length > 0 || isEnded ? request.status : word;
  return { ...request, outputs, status };
}

/** Longest URL taken: a longer one could not be read back from a record. */
const LONGEST_URL = 8192;

/** Outputs, cost and time of a finished request, for its record. Pictures beside a video (posters) are left out. */
export function resultOf({ outputs, cost, finishedAt }: RequestState): {
  outputs: readonly string[];
  cost: number | null;
  finished: string | null;
} {
  const usable = outputs.filter((url) => /^https?:\/\//.test(url) && url.length <= LONGEST_URL);
  const videos = usable.filter((url) => !isPicture(url));
  return {
    outputs: [...new Set(videos.length > 0 ? videos : usable)],
    cost: credibleCost(cost),
    finished: isoTime(finishedAt),
  };
}

/** A time of the service as UTC, ISO 8601 with milliseconds; null if it cannot be read. */
function isoTime(time: string | null): string | null {
  const at = Date.parse(time ?? '');
  return Number.isNaN(at) || at < 0 || at > LATEST ? null : new Date(at).toISOString();
}

/** End of the year 9999: later times have a longer form. */
const LATEST = Date.UTC(9999, 11, 31);

/** The reported cost in USD; null if it cannot be one. */
function credibleCost(cost: number | null): number | null {
  return cost !== null && Number.isFinite(cost) && cost >= 0 ? cost : null;
}
