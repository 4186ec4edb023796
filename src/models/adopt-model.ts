import type { Json, JsonObject } from '../base/json.js';
import { USUAL_SECONDS } from './catalog.js';
import { mapFields } from './known-fields.js';
import { type LivePrice, readLivePrice } from './live-price.js';
import type { Model, Price } from './model.js';
import { normaliseSchema } from './normalise-schema.js';

/** One model as the live catalog describes it. */
export interface LiveModel extends LivePrice {
  readonly modelId: string;
  readonly displayName: string | null;
  readonly inputSchema: Json;
}

/** What the last part of an id says about the kind of model rather than about which one it is. */
const KIND = /^(?:image|text|video|reference|first-last-frame)-to-video$/;

/** A first guess for a model nobody has timed here, seconds; what runs measure replaces it. */
const RENDER_SECONDS = 150;

/** Nobody has said what it costs. */
const UNKNOWN: Price = { silent: null, audio: null, date: null, source: null };

/**
 * A model of the live catalog as the content of a model file; null where it has no fields that can be read.
 * `date` is today's, YYYY-MM-DD; `isTaken` says which short names other models have; `before` is the file as it
 * stood, whose name and measured or corrected seconds are kept.
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
  const price = readLivePrice(live, { date, ...(before && { known: before.price }) });
  return {
    id: live.modelId,
    name: before?.name ?? (isTaken(short) ? live.modelId : short),
    title: live.displayName ?? live.modelId,
    fields,
    ...(element && { element }),
    price: price ?? before?.price ?? UNKNOWN,
    ...secondsOfVideos(input, { fields, before }),
    usual_render_seconds: before?.usual_render_seconds ?? RENDER_SECONDS,
    input: withPromptsAndImages(input, fields),
  };
}

/** `kling/kling-2.6/pro/image-to-video` is written `kling-2.6/pro`: without its kind, and without its maker. */
export function shortName(id: string): string {
  const parts = id.split('/');
  const named = parts.length > 1 && KIND.test(parts.at(-1) ?? '') ? parts.slice(0, -1) : parts;
  return (named.length > 1 ? named.slice(1) : named).join('/');
}

/** Where neither a field nor its default says how long a video is, the file does, for people to correct. */
function secondsOfVideos(
  input: JsonObject,
  { fields, before }: { fields: Model['fields']; before: Model | undefined },
): Pick<Model, 'seconds'> {
  if (before?.seconds !== undefined) return { seconds: before.seconds };
  const schema = (input.properties as Record<string, JsonObject>)[fields.duration ?? ''];
  return schema?.default === undefined ? { seconds: USUAL_SECONDS } : {};
}

/** A required text that is empty is refused by the service, so it is refused here. */
function withPromptsAndImages(input: JsonObject, fields: Model['fields']): JsonObject {
  const properties = { ...(input.properties as Record<string, JsonObject>) };
  for (const name of [fields.prompt, fields.start_image, fields.end_image]) {
    if (name !== undefined) properties[name] = { minLength: 1, ...properties[name] };
  }
  return { ...input, properties };
}
