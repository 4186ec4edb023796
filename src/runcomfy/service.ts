import type { Json, JsonObject } from '../base/json.js';
import type { Pace } from './pace.js';

/**
 * RunComfy's Model API as the rest of Shotlist sees it. Failures are values with a `kind`, which decides what may be done
 * next: send again, wait, or leave alone. Only our own bugs throw.
 */
export interface Service {
  /** The API's origin, such as `https://model-api.runcomfy.net`. */
  readonly origin: string;
  /** Asked before each submission; the client asks it before all other calls. */
  readonly pace: Pace;
  /** Sends one POST, exactly once and without delay, on a connection of its own. */
  submit(model: string, body: JsonObject, signal?: AbortSignal): Promise<SubmitAnswer>;
  /** State of a request, with outputs and cost when it is over. Repeated after temporary faults until `signal` aborts. */
  result(requestId: string, signal?: AbortSignal): Promise<ResultAnswer>;
  /** State of a request, with its position in the queue. Repeated as `result` is. */
  status(requestId: string, signal?: AbortSignal): Promise<ResultAnswer>;
  /** Asks once for a request to be cancelled. */
  cancel(requestId: string, signal?: AbortSignal): Promise<CancelAnswer>;
  /** Balance of the account, for a person who waits: a slow or missing answer is given up after a few seconds. */
  balance(signal?: AbortSignal): Promise<BalanceAnswer>;
  /** One page of the service's catalog, or one model of it. */
  catalog(query: CatalogQuery, signal?: AbortSignal): Promise<CatalogAnswer>;
  /** Fetches a result file, without the token, to `options.to`, through `options.to + '.part'`. */
  download(url: string, options: DownloadOptions): Promise<DownloadAnswer>;
  /** Asks if `download` would get the file now. Repeated a few times after temporary faults. */
  checkDownload(url: string, signal?: AbortSignal): Promise<DownloadCheck>;
  /** Closes idle connections. */
  close(): Promise<void>;
}

/** Outcome of a submission. */
export type SubmitAnswer =
  /** `trouble` is a refusal that the answer names beside the id; there may be no such request then. */
  | { readonly kind: 'accepted'; readonly requestId: string; readonly trouble?: ServiceError }
  /** The service refused: nothing was accepted, and nothing is billed. */
  | ({ readonly kind: 'refused' } & ServiceError)
  /**
   * Nothing can have been accepted: the connection was never made, or the answer was 429. May be sent again, after
   * `retryAfter` seconds if the service names a time.
   */
  | ({ readonly kind: 'not-sent'; readonly retryAfter: number | null } & ServiceError)
  /** The submission may have been accepted. Never sent again without a person's decision. */
  | ({ readonly kind: 'unknown' } & ServiceError);

/** Outcome of a query about a request. */
export type ResultAnswer =
  | { readonly kind: 'state'; readonly request: RequestState }
  /** 404: the service does not know this request, or has forgotten it. */
  | ({ readonly kind: 'forgotten' } & ServiceError)
  /** Trouble with the account, and other answers that another query will not change. */
  | ({ readonly kind: 'refused' } & ServiceError)
  /** The query was aborted, or every try failed. */
  | ({ readonly kind: 'unreachable' } & ServiceError);

/** Status of a request; `unfamiliar` is an unknown one, of which nothing says that it is the end. */
export type RequestStatus = 'queued' | 'rendering' | 'completed' | 'failed' | 'cancelled' | 'unfamiliar';

/** State of a request. */
export interface RequestState {
  readonly requestId: string;
  /** By all that the answer holds; the word may mean something else, see `requestStateIn`. */
  readonly status: RequestStatus;
  /** False for an end that counts only if another answer says the same. */
  readonly isCertain: boolean;
  /** The service's own word for the status; empty if there is none. */
  readonly rawStatus: string;
  /** The service's error code. */
  readonly code: string | null;
  readonly queuePosition: number | null;
  /** Result URLs, videos first, in the service's order, without repeats. */
  readonly outputs: readonly string[];
  /** USD; null if the service does not say. */
  readonly cost: number | null;
  /** Time on the service's clock, as it wrote it. */
  readonly createdAt: string | null;
  readonly finishedAt: string | null;
  /** The service's explanation of a failure. */
  readonly error: string | null;
}

