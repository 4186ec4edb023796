import type { Json, JsonObject } from '../base/json.js';
import type { Pace } from './pace.js';

/**
 * RunComfy's Model API as the rest of Shotlist sees it. Failures are values with a `kind`, because what
 * may be done next (send again, wait, never touch) depends on it; only our own bugs throw.
 */
export interface Service {
  /** The API's origin, such as `https://model-api.runcomfy.net`. */
  readonly origin: string;
  /** Asked before each submission; the client asks it before all other calls. */
  readonly pace: Pace;
  /** Sends one POST, exactly once and at once, on a connection of its own. */
  submit(model: string, body: JsonObject, signal?: AbortSignal): Promise<SubmitAnswer>;
  /** Where the request stands, with outputs and cost at its end. Repeated on passing faults until `signal` aborts. */
  result(requestId: string, signal?: AbortSignal): Promise<ResultAnswer>;
  /** Where the request stands, with its queue position. Repeated as `result` is. */
  status(requestId: string, signal?: AbortSignal): Promise<ResultAnswer>;
  cancel(requestId: string, signal?: AbortSignal): Promise<CancelAnswer>;
  /** One page of the live catalog, or one model of it. */
  catalog(query: CatalogQuery, signal?: AbortSignal): Promise<CatalogAnswer>;
  /** Fetches a result file, without the token, to `options.to`, by way of `options.to + '.part'`. */
  download(url: string, options: DownloadOptions): Promise<DownloadAnswer>;
  /** Whether `download` could have the file right now. Asked a few times where a fault may pass. */
  offers(url: string, signal?: AbortSignal): Promise<OfferAnswer>;
  /** Ends idle connections. */
  close(): Promise<void>;
}

export type SubmitAnswer =
  | { readonly kind: 'accepted'; readonly requestId: string }
  /** The service said no: nothing was accepted, nothing costs. */
  | ({ readonly kind: 'refused' } & ServiceError)
  /**
   * Nothing can have been accepted: the connection was never made, or 429. May be sent again, after
   * `retryAfter` seconds where the service names a time.
   */
  | ({ readonly kind: 'not-sent'; readonly retryAfter: number | null } & ServiceError)
  /** It may have been accepted. Never sent again by itself. */
  | ({ readonly kind: 'unknown' } & ServiceError);

export type ResultAnswer =
  | { readonly kind: 'state'; readonly request: RequestState }
  /** 404: the service does not know this request (any more). */
  | ({ readonly kind: 'forgotten' } & ServiceError)
  /** 401, 402, 403 and other answers that will not change by asking again. */
  | ({ readonly kind: 'refused' } & ServiceError)
  /** Aborted, or faults until then. */
  | ({ readonly kind: 'unreachable' } & ServiceError);

/** `unfamiliar` is a status nobody has documented: never taken for an end. */
export type RequestStatus = 'queued' | 'rendering' | 'completed' | 'failed' | 'cancelled' | 'unfamiliar';

export interface RequestState {
  readonly requestId: string;
  readonly status: RequestStatus;
  /** The service's own word for it. */
  readonly rawStatus: string;
  readonly queuePosition: number | null;
  /** Result URLs, videos first, in the service's order, without repeats. */
  readonly outputs: readonly string[];
  /** USD; null where the service does not say. */
  readonly cost: number | null;
  /** The service's clock, as it wrote it. */
  readonly createdAt: string | null;
  readonly finishedAt: string | null;
  /** What the service says went wrong. */
  readonly error: string | null;
}

export type CancelAnswer =
  | { readonly kind: 'cancelled' }
  /** Already in progress or over. */
  | { readonly kind: 'not-cancellable'; readonly rawStatus: string | null }
  | ({ readonly kind: 'refused' | 'unreachable' } & ServiceError);

/** Why a call did not work, in words for a user, with what the service sent. */
export interface ServiceError {
  /** HTTP status, or the one that an error code in a 200 stands for; null when there was no answer. */
  readonly status: number | null;
  /** The service's error code, or ours such as `ECONNREFUSED`, `timeout`; null when none. */
  readonly code: string | null;
  /** One sentence; never holds the token. */
  readonly message: string;
}

export type CatalogQuery =
  | { readonly model: string }
  | {
      readonly search?: string;
      readonly category?: string;
      readonly limit?: number;
      readonly offset?: number;
    };

export type CatalogAnswer =
  | { readonly kind: 'models'; readonly models: readonly CatalogModel[]; readonly total: number | null }
  | ({ readonly kind: 'forgotten' | 'refused' | 'unreachable' } & ServiceError);

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

export interface DownloadOptions {
  /** Absolute path of the finished file; its folder exists. */
  readonly to: string;
  /** Called as bytes arrive; `total` is null where the server does not say. */
  readonly onProgress?: (bytes: number, total: number | null) => void;
  /** Hears of each fault after which it is tried again. */
  readonly onFault?: (fault: ServiceError) => void;
  readonly signal?: AbortSignal;
  /** Asked about the whole file, under another name, before it takes its place; all are accepted unless said. */
  readonly accept?: (path: string) => Promise<boolean>;
}

export type OfferAnswer =
  /** `bytes` is the whole file's length; null where the server does not say. */
  | { readonly kind: 'offered'; readonly bytes: number | null }
  /** As for `download`: asking again will not help. */
  | ({ readonly kind: 'refused' } & ServiceError)
  | ({ readonly kind: 'unreachable' } & ServiceError);

export type DownloadAnswer =
  /** On disk and synced under its final name. */
  | { readonly kind: 'downloaded'; readonly bytes: number; readonly sha256: string }
  /** Whole, a few times, but `accept` would not have it; it was not kept. */
  | { readonly kind: 'not-accepted' }
  /** The file is gone (404, 410), the host is not the service's, or it is no video: asking again will not help. */
  | ({ readonly kind: 'refused' } & ServiceError)
  | ({ readonly kind: 'unreachable' } & ServiceError)
  /** There is a folder where the file is to be: nothing was fetched. */
  | { readonly kind: 'in-the-way'; readonly message: string }
  /** The disk is full or the folder cannot be written. */
  | { readonly kind: 'cannot-write'; readonly code: string; readonly message: string };
