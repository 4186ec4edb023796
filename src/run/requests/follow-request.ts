import type { RequestState, ResultAnswer } from '../../runcomfy/service.js';
import { type RunContext, record, withDeadline } from '../context.js';
import type { Job } from '../job.js';
import { overdue, stillThere, unknownMessage } from '../messages.js';
import { nextWait, type PollingState, together } from './polling.js';
import { holdOnAccount } from './submit-shot.js';

/**
 * How following a request ended: `completed` is rendered; `left` is still with the service, because the run is being
 * stopped (`rendering` when it was known to be under way); `failed` has been journaled, and says why; `over` has been
 * journaled and reported.
 */
export type Followed =
  | 'completed'
  | 'over'
  | { readonly left: 'queued' | 'rendering' }
  | { readonly failed: string };

/** How often a service may say that it does not know a request before we believe it: reads can lag behind writes. */
const FORGOTTEN_TIMES = 3;
/** Between those questions, seconds. */
const FORGOTTEN_WAIT = 5;
/** Where the service cannot be asked and the client has given up, seconds. */
const UNREACHABLE_WAIT = 5;

/** Asks about one request until the service is done with it, the run is stopped, or the shot's time is over. */
export async function followRequest(run: RunContext, job: Job, requestId: string): Promise<Followed> {
  const { sleep } = run.deps;
  const deadline = withDeadline({ signal: run.brakes.halting, seconds: run.timeouts.shot, sleep });
  const unfollow = run.times.follow(job);
  const news = run.times.untilKnown(job, deadline.signal);
  const watch = new Watch(run, job, requestId);
  try {
    for (;;) {
      const wait = together(watch.wait * 1000, run.deps.now());
      if (wait > 0) await sleep(wait, news.aborted ? deadline.signal : news);
      if (!deadline.signal.aborted) {
        const answer = await watched(run, () => watch.ask(deadline.signal));
        const end = await watch.take(answer);
        if (end) return end;
      }
      if (run.brakes.halting.aborted) return { left: watch.known };
      if (deadline.over()) {
        const message = overdue(requestId, run.timeouts.shot);
        run.reporter.end(job, 'unfinished', { request_id: requestId, message });
        return 'over';
      }
    }
  } finally {
    deadline.end();
    unfollow();
  }
}

/** Asks, and says so when no answer comes. */
async function watched(run: RunContext, ask: () => Promise<ResultAnswer>): Promise<ResultAnswer> {
  const began = run.deps.now();
  const say = () => run.reporter.silent(run.service.origin, began);
  const answer = await run.stillTrying.during(ask, say);
  if (answer.kind !== 'unreachable') run.reporter.heard();
  return answer;
}

/** What is known of one request while it is followed. */
class Watch {
  /** Seconds until the next question. */
  wait: number;
  known: 'queued' | 'rendering' = 'queued';
  #position: number | null = null;
  #forgotten = 0;
  /** Rendering began between these two times, milliseconds. */
  #began: { earliest: number; latest: number };
  #lastGoing: number | null = null;
  #asked = false;
  readonly #run: RunContext;
  readonly #job: Job;
  readonly #requestId: string;

