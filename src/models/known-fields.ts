import { isObject, type JsonObject } from '../base/json.js';
import type { Model, NeutralField } from './model.js';

/**
 * What models call the fields that shot lists have neutral names for, likeliest first: those of the five documents,
 * and those of other image-to-video models as hosts spell them (2026).
 */
const NAMES: Readonly<Record<NeutralField, readonly string[]>> = {
  prompt: ['prompt', 'text_prompt'],
  start_image: [
    ...['start_image_url', 'start_image', 'image_url', 'image', 'first_frame_url', 'first_frame_image'],
    ...['first_frame', 'input_image', 'img_url'],
  ],
  end_image: [
    ...['end_image_url', 'end_image', 'last_image', 'last_image_url', 'last_frame_url', 'last_frame_image'],
    ...['last_frame', 'tail_image_url', 'tail_image'],
  ],
  duration: ['duration', 'duration_seconds'],
  segments: ['multi_prompt'],
  audio: ['generate_audio', 'sound', 'audio', 'enable_audio', 'with_audio'],
  elements: ['elements'],
  negative_prompt: ['negative_prompt'],
  cfg_scale: ['cfg_scale'],
  shot_type: ['shot_type'],
};

/** The names inside one element that are sent as they stand in the documents. */
const ELEMENT = {
  frontal_image: 'frontal_image_url',
  reference_images: 'reference_image_urls',
  video: 'video_url',
} as const;

/** Whether a schema can hold what the shot list has there; a field of that name may be something else entirely. */
const HOLDS: Readonly<Record<NeutralField, (schema: JsonObject) => boolean>> = {
  prompt: isText,
  start_image: isText,
  end_image: isText,
  duration: (schema) => holdsSeconds(schema),
  segments: ({ type, items }) => type === 'array' && hasFields(items, ['prompt', 'duration']),
  audio: ({ type }) => type === 'boolean',
  elements: ({ type, items }) => type === 'array' && hasFields(items, Object.values(ELEMENT)),
  negative_prompt: isText,
  cfg_scale: ({ type }) => type === 'number' || type === 'integer',
  shot_type: isText,
};

/** Which neutral fields an input schema has, under the model's own names; the rest are reached through `input`. */
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

/** Whole seconds, be they written as text: `"5"`, not `"5s"`. */
function holdsSeconds({ type, enum: values }: JsonObject): boolean {
  if (type === 'integer' || type === 'number') return true;
  if (type !== 'string' || !Array.isArray(values)) return false;
  return values.every((value) => /^\d{1,2}$/.test(String(value)));
}

function hasFields(items: unknown, names: readonly string[]): boolean {
  if (!isObject(items as JsonObject)) return false;
  const { properties } = items as JsonObject;
  return isObject(properties) && names.every((name) => Object.hasOwn(properties, name));
}
