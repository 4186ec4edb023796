import { createHash } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import type { JsonObject } from '../../src/base/json.js';
import { Pace } from '../../src/runcomfy/pace.js';
import type {
  CancelAnswer,
  DownloadAnswer,
  DownloadCheck,
  DownloadOptions,
  RequestState,
  ResultAnswer,
  Service,
  SubmitAnswer,
} from '../../src/runcomfy/service.js';
import type { VirtualClock } from './virtual-clock.js';

export interface Accepted {
  readonly id: string;
  readonly model: string;
  readonly body: JsonObject;
  readonly at: number;
  cancelled: boolean;
}

/** Answers that a test gives instead of the service; undefined lets the service answer. */
export interface Script {
  submit?: (
    body: JsonObject,
    signal?: AbortSignal,
  ) => Promise<SubmitAnswer | undefined> | SubmitAnswer | undefined;
  /** The answer to a request that was accepted all the same. */
  afterAccept?: (accepted: Accepted) => SubmitAnswer | undefined;
  result?: (id: string) => ResultAnswer | undefined;
  /** By default as the result. */
  status?: (id: string) => ResultAnswer | undefined;
  download?: (url: string) => DownloadAnswer | undefined;
  checkDownload?: (url: string) => DownloadCheck | undefined;
  cancel?: (id: string) => CancelAnswer | undefined;
}

const FAULT = { status: null, code: 'ECONNREFUSED', message: 'The connection was refused.' };

/** A service in memory, on a virtual clock: queues for `queueSeconds`, renders for `renderSeconds`. */
export class ScriptedService implements Service {
  origin = 'local';
  readonly accepted: Accepted[] = [];
  readonly calls = { submit: 0, result: 0, status: 0, cancel: 0, download: 0, checkDownload: 0 };
  script: Script = {};
  queueSeconds = 0;
  renderSeconds = 10;
  /** Most submissions that were with the service at the same time. */
  busiest = 0;
  readonly #clock: VirtualClock;
  readonly pace: Pace;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
    this.pace = new Pace({ now: clock.now, sleep: clock.sleep, random: () => 0.5 });
  }

  async submit(model: string, body: JsonObject, signal?: AbortSignal): Promise<SubmitAnswer> {
    this.calls.submit += 1;
    await this.#clock.sleep(20);
    const scripted = await this.script.submit?.(body, signal);
    if (scripted?.kind === 'not-sent' && scripted.status === 429) this.pace.rateLimited(scripted.retryAfter);
    else this.pace.answered();
    if (scripted) return scripted;
    const id = `req-${this.accepted.length + 1}`;
    const accepted = { id, model, body, at: this.#clock.now(), cancelled: false };
    this.accepted.push(accepted);
    const going = this.accepted.filter(
      (one) => this.#statusOf(one) === 'queued' || this.#statusOf(one) === 'rendering',
    );
    this.busiest = Math.max(this.busiest, going.length);
    return this.script.afterAccept?.(accepted) ?? { kind: 'accepted', requestId: id };
  }

  async result(requestId: string, signal?: AbortSignal): Promise<ResultAnswer> {
    this.calls.result += 1;
    return this.#state(requestId, { signal, scripted: this.script.result });
  }

  async status(requestId: string, signal?: AbortSignal): Promise<ResultAnswer> {
    this.calls.status += 1;
    return this.#state(requestId, { signal, scripted: this.script.status ?? this.script.result });
  }

  async cancel(requestId: string): Promise<CancelAnswer> {
    this.calls.cancel += 1;
    const scripted = this.script.cancel?.(requestId);
    if (scripted) return scripted;
    const found = this.accepted.find(({ id }) => id === requestId);
    if (!found || this.#statusOf(found) !== 'queued')
      return { kind: 'not-cancellable', rawStatus: 'in_progress' };
    found.cancelled = true;
    return { kind: 'cancelled' };
  }

  async balance() {
    return { kind: 'not-asked' } as const;
  }

  async catalog() {
    return { kind: 'unreachable', ...FAULT } as const;
  }

  async checkDownload(url: string): Promise<DownloadCheck> {
    this.calls.checkDownload += 1;
    return this.script.checkDownload?.(url) ?? { kind: 'available', bytes: url.length };
  }

  async download(url: string, { to, onProgress, signal, accept }: DownloadOptions): Promise<DownloadAnswer> {
    this.calls.download += 1;
    await this.#clock.sleep(200, signal);
    if (signal?.aborted) return { kind: 'unreachable', ...FAULT, code: 'aborted' };
    const scripted = this.script.download?.(url);
    if (scripted) return scripted;
    await writeFile(`${to}.part`, url);
    const place = accept ? await accept(`${to}.part`) : to;
    if (place === null) return rm(`${to}.part`).then(() => ({ kind: 'not-accepted' }));
    await rename(`${to}.part`, place);
    onProgress?.(url.length, url.length);
    return { kind: 'downloaded', bytes: url.length, sha256: createHash('sha256').update(url).digest('hex') };
  }

  async close(): Promise<void> {}

  async #state(
    requestId: string,
    { signal, scripted }: { signal: AbortSignal | undefined; scripted: Script['result'] },
  ): Promise<ResultAnswer> {
    await this.#clock.sleep(20, signal);
    if (signal?.aborted) return { kind: 'unreachable', ...FAULT, code: 'aborted' };
    const answer = scripted?.(requestId);
    if (answer) return answer;
    const found = this.accepted.find(({ id }) => id === requestId);
    if (!found) return { kind: 'forgotten', status: 404, code: '404', message: 'No such request.' };
    return { kind: 'state', request: requestState({ requestId, status: this.#statusOf(found) }) };
  }

  #statusOf({ at, cancelled }: Accepted): RequestState['status'] {
    if (cancelled) return 'cancelled';
    const age = (this.#clock.now() - at) / 1000;
    if (age < this.queueSeconds) return 'queued';
    return age < this.queueSeconds + this.renderSeconds ? 'rendering' : 'completed';
  }
}

/** State of a request, with one video and a cost if it is completed. */
export function requestState(
  state: Pick<RequestState, 'requestId' | 'status'> & Partial<RequestState>,
): RequestState {
  const done = state.status === 'completed';
  return {
    isCertain: true,
    rawStatus: state.status,
    code: null,
    queuePosition: state.status === 'queued' ? 2 : null,
    outputs: done ? [`https://files.runcomfy.net/${state.requestId}.mp4`] : [],
    cost: done ? 0.5 : null,
    createdAt: null,
    finishedAt: null,
    error: null,
    ...state,
  };
}