  constructor(run: RunContext, job: Job, requestId: string) {
    this.#run = run;
    this.#job = job;
    this.#requestId = requestId;
    const submitted = Date.parse(run.journal.get(job.key)?.submittedAt ?? '') || run.deps.now();
    this.#began = { earliest: submitted, latest: submitted };
    const age = Math.max(0, (run.deps.now() - submitted) / 1000);
    // One from an earlier run may be done already, and is asked about at once.
    this.wait = age > 1 ? 0 : this.#next({ at: 'rendering', age });
    run.reporter.shot(job, 'queued', { request_id: requestId, expected_seconds: this.#expected() });
  }

  /** Where a place in the line may be shown, `status` is asked for it; else `result`, which is one question less. */
  async ask(signal: AbortSignal): Promise<ResultAnswer> {
    const { service } = this.#run;
    if (!this.#asked || this.known === 'rendering') return service.result(this.#requestId, signal);
    const answer = await service.status(this.#requestId, signal);
    return answer.kind === 'state' && isEnd(answer.request)
      ? service.result(this.#requestId, signal)
      : answer;
  }

  async take(answer: ResultAnswer): Promise<Followed | null> {
    if (answer.kind !== 'forgotten') this.#forgotten = 0;
    switch (answer.kind) {
      case 'state':
        return this.#state(answer.request);
      case 'forgotten':
        return this.#forget(answer);
      case 'refused': {
        // What concerns the account is said once, for all shots.
        const why = holdOnAccount(this.#run, answer) ? '' : `${answer.message} `;
        const message = `${why}${stillThere(this.#requestId)}`;
        this.#run.reporter.end(this.#job, 'unfinished', { request_id: this.#requestId, message });
        return 'over';
      }
      case 'unreachable':
        this.wait = UNREACHABLE_WAIT;
        return null;
    }
  }

  async #state(request: RequestState): Promise<Followed | null> {
    switch (request.status) {
      case 'completed':
        await this.#complete(request);
        return 'completed';
      case 'failed':
      case 'cancelled':
        return this.#fail(request);
      default:
        this.#going(request);
        return null;
    }
  }

  async #complete(request: RequestState): Promise<void> {
    const now = this.#run.deps.now();
    const { earliest, latest } = this.#began;
    const after = this.#lastGoing === null ? 0 : Math.max(0, (this.#lastGoing - latest) / 1000);
    // Of one from an earlier run nobody knows when it ended.
    if (this.#asked || now - earliest < this.#run.times.expect(this.#job).usual * 2000) {
      this.#run.times.learn(this.#job, { after, before: Math.max(after, (now - earliest) / 1000) });
    }
    await record(this.#run, this.#job, { type: 'completed', ...resultOf(request) });
  }

  async #fail({ status, error, rawStatus, cost: said }: RequestState): Promise<Followed> {
    if (status === 'cancelled' && this.#run.journal.get(this.#job.key)?.cancelling) {
      // Not sent at once: nobody has agreed to the price of one more.
      await record(this.#run, this.#job, { type: 'cancelled' });
      const message = 'It was cancelled, as an earlier run had asked. Run again to send it.';
      this.#run.reporter.end(this.#job, 'unfinished', { request_id: this.#requestId, message });
      return 'over';
    }
    const by =
      status === 'cancelled' ? 'It was cancelled, not by this run' : 'The service could not render it';
    const message = error === null ? `${by}.` : `${by}: ${error}`;
    await record(this.#run, this.#job, { type: 'failed', code: rawStatus, message, cost: credible(said) });
    return { failed: message };
  }

  #going({ status, queuePosition }: RequestState): void {
    const now = this.#run.deps.now();
    const queued = status === 'queued';
    const before = { known: this.known, position: this.#position };
    if (queued) this.#began = { earliest: now, latest: now };
    else if (before.known === 'queued' && this.#lastGoing !== null) this.#began.latest = now;
    this.known = queued ? 'queued' : 'rendering';
    this.#position = queued ? queuePosition : null;
    this.#lastGoing = now;
    this.#asked = true;
    const age = (now - (this.#began.earliest + this.#began.latest) / 2) / 1000;
    const at: PollingState = queued ? { at: 'queued', position: queuePosition } : { at: 'rendering', age };
    this.wait = this.#next(at);
    if (this.known === before.known && this.#position === before.position) return;
    this.#run.reporter.shot(this.#job, this.known, {
      request_id: this.#requestId,
      queue_position: this.#position,
      expected_seconds: this.#expected(),
    });
  }

  /** Those that one of which will tell of all are not asked at the same moment. */
  #next(state: PollingState): number {
    const time = this.#run.times.expect(this.#job);
    const wait = nextWait(state, time);
    return time.guessing > 1 ? wait * (1 - this.#run.deps.random() / 2) : wait;
  }

  async #forget({ status, code }: ResultAnswer & { kind: 'forgotten' }): Promise<Followed | null> {
    this.#forgotten += 1;
    this.wait = FORGOTTEN_WAIT;
    if (this.#forgotten < FORGOTTEN_TIMES) return null;
    const message = `The service no longer knows request ${this.#requestId}.`;
    await record(this.#run, this.#job, { type: 'lost', status, code, message });
    const known = this.#run.journal.get(this.#job.key);
    const words = known ? unknownMessage(known) : message;
    this.#run.reporter.end(this.#job, 'unknown', { request_id: this.#requestId, message: words });
    return 'over';
  }

  #expected(): number {
    return this.#run.times.expect(this.#job).usual;
  }
}

function isEnd({ status }: RequestState): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}

/** Longest URL taken: longer ones could not be read back from journal or manifest. */
const LONGEST_URL = 8192;

/** What a journal keeps of a finished request: pictures that come with a video (a poster frame) are left out. */
export function resultOf({ outputs, cost }: RequestState): {
  outputs: readonly string[];
  cost: number | null;
} {
  const usable = outputs.filter((url) => /^https?:\/\//.test(url) && url.length <= LONGEST_URL);
  const videos = usable.filter((url) => !/\.(?:png|jpe?g|webp|gif|bmp)(?:[?#]|$)/i.test(url));
  return { outputs: [...new Set(videos.length > 0 ? videos : usable)], cost: credible(cost) };
}

/** A reported cost that can be one, USD. */
function credible(cost: number | null): number | null {
  return cost !== null && Number.isFinite(cost) && cost >= 0 ? cost : null;
}
