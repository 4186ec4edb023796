import { isObject, type Json, type JsonObject } from '../base/json.js';
import type { Model, NeutralField, Price } from './catalog.js';
import { USUAL_SECONDS } from './catalog.js';
import { normaliseSchema } from './normalise-schema.js';

/** One model as the service's catalog describes it. */
export interface LiveModel extends LivePrice {
  readonly modelId: string;
  readonly displayName: string | null;
  readonly inputSchema: Json;
}

/** Last part of an id that names the kind of model and not the model itself. */
const KIND = /^(?:image|text|video|reference|first-last-frame)-to-video$/;

/** First guess of the render time of an unknown model, seconds; measured times of runs replace it. */
const RENDER_SECONDS = 150;

/** Price of a model that has no published one. */
const UNKNOWN: Price = { silent: null, audio: null, date: null, source: null };

/**
 * Content of a model file for a model of the service's catalog; null if its schema has no readable fields. `date` is
 * today's, YYYY-MM-DD. `isTaken` is true for the short names of other models. `before` is the model in the existing file; its
 * name and its corrected seconds are kept.
 */
export function adoptModel(
  live: LiveModel,
  options: { date: string; isTaken: (name: string) => boolean; before?: Model },
): Model | null {
  const input = normaliseSchema(live.inputSchema);
  if (!input) return null;
  const { date, isTaken, before } = options;
  const { fields, element } = mapFields(input.properties as JsonObject);
  const short = shortName(live.modelId);
  const price = livePrice(live, { date, ...(before && { known: before.price }) });
  return {
    id: live.modelId,
    name: before?.name ?? (isTaken(short) ? live.modelId : short),
    title: live.displayName ?? live.modelId,
    fields,
    ...(element && { element }),
    price: price ?? before?.price ?? UNKNOWN,
    ...secondsOfVideos(input, { fields, before }),
    usual_render_seconds: before?.usual_render_seconds ?? RENDER_SECONDS,
    input: withoutEmptyTexts(input, fields),
  };
}

/** Short name of an id, without maker and kind: `kling-2.6/pro` of `kling/kling-2.6/pro/image-to-video`. */
export function shortName(id: string): string {
  const parts = id.split('/');
  const named = parts.length > 1 && KIND.test(parts.at(-1) ?? '') ? parts.slice(0, -1) : parts;
  return (named.length > 1 ? named.slice(1) : named).join('/');
}

/** Length of a video, written into the file for people to correct, if neither a field nor its default gives one. */
function secondsOfVideos(
  input: JsonObject,
  { fields, before }: { fields: Model['fields']; before: Model | undefined },
): Pick<Model, 'seconds'> {
  if (before?.seconds !== undefined) return { seconds: before.seconds };
  const schema = (input.properties as Record<string, JsonObject>)[fields.duration ?? ''];
  return schema?.default === undefined ? { seconds: USUAL_SECONDS } : {};
}

/** Adds the rule that prompt and images are not empty: the service refuses empty ones. */
function withoutEmptyTexts(input: JsonObject, fields: Model['fields']): JsonObject {
  const properties = { ...(input.properties as Record<string, JsonObject>) };
  for (const name of [fields.prompt, fields.start_image, fields.end_image]) {
    if (name !== undefined) properties[name] = { minLength: 1, ...properties[name] };
  }
  return { ...input, properties };
}

/** Price of a model in the service's catalog. */
export interface LivePrice {
  /** USD. */
  readonly basePriceUsd: number | null;
  /** `second` or `output`. */
  readonly priceUnit: string | null;
  /** Free text, shown and never parsed; the catalog mentions the price of sound only here. */
  readonly pricingNote: string | null;
}

/**
 * Catalog price in the form of a model file; null if there is none or if its unit is unknown. The base price is the silent
 * rate. Sound adds the same share as in the `known` price; without one the rate with sound is unknown. `date` is today's,
 * YYYY-MM-DD.
 */