/** Outcome of a cancellation. */
export type CancelAnswer =
  | { readonly kind: 'cancelled' }
  /** The request is already in progress or over. */
  | { readonly kind: 'not-cancellable'; readonly rawStatus: string | null }
  | ({ readonly kind: 'refused' | 'unreachable' } & ServiceError);

/** Reason why a call failed, in words for a user. */
export interface ServiceError {
  /** HTTP status that the error stands for, by its code or words, else the one that it came with; null if there was no answer. */
  readonly status: number | null;
  /** The service's error code, or ours such as `ECONNREFUSED` and `timeout`; null if there is none. */
  readonly code: string | null;
  /** One sentence; never holds the token. */
  readonly message: string;
}

/** Balance of the account. */
export interface Balance {
  /** Amount in `currency`; negative for a debt. */
  readonly amount: number;
  /** Such as `USD`. */
  readonly currency: string;
}

/** Outcome of a query for the balance. */
export type BalanceAnswer =
  | ({ readonly kind: 'balance' } & Balance)
  /** There is no address to ask at. */
  | { readonly kind: 'not-asked' }
  | ({ readonly kind: 'forgotten' | 'refused' | 'unreachable' } & ServiceError);

/** Query for one model of the catalog, or for a page of it. */
export type CatalogQuery =
  | { readonly model: string }
  | {
      readonly search?: string;
      readonly category?: string;
      readonly limit?: number;
      readonly offset?: number;
    };

/** Outcome of a query of the catalog; `total` is the number of models on all pages. */
export type CatalogAnswer =
  | { readonly kind: 'models'; readonly models: readonly CatalogModel[]; readonly total: number | null }
  | ({ readonly kind: 'forgotten' | 'refused' | 'unreachable' } & ServiceError);

/** A model of the service's catalog. */
export interface CatalogModel {
  readonly modelId: string;
  readonly displayName: string | null;
  readonly categories: readonly string[];
  readonly basePriceUsd: number | null;
  /** `second` or `output`. */
  readonly priceUnit: string | null;
  readonly pricingNote: string | null;
  readonly inputSchema: Json;
}

/** Options of a download. */
export interface DownloadOptions {
  /** Absolute path of the finished file; its folder exists. */
  readonly to: string;
  /** Called as bytes arrive; `total` is null if the server does not say. */
  readonly onProgress?: ((bytes: number, total: number | null) => void) | undefined;
  /** Called for each fault after which the download is tried again. */
  readonly onFault?: ((fault: ServiceError) => void) | undefined;
  readonly signal?: AbortSignal;
  /**
   * Checks the whole file at its temporary `path`: returns the path of its place, in the same folder, or null to refuse it.
   * By default every file is accepted, at `to`.
   */
  readonly accept?: (path: string) => Promise<string | null>;
}

/** Outcome of `checkDownload`. */
export type DownloadCheck =
  /** `bytes` is the whole file's length; null if the server does not say. */
  | { readonly kind: 'available'; readonly bytes: number | null }
  /** `download` would be refused in the same way; another try will not help. */
  | ({ readonly kind: 'refused' } & ServiceError)
  | ({ readonly kind: 'unreachable' } & ServiceError);

/** Outcome of a download. */
export type DownloadAnswer =
  /** On disk and synced under its final name. */
  | { readonly kind: 'downloaded'; readonly bytes: number; readonly sha256: string }
  /** Fetched whole, but `accept` refused it; it was not kept. */
  | { readonly kind: 'not-accepted' }
  /** There is no file (404, 410, an empty one, a page), or the host is not the service's. */
  | ({ readonly kind: 'refused' } & ServiceError)
  | ({ readonly kind: 'unreachable' } & ServiceError)
  /** There is a folder in the file's place: nothing was fetched. */
  | { readonly kind: 'in-the-way'; readonly message: string }
  /** The disk is full or the folder cannot be written. */
  | { readonly kind: 'cannot-write'; readonly code: string; readonly message: string };
