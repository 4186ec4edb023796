import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { whyNotWritten } from '../base/files.js';
import { canonicalJson, type Json, type JsonObject } from '../base/json.js';
import type { Catalog } from '../models/catalog.js';
import type { Model } from '../models/model.js';
import type { Faults } from './faults.js';
import { type EndedRecord, Ledger, type LedgerRecord, UnreadableLedger } from './ledger.js';
import { type Extracted, storePictures } from './pictures.js';
import { priceOf } from './price.js';
import { type Clock, Queue } from './queue.js';
import type { Render } from './render.js';
import { readShot } from './shot.js';

/** One accepted request, as the API tells of it. */
export interface Request {
  readonly id: string;
  /** Full model id. */
  readonly model: string;
  readonly inputSha256: string;
  /** UTC, ISO 8601. */
  readonly acceptedAt: string;
  readonly status: 'in_queue' | 'in_progress' | EndedRecord['status'];
  readonly finishedAt: string | null;
  readonly error: string | null;
  /** USD; null where the rate is unknown. */
  readonly cost: number | null;
}

/** A request in memory; its input only until it has ended, so that thousands weigh little. */
interface Held extends Request {
  status: Request['status'];
  finishedAt: string | null;
  error: string | null;
  cost: number | null;
  input: JsonObject | null;
}

export interface RequestsOptions {
  readonly catalog: Catalog;
  /** Absolute. */
  readonly folder: string;
  readonly concurrency: number;
  /** Seconds a request is in each state at least. */
  readonly pace: { readonly queued: number; readonly inProgress: number };
  /** Whether requests cost what their model's rates say, or nothing. */
  readonly charge: boolean;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly render: Render;
  readonly faults: Faults;
}

/** SHA-256 of an input as the ledger has it: of its canonical JSON (RFC 8785), 64 hex digits. */
export function inputHash(input: Json): string {
  return createHash('sha256').update(canonicalJson(input)).digest('hex');
}

/** All requests ever accepted in a folder, and the rendering of those that are not over. */
export class Requests {
  readonly #options: RequestsOptions;
  readonly #held = new Map<string, Held>();
  readonly #queue: Queue<Held>;
  #ledger: Ledger | null = null;

  private constructor(options: RequestsOptions) {
    this.#options = options;
    const { concurrency, clock, pace } = options;
    const work = (request: Held, signal: AbortSignal) => this.#work(request, signal);
    this.#queue = new Queue({ concurrency, clock, waitAtLeast: pace.queued * 1000, work });
  }

