import type { Json } from '../base/json.js';
import { withoutQuery } from '../base/text.js';
import type { Model, NeutralField } from './catalog.js';
import { asSchemaType, properties } from './catalog.js';

/**
 * A model's own input: the JSON body of the POST, with a reference (`LocalMedia`, `VersionedUrl`, `ChainedFrame`) in each
 * place of a text that is known only when the POST is sent.
 */
export interface NativeInput {
  readonly [field: string]: NativeValue;
}
/** Value of a field of a model's own input. */
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
  /** Media type by its bytes, such as `image/png` or `video/mp4`. */
  readonly type: string;
  /** Smaller copy that was sent instead (`--shrink`). It is no part of the key. */
  readonly sent?: { readonly sha256: string; readonly type: string; readonly bytes: number };
}

/** A URL that the content key identifies by its version, for links whose signature changes. */
export interface VersionedUrl {
  readonly $url: string;
  readonly version: string;
}

/** Last frame of another submission's clip, known when that clip is downloaded. */
export interface ChainedFrame {
  /** Id of that submission. */
  readonly $last_frame_of: string;
  /** Its content key, 64 hex digits. */
  readonly key: string;
}

/** True for a file beside the shot list. */
export function isLocalMedia(value: NativeValue): value is LocalMedia {
  return typeof value === 'object' && value !== null && '$file' in value;
}

/** True for a URL with a version. */
export function isVersionedUrl(value: NativeValue): value is VersionedUrl {
  return typeof value === 'object' && value !== null && '$url' in value;
}

/** True for the last frame of another clip. */
export function isChainedFrame(value: NativeValue): value is ChainedFrame {
  return typeof value === 'object' && value !== null && '$last_frame_of' in value;
}

/** Values of a shot by neutral names; only values that are written. */
export type NeutralInput = Readonly<Partial<Record<NeutralField, NativeValue>>>;

/** One element with its media in the form that is sent. */
export interface NeutralElement {
  readonly frontal_image?: NativeValue;
  readonly reference_images?: readonly NativeValue[];
  readonly video?: NativeValue;
}

/** Input with the model's own names, in the order of its document. `own` are fields without a neutral name. */
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
    named.set(name, typeof value === 'number' ? asSchemaType(schemas[name] ?? {}, value) : value);
  }
  const ordered: Record<string, NativeValue> = {};
  for (const name in schemas) {
    const value = named.get(name);
    if (value === undefined) continue;
    ordered[name] = value;
    named.delete(name);
  }
  // Fields that the model does not have stay: its schema refuses them.
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

/** Input with every reference replaced by the value that `media` returns for it. */
export function resolveMedia(
  value: NativeValue,
  media: (reference: LocalMedia | VersionedUrl | ChainedFrame) => Json,
): Json {
  if (Array.isArray(value)) return value.map((item: NativeValue) => resolveMedia(item, media));
  if (typeof value !== 'object' || value === null) return value as Json;
  if (isLocalMedia(value) || isVersionedUrl(value) || isChainedFrame(value)) return media(value);
  // Copying keeps a field called `__proto__` a field; setting it on an empty object would not.
  const resolved = { ...(value as Record<string, Json>) };
  for (const [name, part] of Object.entries(value as NativeInput)) {
    if (typeof part === 'object') resolved[name] = resolveMedia(part, media);
  }
  return resolved;
}

/**
 * Identity of a medium: a file's bytes, the clip of a chained frame, or a URL with its version and without its query, which
 * changes with every signature.
 */
export function mediaIdentity(media: LocalMedia | VersionedUrl | ChainedFrame): Json {
  if (isLocalMedia(media)) return { sha256: media.sha256 };
  if (isChainedFrame(media)) return { last_frame_of: media.key };
  return { url: withoutQuery(media.$url), version: media.version };
}

/** An input as record and manifest keep it: without the signatures in versioned URLs, which are secrets. */
export function withoutSignatures(input: NativeInput): NativeInput {
  return Object.fromEntries(Object.entries(input).map(([name, value]) => [name, unsigned(value)]));
}

function unsigned(value: NativeValue): NativeValue {
  if (typeof value !== 'object' || value === null || isLocalMedia(value) || isChainedFrame(value))
    return value;
  if (isVersionedUrl(value)) return { ...value, $url: withoutQuery(value.$url) };
  return Array.isArray(value) ? value.map(unsigned) : withoutSignatures(value as NativeInput);
}

/** Path in the shot list of a path in the model's own input; `field` is `input` for fields without a neutral name. */
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
