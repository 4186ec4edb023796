import { isList, isObject, type Json, type JsonObject } from '../base/json.js';
import { flatten, plain } from '../http/text.js';
import type { CatalogModel, RequestState, RequestStatus } from './service.js';

/** As in RunComfy's own clients: what else could go into a path or a file name is refused. */
const REQUEST_ID = /^[A-Za-z0-9_-]{1,128}$/;

/** The service's words (documented or seen, September 2026) and what they mean. */
const STATUSES: Readonly<Record<string, RequestStatus>> = {
  in_queue: 'queued',
  pending: 'queued',
  waiting: 'queued',
  queued: 'queued',
  in_progress: 'rendering',
  starting: 'rendering',
  processing: 'rendering',
  running: 'rendering',
  completed: 'completed',
  succeeded: 'completed',
  failed: 'failed',
  error: 'failed',
  cancelled: 'cancelled',
  canceled: 'cancelled',
};

/** Whether a text can be a request id: letters, digits, `-`, `_`; 1 to 128 of them. */
export function isRequestId(text: string): boolean {
  return REQUEST_ID.test(text);
}

/** The id an answer to a submission names, null where there is none that can be used. */
export function requestIdIn(json: Json | undefined): string | null {
  const id = isObject(json) ? json.request_id : undefined;
  return typeof id === 'string' && isRequestId(id) ? id : null;
}

/** What a status word means, in any case; `unfamiliar` where nobody has documented it. */
export function readStatus(word: string): RequestStatus {
  const key = word.trim().toLowerCase();
  return Object.hasOwn(STATUSES, key) ? (STATUSES[key] ?? 'unfamiliar') : 'unfamiliar';
}

/**
 * Reads an answer of `status` or `result` to a question about `requestId`; null where it is none,
 * such as one about another request.
 */
export function readState(json: Json, requestId: string): RequestState | null {
  if (!isObject(json) || typeof json.status !== 'string' || json.status.trim() === '') return null;
  if (json.request_id !== undefined && json.request_id !== null && json.request_id !== requestId) return null;
  return {
    requestId,
    status: readStatus(json.status),
    rawStatus: plain(json.status),
    queuePosition: readCount(json.queue_position),
    outputs: readOutputs(json.output),
    cost: readAmount(json.cost),
    createdAt: readText(json.created_at),
    finishedAt: readText(json.finished_at),
    error: saidIn(json) || null,
  };
}

/** The service's own explanation in an answer, as one line; empty where it gives none. */
export function saidIn(json: Json | undefined): string {
  if (!isObject(json)) return '';
  const main = flatten(json.message) || flatten(json.error_message) || flatten(json.error);
  const detail = flatten(json.detail);
  if (main === '' || main === detail) return detail;
  return detail === '' ? main : plain(`${main}: ${detail}`);
}

/** The `error_code` of an answer, null where there is none, or one that says there was no error. */
export function errorCodeIn(json: Json | undefined): string | null {
  const code = isObject(json) ? json.error_code : undefined;
  if (typeof code !== 'string' && typeof code !== 'number') return null;
  const text = plain(String(code)).slice(0, 64);
  return text === '' || text === '0' || statusInCode(text) === 200 ? null : text;
}

/** The HTTP status that begins an error code such as 422001; null where the code is of another kind. */
export function statusInCode(code: string | null): number | null {
  const match = code?.match(/^([2-5]\d\d)(\d{3})?$/);
  return match ? Number(match[1]) : null;
}

/** Reads a page of the catalog, or one model's own page; null where it is neither. */
export function readCatalog(json: Json): { models: CatalogModel[]; total: number | null } | null {
  if (!isObject(json)) return null;
  const list = isList(json.models) ? json.models : [json];
  const models = list.map(readModel).filter((model) => model !== null);
  if (models.length === 0 && list.length > 0) return null;
  return { models, total: isList(json.models) ? readCount(json.total) : null };
}

function readModel(json: Json): CatalogModel | null {
  if (!isObject(json) || typeof json.model_id !== 'string') return null;
  const categories = isList(json.categories) ? json.categories : [];
  return {
    modelId: plain(json.model_id),
    displayName: readText(json.display_name),
    categories: categories.filter((category) => typeof category === 'string').map(plain),
    basePriceUsd: readAmount(json.base_price_usd),
    priceUnit: readText(json.price_unit),
    pricingNote: readText(json.pricing_note),
    inputSchema: json.input_schema ?? null,
  };
}

/** A request makes one clip; what names thousands would fill journal and disk. Our choice. */
const MOST_OUTPUTS = 64;
/** Above this an amount in USD is a mistake of whoever says it, and a sum of such is no number. Our choice. */
const LARGEST_AMOUNT = 1e9;

/** Any of the four fields, one URL or several, as texts or as objects with a `url`. */
function readOutputs(output: Json | undefined): string[] {
  if (!isObject(output)) return [];
  const urls = ['video', 'videos', 'image', 'images'].flatMap((field) => urlsIn(output, field));
  return [...new Set(urls)].slice(0, MOST_OUTPUTS);
}

function urlsIn(output: JsonObject, field: string): string[] {
  const value = output[field];
  const items = isList(value) ? value : [value];
  return items
    .map((item) => (isObject(item) ? item.url : item))
    .filter((url) => typeof url === 'string')
    .filter((url) => url !== '');
}

/** USD as a number or in digits; null for anything else. */
function readAmount(value: Json | undefined): number | null {
  const isDigits = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value.trim());
  const amount = isDigits ? Number(value) : value;
  return typeof amount === 'number' && amount >= 0 && amount <= LARGEST_AMOUNT ? amount : null;
}

function readCount(value: Json | undefined): number | null {
  const count = readAmount(value);
  return Number.isSafeInteger(count) ? count : null;
}

function readText(value: Json | undefined): string | null {
  return typeof value === 'string' && value.trim() !== '' ? plain(value) : null;
}