  /** Reads the folder's ledger; nothing is rendered before `begin`. Throws what `Ledger.open` throws. */
  static async open(options: RequestsOptions): Promise<Requests> {
    const requests = new Requests(options);
    requests.#ledger = await Ledger.open(join(options.folder, 'requests.ndjson'), (record) =>
      requests.#recall(record),
    );
    return requests;
  }

  /** Queues again what was not over when the last process ended, in the order of its acceptance. */
  begin(): void {
    for (const request of this.#held.values()) if (request.input) this.#queue.add(request);
  }

  get(id: string): Request | undefined {
    return this.#held.get(id);
  }

  /** In the order of their acceptance. */
  all(): Iterable<Request> {
    return this.#held.values();
  }

  /** Requests that wait before this one; null when it does not wait. */
  position(id: string): number | null {
    const request = this.#held.get(id);
    return request ? this.#queue.position(request) : null;
  }

  /** Takes a checked input on; it is on disk when this resolves. Throws the file system's own error. */
  async accept(model: Model, { input, files }: Extracted, hash: string): Promise<Request> {
    const { folder, clock, newId } = this.#options;
    await storePictures(folder, files);
    const at = new Date(clock.now()).toISOString();
    const record = { type: 'accepted', at, id: newId(), model: model.id, input_sha256: hash, input } as const;
    await this.#write(record);
    const request = this.#recall(record);
    this.#queue.add(request);
    return request;
  }

  /** Cancels a request that waits; false when it no longer does. Throws the file system's own error. */
  async cancel(id: string): Promise<boolean> {
    const request = this.#held.get(id);
    if (!request || !this.#queue.remove(request)) return false;
    try {
      await this.#end(request, { status: 'cancelled', error: null, cost: 0 });
      return true;
    } catch (error) {
      // Nobody was told that it is cancelled, so it is not.
      this.#queue.add(request);
      throw error;
    }
  }

  /** Ends what is in progress, to be begun again at the next start. */
  async close(): Promise<void> {
    await this.#queue.close();
    await this.#ledger?.close();
  }

  #recall(record: LedgerRecord): Held {
    if (record.type === 'ended') {
      const request = this.#held.get(record.id);
      if (!request) throw new UnreadableLedger(`it ends request ${record.id}, which it never accepted`);
      return Object.assign(request, ended(record));
    }
    const request: Held = {
      id: record.id,
      model: record.model,
      inputSha256: record.input_sha256,
      acceptedAt: record.at,
      status: 'in_queue',
      finishedAt: null,
      error: null,
      cost: null,
      input: record.input as JsonObject,
    };
    this.#held.set(record.id, request);
    return request;
  }

  async #work(request: Held, signal: AbortSignal): Promise<void> {
    request.status = 'in_progress';
    const { clock, pace, faults } = this.#options;
    const fault = faults.pick('render', request.inputSha256);
    const least = pace.inProgress * 1000 + (fault === 'slow-render' ? faults.slowByMs : 0);
    try {
      const [outcome] = await Promise.all([
        fault === 'failed-render' ? failedOnPurpose : this.#render(request, signal),
        clock.sleep(least, signal),
      ]);
      // Stopped from outside: not over, but to be done again.
      if (signal.aborted && outcome.status !== 'completed') return;
      await this.#end(request, outcome);
    } catch (error) {
      if (!signal.aborted)
        this.#fail(request, `The outcome could not be recorded: ${whyNotWritten(error as Error)}.`);
    }
  }

  async #render(request: Held, signal: AbortSignal): Promise<Outcome> {
    const model = this.#options.catalog.find(request.model);
    if (!model || !request.input)
      return { status: 'failed', error: `The model ${request.model} is gone.`, cost: 0 };
    const shot = readShot(model, request.input);
    const { folder, render, charge } = this.#options;
    const result = await render(shot, { folder, to: clipOf(request.id), signal });
    if (!result.ok) return { status: 'failed', error: result.message, cost: 0 };
    return { status: 'completed', error: null, cost: charge ? priceOf(model, shot) : 0 };
  }

  async #end(request: Held, outcome: Outcome): Promise<void> {
    const at = new Date(this.#options.clock.now()).toISOString();
    const record: EndedRecord = { type: 'ended', at, id: request.id, ...outcome };
    await this.#write(record);
    Object.assign(request, ended(record));
  }

  /** The disk would not take the end of it: told to whoever asks, and done again at the next start. */
  #fail(request: Held, error: string): void {
    const at = new Date(this.#options.clock.now()).toISOString();
    Object.assign(request, ended({ type: 'ended', at, id: request.id, status: 'failed', error, cost: 0 }));
  }

  #write(record: LedgerRecord): Promise<void> {
    if (!this.#ledger) throw new Error('the ledger is not open');
    return this.#ledger.append(record);
  }
}

/** Where a request's clip is, relative to the emulator's folder. */
export function clipOf(id: string): string {
  return `clips/${id}.mp4`;
}

type Outcome = Pick<EndedRecord, 'status' | 'error' | 'cost'>;

const failedOnPurpose: Outcome = {
  status: 'failed',
  error: 'The generation failed (an emulated fault).',
  cost: 0,
};

function ended({ at, status, error, cost }: EndedRecord) {
  return { status, error, cost, finishedAt: at, input: null };
}
