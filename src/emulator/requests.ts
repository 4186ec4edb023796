import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { whyNotWritten } from '../base/files.js';
import { canonicalJson, type Json, type JsonObject } from '../base/json.js';
import type { Catalog, Model } from '../models/catalog.js';
import { costOf } from './catalog.js';
import type { Faults } from './faults.js';
import {
  type AcceptedRecord,
  type EndedRecord,
  Ledger,
  type LedgerRecord,
  UnreadableLedger,
} from './ledger.js';
import { type Extracted, storePictures } from './pictures.js';
import { type Clock, Queue } from './queue.js';
import type { Render } from './render.js';
import { readShot } from './shot.js';

/** An accepted request, as the API describes it. */
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

/** A request in memory. Its input is dropped at its end, to save memory. */
interface KnownRequest extends Request {
  status: Request['status'];
  finishedAt: string | null;
  error: string | null;
  cost: number | null;
  input: JsonObject | null;
  /** Cost if it completes, USD; null where the rate is unknown. */
  readonly price: number | null;
}

/** Settings and effects of the requests. */
export interface RequestsOptions {
  readonly catalog: Catalog;
  /** Absolute. */
  readonly folder: string;
  readonly concurrency: number;
  /** Least time of a request in each state, seconds. */
  readonly pace: { readonly queued: number; readonly inProgress: number };
  /** True if requests cost the rates of their models; else they are free. */
  readonly charge: boolean;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly render: Render;
  readonly faults: Faults;
}

/** SHA-256 of the canonical JSON (RFC 8785) of an input, as in the ledger; 64 hex digits. */
export function inputHash(input: Json): string {
  return createHash('sha256').update(canonicalJson(input)).digest('hex');
}

/** All requests ever accepted in a folder, and the rendering of the open ones. */
export class Requests {
  readonly #options: RequestsOptions;
  readonly #known = new Map<string, KnownRequest>();
  readonly #queue: Queue<KnownRequest>;
  #ledger: Ledger | null = null;

  private constructor(options: RequestsOptions) {
    this.#options = options;
    const { concurrency, clock, pace } = options;
    const work = (request: KnownRequest, signal: AbortSignal) => this.#serve(request, signal);
    this.#queue = new Queue({ concurrency, clock, waitAtLeast: pace.queued * 1000, work });
  }

