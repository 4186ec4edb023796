import type { Json, JsonObject } from '../base/json.js';
import type { Catalog } from '../models/catalog.js';
import type { Model } from '../models/model.js';

/** The one category of the models Shotlist knows. */
const CATEGORIES = ['image-to-video'];

/** Models on a page when the client does not say. */
const USUAL_LIMIT = 100;

/** `GET /v1/models/{model_id}`. */
export function catalogEntry(model: Model): JsonObject {
  return { ...summary(model), input_schema: model.input };
}

/** `GET /v1/models?search=&category=&include_schema=&limit=&offset=`. */
export function catalogPage({ models }: Catalog, query: URLSearchParams): JsonObject {
  const search = (query.get('search') ?? '').trim().toLowerCase();
  const category = query.get('category') ?? '';
  const found = models.filter(
    (model) =>
      `${model.id} ${model.name} ${model.title}`.toLowerCase().includes(search) &&
      (category === '' || CATEGORIES.includes(category)),
  );
  const offset = count(query.get('offset'), 0);
  const page = found.slice(offset, offset + count(query.get('limit'), USUAL_LIMIT));
  const entry = query.get('include_schema') === 'true' ? catalogEntry : summary;
  return { models: page.map(entry), total: found.length };
}

/** `GET /v1/models/categories`, which RunComfy's command line and MCP server ask for. */
export function categoriesPage(): JsonObject {
  return { categories: CATEGORIES };
}

function summary(model: Model): JsonObject {
  return {
    model_id: model.id,
    display_name: model.title,
    categories: CATEGORIES,
    base_price_usd: model.price.per_video ?? model.price.silent,
    price_unit: model.price.per_video === undefined ? 'second' : 'output',
    pricing_note: pricingNote(model),
  };
}

function pricingNote({ price }: Model): Json {
  if (price.per_video !== undefined) return `${price.per_video} USD per video`;
  if (price.silent === null) return null;
  const audio = price.audio === null || price.audio === price.silent ? '' : `, ${price.audio} with audio`;
  return `${price.silent} USD per second${audio}${price.date ? `, as seen on ${price.date}` : ''}`;
}

/** A whole number from 0, or what is usual. */
function count(text: string | null, usual: number): number {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : usual;
}