export function livePrice(live: LivePrice, { known, date }: { known?: Price; date: string }): Price | null {
  const base = live.basePriceUsd;
  if (base === null) return null;
  const origin = { date, source: "RunComfy's live catalog" };
  const surcharge = known?.audio_surcharge === undefined ? {} : { audio_surcharge: known.audio_surcharge };
  if (live.priceUnit === 'output')
    return { silent: null, audio: null, ...surcharge, per_video: base, ...origin };
  if (live.priceUnit !== 'second') return null;
  const share = audioShare(known);
  return { silent: base, audio: share === null ? null : roundRate(base * share), ...surcharge, ...origin };
}

/** Price of a second with sound as a multiple of a silent one; null if unknown. */
function audioShare(known: Price | undefined): number | null {
  if (known?.silent && known.audio !== null) return known.audio / known.silent;
  return known?.audio_surcharge === undefined ? null : 1 + known.audio_surcharge;
}

/** Rounds the errors of binary fractions away: rates have three or four decimals. */
function roundRate(usd: number): number {
  return Math.round(usd * 1e5) / 1e5;
}

/**
 * Models' own names of the neutral fields, most probable first: those of the five documented models, and those of other
 * image-to-video models as hosts spell them (2026).
 */
const NAMES: Readonly<Record<NeutralField, readonly string[]>> = {
  prompt: ['prompt', 'text_prompt'],
  start_image: [
    'start_image_url',
    'start_image',
    'image_url',
    'image',
    'first_frame_url',
    'first_frame_image',
    'first_frame',
    'input_image',
    'img_url',
  ],
  end_image: [
    'end_image_url',
    'end_image',
    'last_image',
    'last_image_url',
    'last_frame_url',
    'last_frame_image',
    'last_frame',
    'tail_image_url',
    'tail_image',
  ],
  duration: ['duration', 'duration_seconds'],
  segments: ['multi_prompt'],
  audio: ['generate_audio', 'sound', 'audio', 'enable_audio', 'with_audio'],
  elements: ['elements'],
  negative_prompt: ['negative_prompt'],
  cfg_scale: ['cfg_scale'],
  shot_type: ['shot_type'],
};

/** Names inside one element, as in the documents. */
const ELEMENT = {
  frontal_image: 'frontal_image_url',
  reference_images: 'reference_image_urls',
  video: 'video_url',
} as const;

/** True if a schema can hold the shot list's value; a field of that name may mean something else. */
const HOLDS: Readonly<Record<NeutralField, (schema: JsonObject) => boolean>> = {
  prompt: isText,
  start_image: isText,
  end_image: isText,
  duration: holdsSeconds,
  segments: ({ type, items }) => type === 'array' && hasFields(items, ['prompt', 'duration']),
  audio: ({ type }) => type === 'boolean',
  elements: ({ type, items }) => type === 'array' && hasFields(items, Object.values(ELEMENT)),
  negative_prompt: isText,
  cfg_scale: ({ type }) => type === 'number' || type === 'integer',
  shot_type: isText,
};

/** Neutral fields of an input schema, with the model's own names; a list reaches all other fields through `input`. */
export function mapFields(properties: JsonObject): Pick<Model, 'fields' | 'element'> {
  const fields: Partial<Record<NeutralField, string>> = {};
  for (const [field, names] of Object.entries(NAMES) as [NeutralField, readonly string[]][]) {
    const name = names.find((each) => {
      const schema = Object.hasOwn(properties, each) ? properties[each] : undefined;
      return isObject(schema) && HOLDS[field](schema);
    });
    if (name !== undefined) fields[field] = name;
  }
  return { fields, ...(fields.elements !== undefined && { element: ELEMENT }) };
}

function isText({ type }: JsonObject): boolean {
  return type === 'string';
}

/** True for whole seconds, also as text: `"5"`, not `"5s"`. */
function holdsSeconds({ type, enum: values }: JsonObject): boolean {
  if (type === 'integer' || type === 'number') return true;
  if (type !== 'string' || !Array.isArray(values)) return false;
  return values.every((value) => /^\d{1,2}$/.test(String(value)));
}

function hasFields(items: Json | undefined, names: readonly string[]): boolean {
  const properties = isObject(items) ? items.properties : undefined;
  return isObject(properties) && names.every((name) => Object.hasOwn(properties, name));
}