  /** Reads the ledger of the folder; rendering starts at `begin`. Throws the errors of `Ledger.open`. */
  static async open(options: RequestsOptions): Promise<Requests> {
    const requests = new Requests(options);
    requests.#ledger = await Ledger.open(join(options.folder, 'requests.ndjson'), (record) =>
      requests.#apply(record),
    );
    return requests;
  }

  /** Queues the requests that were open when the last process ended, in the order of their acceptance. */
  begin(): void {
    for (const request of this.#known.values()) if (request.input) this.#queue.add(request);
  }

  get(id: string): Request | undefined {
    return this.#known.get(id);
  }

  /** All requests, in the order of their acceptance. */
  all(): Iterable<Request> {
    return this.#known.values();
  }

  /** USD: the costs of the ended requests, and the prices of the open ones. */
  billed(): number {
    let sum = 0;
    for (const { input, price, cost } of this.#known.values()) sum += (input ? price : cost) ?? 0;
    return sum;
  }

  /** Number of requests that wait before this one; null if it does not wait. */
  position(id: string): number | null {
    const request = this.#known.get(id);
    return request ? this.#queue.position(request) : null;
  }

  /** Accepts a checked input; the request is on disk when this resolves. Throws the error of the file system. */
  async accept(model: Model, { input, files }: Extracted, hash: string): Promise<Request> {
    const { folder, clock, newId } = this.#options;
    await storePictures(folder, files);
    const at = new Date(clock.now()).toISOString();
    const record = { type: 'accepted', at, id: newId(), model: model.id, input_sha256: hash, input } as const;
    await this.#write(record);
    const request = this.#apply(record);
    this.#queue.add(request);
    return request;
  }

  /** Cancels a waiting request; false if it does not wait any more. Throws the error of the file system. */
  async cancel(id: string): Promise<boolean> {
    const request = this.#known.get(id);
    if (!request || !this.#queue.remove(request)) return false;
    try {
      await this.#end(request, { status: 'cancelled', error: null, cost: 0 });
      return true;
    } catch (error) {
      // The cancellation was not recorded, so the request stays in the queue.
      this.#queue.add(request);
      throw error;
    }
  }

  /** Stops the renders in progress; they begin again at the next start. */
  async close(): Promise<void> {
    await this.#queue.close();
    await this.#ledger?.close();
  }

  /** Takes a record of the ledger into memory. */
  #apply(record: LedgerRecord): KnownRequest {
    if (record.type === 'ended') {
      const request = this.#known.get(record.id);
      if (!request) throw new UnreadableLedger(`it ends request ${record.id}, which it never accepted`);
      return Object.assign(request, endFields(record));
    }
    const request: KnownRequest = {
      id: record.id,
      model: record.model,
      inputSha256: record.input_sha256,
      acceptedAt: record.at,
      status: 'in_queue',
      finishedAt: null,
      error: null,
      cost: null,
      input: record.input as JsonObject,
      price: this.#priceOf(record),
    };
    this.#known.set(record.id, request);
    return request;
  }

  async #serve(request: KnownRequest, signal: AbortSignal): Promise<void> {
    request.status = 'in_progress';
    const { clock, pace, faults } = this.#options;
    const fault = faults.pick('render', request.inputSha256);
    const least = pace.inProgress * 1000 + (fault === 'slow-render' ? faults.slowByMs : 0);
    try {
      const [outcome] = await Promise.all([
        fault === 'failed-render' ? failedOnPurpose : this.#render(request, signal),
        clock.sleep(least, signal),
      ]);
      // Stopped by `close`: the request stays open.
      if (signal.aborted && outcome.status !== 'completed') return;
      await this.#end(request, outcome);
    } catch (error) {
      if (!signal.aborted)
        this.#fail(request, `The outcome could not be recorded: ${whyNotWritten(error as Error)}.`);
    }
  }

  async #render(request: KnownRequest, signal: AbortSignal): Promise<Outcome> {
    const model = this.#options.catalog.find(request.model);
    if (!model || !request.input)
      return { status: 'failed', error: `The model ${request.model} is gone.`, cost: 0 };
    const shot = readShot(model, request.input);
    const { folder, render } = this.#options;
    const result = await render(shot, { folder, to: clipOf(request.id), signal });
    if (!result.ok) return { status: 'failed', error: result.message, cost: 0 };
    return { status: 'completed', error: null, cost: request.price };
  }

  #priceOf({ model: id, input }: AcceptedRecord): number | null {
    if (!this.#options.charge) return 0;
    const model = this.#options.catalog.find(id);
    return model ? costOf(model, readShot(model, input as JsonObject)) : null;
  }

  async #end(request: KnownRequest, outcome: Outcome): Promise<void> {
    const at = new Date(this.#options.clock.now()).toISOString();
    const record: EndedRecord = { type: 'ended', at, id: request.id, ...outcome };
    await this.#write(record);
    Object.assign(request, endFields(record));
  }

  /** Marks a request as failed in memory only, because the disk did not take its end; it begins again at the next start. */
  #fail(request: KnownRequest, error: string): void {
    const at = new Date(this.#options.clock.now()).toISOString();
    Object.assign(
      request,
      endFields({ type: 'ended', at, id: request.id, status: 'failed', error, cost: 0 }),
    );
  }

  #write(record: LedgerRecord): Promise<void> {
    if (!this.#ledger) throw new Error('the ledger is not open');
    return this.#ledger.append(record);
  }
}

/** Path of the clip of a request, relative to the folder of the emulator. */
export function clipOf(id: string): string {
  return `clips/${id}.mp4`;
}

type Outcome = Pick<EndedRecord, 'status' | 'error' | 'cost'>;

const failedOnPurpose: Outcome = {
  status: 'failed',
  error: 'The generation failed (an emulated fault).',
  cost: 0,
};

function endFields({ at, status, error, cost }: EndedRecord) {
  return { status, error, cost, finishedAt: at, input: null };
}
