import type { Json, JsonObject } from '../base/json.js';
import { toMillionths } from '../base/units.js';
import { documents } from '../generated/documents.js';
import type { Catalog, Model, Price } from '../models/catalog.js';

/** Category of all models of Shotlist. */
const CATEGORIES = ['image-to-video'];
/** Kind of all models of Shotlist; RunComfy's partner nodes take models of no other kind. */
const KIND = 'model';

/** Models on a page if the client gives no limit. */
const DEFAULT_LIMIT = 100;

/** `GET /v1/models/{model_id}`: with the input schema of the document as it is printed, which is no valid JSON Schema. */
export function catalogEntry(model: Model): JsonObject {
  return { ...summary(model), input_schema: documents[model.id] ?? model.input };
}

/** `GET /v1/models?search=&category=&kind=&include_schema=&limit=&offset=`. */
export function catalogPage({ models }: Catalog, query: URLSearchParams): JsonObject {
  const search = (query.get('search') ?? '').trim().toLowerCase();
  const category = query.get('category') || null;
  const kind = query.get('kind') || null;
  const found = models.filter(
    (model) =>
      `${model.id} ${model.name} ${model.title}`.toLowerCase().includes(search) &&
      (category === null || CATEGORIES.includes(category)) &&
      (kind === null || kind === KIND),
  );
  const offset = wholeNumber(query.get('offset'), 0);
  const page = found.slice(offset, offset + wholeNumber(query.get('limit'), DEFAULT_LIMIT));
  const entry = query.get('include_schema') === 'true' ? catalogEntry : summary;
  return { models: page.map(entry), total: found.length };
}

/** `GET /v1/models/categories`, which RunComfy's command line uses. */
export function categoriesPage(): JsonObject {
  return { categories: CATEGORIES };
}

function summary(model: Model): JsonObject {
  const { per_video, silent } = priceOf(model);
  return {
    model_id: model.id,
    display_name: model.title,
    kind: KIND,
    categories: CATEGORIES,
    base_price_usd: per_video ?? silent,
    price_unit: per_video === undefined ? 'second' : 'output',
    pricing_note: pricingNote(model),
  };
}

function pricingNote(model: Model): Json {
  const price = priceOf(model);
  if (price.per_video !== undefined) return `${price.per_video} USD per video`;
  if (price.silent === null) return null;
  const audio = price.audio === null || price.audio === price.silent ? '' : `, ${price.audio} with audio`;
  const origin = price.date ? `as seen on ${price.date}` : price.source;
  return `${price.silent} USD per second${audio}${origin ? `, ${origin}` : ''}`;
}

/**
 * USD per second of silent video where RunComfy's own rate is not known. The service names a price for every model, and
 * RunComfy's clients submit nothing without one. Source: other hosts of the same models, November 2026.
 */
const RATES_ELSEWHERE: Readonly<Record<string, number>> = {
  'kling/kling-video-o3/pro/image-to-video': 0.112,
  'kling/kling-video-o1/standard/image-to-video': 0.084,
};

/** Rates at which the emulator bills a model; null where none is known. */
function priceOf({ id, price }: Model): Price {
  const elsewhere = RATES_ELSEWHERE[id];
  const isKnown = price.silent !== null || price.per_video !== undefined || elsewhere === undefined;
  const rates = isKnown ? price : { ...price, silent: elsewhere, source: 'the rate of other hosts' };
  const { silent, audio, audio_surcharge: surcharge } = rates;
  if (audio !== null || silent === null || surcharge === undefined) return rates;
  return { ...rates, audio: toMillionths(silent * (1 + surcharge)) };
}

/** Cost of a video, USD; null if the rate is unknown. */
export function costOf(
  model: Model,
  shot: { readonly seconds: number; readonly audio: boolean },
): number | null {
  const { per_video, silent, audio } = priceOf(model);
  if (per_video !== undefined) return per_video;
  // A rate with audio that is not known is the silent one.
  const rate = shot.audio ? (audio ?? silent) : silent;
  return rate === null ? null : toMillionths(rate * shot.seconds);
}

/** Whole number in a query, or the default. */
function wholeNumber(text: string | null, standard: number): number {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : standard;
}
