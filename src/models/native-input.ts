import type { Json } from '../base/json.js';
import { inModelsType, properties } from './catalog.js';
import type { Model, NeutralField } from './model.js';

/**
 * A model's own input, ready to send but for its local media, which stand as references:
 * the JSON body of the POST, with `LocalMedia` and `VersionedUrl` where the service will see a string.
 */
export interface NativeInput {
  readonly [field: string]: NativeValue;
}
export type NativeValue =
  | Json
  | LocalMedia
  | VersionedUrl
  | ChainedFrame
  | readonly NativeValue[]
  | NativeInput;

/** A file beside the shot list, sent as a data URI. */
export interface LocalMedia {
  /** Path relative to the shot list's folder, with forward slashes. */
  readonly $file: string;
  /** SHA-256 of its bytes when the plan was made, 64 hex digits. */
  readonly sha256: string;
  /** Media type by its bytes, such as `image/png`. */
  readonly type: string;
}

/** A URL whose content key is its version, for links whose signature changes. */
export interface VersionedUrl {
  readonly $url: string;
  readonly version: string;
}

/** The last frame of another submission's clip, known once that clip is here. */
export interface ChainedFrame {
  /** Id of that submission. */
  readonly $last_frame_of: string;
  /** Its content key, 64 hex digits. */
  readonly key: string;
}

export function isLocalMedia(value: NativeValue): value is LocalMedia {
  return typeof value === 'object' && value !== null && '$file' in value;
}

export function isVersionedUrl(value: NativeValue): value is VersionedUrl {
  return typeof value === 'object' && value !== null && '$url' in value;
}

export function isChainedFrame(value: NativeValue): value is ChainedFrame {
  return typeof value === 'object' && value !== null && '$last_frame_of' in value;
}

/** A shot's values by their neutral names; what is not written is not there. */
export type NeutralInput = Readonly<Partial<Record<NeutralField, NativeValue>>>;

/** One element, its media ready to send. */
export interface NeutralElement {
  readonly frontal_image?: NativeValue;
  readonly reference_images?: readonly NativeValue[];
  readonly video?: string;
}

/** The model's own input: its names, in the order of its document. `own` are fields without a neutral name. */
export function toNativeInput(
  model: Model,
  { neutral, own = {} }: { neutral: NeutralInput; own?: Readonly<Record<string, Json>> },
): NativeInput {
  const schemas = properties(model);
  const named = new Map<string, NativeValue>(Object.entries(own));
  for (const field in model.fields) {
    const value = neutral[field as NeutralField];
    const name = model.fields[field as NeutralField];
    if (value === undefined || name === undefined) continue;
    named.set(name, typeof value === 'number' ? inModelsType(schemas[name] ?? {}, value) : value);
  }
  const ordered: Record<string, NativeValue> = {};
  for (const name in schemas) {
    const value = named.get(name);
    if (value === undefined) continue;
    ordered[name] = value;
    named.delete(name);
  }
  // What the model does not have is left for its schema to refuse.
  return named.size === 0 ? ordered : { ...ordered, ...Object.fromEntries(named) };
}

/** An element with the model's own names for its parts. */
export function toNativeElement(model: Model, element: NeutralElement): NativeInput {
  const names = model.element;
  if (!names) throw new Error(`${model.id} has no elements`);
  const { frontal_image, reference_images = [], video } = element;
  return {
    ...(frontal_image !== undefined && { [names.frontal_image]: frontal_image }),
    ...(reference_images.length > 0 && { [names.reference_images]: reference_images }),
    ...(video !== undefined && { [names.video]: video }),
  };
}

/** The input as the service will see it, with `media` saying what stands for each reference. */
export function resolveMedia(
  value: NativeValue,
  media: (reference: LocalMedia | VersionedUrl | ChainedFrame) => Json,
): Json {
  if (Array.isArray(value)) return value.map((item: NativeValue) => resolveMedia(item, media));
  if (typeof value !== 'object' || value === null) return value as Json;
  if (isLocalMedia(value) || isVersionedUrl(value) || isChainedFrame(value)) return media(value);
  // Copying keeps a field called `__proto__` a field, which setting it on an empty object would not.
  const resolved = { ...(value as Record<string, Json>) };
  for (const [name, part] of Object.entries(value as NativeInput)) {
    if (typeof part === 'object') resolved[name] = resolveMedia(part, media);
  }
  return resolved;
}

/** Where a path in the model's own input comes from: the neutral path, and whether it is one of the model's own fields. */
export function neutralPath(
  model: Model,
  path: readonly (string | number)[],
): { path: readonly (string | number)[]; field: NeutralField | 'input' } {
  const [first, ...rest] = path;
  const field = Object.entries(model.fields).find(([, name]) => name === first)?.[0] as
    | NeutralField
    | undefined;
  if (!field) return { path: ['input', ...path], field: 'input' };
  return { path: [field, ...rest], field };
}
