import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../base/json.js';
import { withoutQuery } from '../base/text.js';
import { findModel } from '../models/catalog.js';
import {
  isChainedFrame,
  isLocalMedia,
  isVersionedUrl,
  mediaIdentity,
  type NativeInput,
  type NativeValue,
  neutralPath,
  resolveMedia,
} from '../models/native-input.js';
import type { Submission } from './plan.js';

/** One value that differs. */
export interface FieldChange {
  /** Neutral names if there are any, and positions from 0: `['segments', 1, 'prompt']`, `['input', 'watermark']`. */
  readonly path: readonly (string | number)[];
  /** Null if the field was missing. */
  readonly before: FieldValue | null;
  readonly after: FieldValue | null;
}

/** Value of a field in one of the two submissions. */
export interface FieldValue {
  /** Value as it is sent; for media `{ file, sha256 }`, `{ url, version }` or `{ last_frame_of, key }`. */
  readonly value: Json;
  /** True for a value that is not written and that the service assumes. */
  readonly default: boolean;
}

/** Fields of a submission that are compared. */
export type ComparedFields = Pick<
  Submission,
  'scene' | 'use' | 'transition' | 'selected' | 'model' | 'input' | 'defaults' | 'prompt' | 'segments'
>;

type Path = FieldChange['path'];
type Fields = ReadonlyMap<string, { readonly path: Path; readonly value: NativeValue }>;

/** Changes of sent values: the model first, then field by field in the order of the newer input. */
export function inputChanges(before: ComparedFields, after: ComparedFields): readonly FieldChange[] {
  const [older, newer] = [neutralFields(before), neutralFields(after)];
  const defaults = [...after.defaults, ...before.defaults].map(({ field }) => [field, [field]] as const);
  const fields = [...newer, ...older].map(([name, { path }]) => [name, path] as const);
  const changes = [...new Map<string, Path>([...fields, ...defaults])].flatMap(([name, path]) => {
    const [old, now] = [older.get(name), newer.get(name)];
    if (old && now) return compareValues(path, old.value, now.value);
    const [from, to] = [effectiveValue(old, before, name), effectiveValue(now, after, name)];
    // If neither side writes the field, only a different default is a change. If one side does, the body changes.
    return !old && !now && isDeepStrictEqual(from, to) ? [] : [{ path, before: from, after: to }];
  });
  const joined = isJoined(before) && isJoined(after);
  return [
    ...plainChange('model', shortName(before.model), shortName(after.model)),
    ...changes.filter(({ path }) => !(joined && path[0] === 'prompt')),
  ];
}

/** Changes of values that only the cut uses; none of them is sent. */
export function cutChanges(before: ComparedFields, after: ComparedFields): readonly FieldChange[] {
  return [
    ...plainChange('scene', before.scene, after.scene),
    ...plainChange('use', before.use, after.use),
    ...plainChange('transition', before.transition, after.transition),
    ...plainChange('selected', before.selected, after.selected),
  ];
}

function plainChange(field: string, before: Json, after: Json): readonly FieldChange[] {
  if (isDeepStrictEqual(before, after)) return [];
  const value = (of: Json) => (of === null ? null : { value: of, default: false });
  return [{ path: [field], before: value(before), after: value(after) }];
}

function shortName(id: string): string {
  return findModel(id)?.name ?? id;
}

/** True if the prompt only repeats the segments, as it does if no prompt is written. */
function isJoined({ prompt, segments }: ComparedFields): boolean {
  return segments.length > 0 && prompt === segments.map((segment) => segment.prompt).join('\n');
}

/** Fields of the input by neutral names; a model outside the catalog keeps its own names. */
function neutralFields({ model: id, input }: ComparedFields): Fields {
  const model = findModel(id);
  const fields = Object.entries(input).map(([name, value]) => {
    if (!model) return [name, { path: [name], value }] as const;
    const { path, field } = neutralPath(model, [name]);
    return [
      path.join('.'),
      { path, value: field === 'elements' ? neutralElements(value, id) : value },
    ] as const;
  });
  return new Map(fields);
}

function neutralElements(elements: NativeValue, id: string): NativeValue {
  const names = Object.entries(findModel(id)?.element ?? {}).map(([neutral, own]) => [own, neutral] as const);
  const neutral = new Map(names);
  if (!Array.isArray(elements)) return elements;
  return elements.map((element: NativeInput) =>
    Object.fromEntries(Object.entries(element).map(([name, value]) => [neutral.get(name) ?? name, value])),
  );
}

function effectiveValue(
  written: { readonly value: NativeValue } | undefined,
  { defaults }: ComparedFields,
  name: string,
): FieldValue | null {
  if (written) return { value: printableValue(written.value), default: false };
  const assumed = defaults.find(({ field }) => field === name);
  return assumed ? { value: assumed.value, default: true } : null;
}

/** Changes of the smallest parts that differ; undefined is a value that one side does not have. */
function compareValues(
  path: Path,
  before: NativeValue | undefined,
  after: NativeValue | undefined,
): readonly FieldChange[] {
  if (isDeepStrictEqual(identity(before), identity(after))) return [];
  if (Array.isArray(before) && Array.isArray(after)) return compareItems(path, before, after);
  if (isMap(before) && isMap(after)) {
    const names = new Set([...Object.keys(after), ...Object.keys(before)]);
    return [...names].flatMap((name) => compareValues([...path, name], before[name], after[name]));
  }
  const value = (of: NativeValue | undefined) =>
    of === undefined ? null : { value: printableValue(of), default: false };
  return [{ path, before: value(before), after: value(after) }];
}

/** Skips equal items at both ends first, so that an inserted item is one change. */
function compareItems(
  path: Path,
  before: readonly NativeValue[],
  after: readonly NativeValue[],
): readonly FieldChange[] {
  const alike = (old: NativeValue | undefined, now: NativeValue | undefined) =>
    isDeepStrictEqual(identity(old), identity(now));
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && alike(before[start], after[start])) start += 1;
  let end = 0;
  while (end < shorter - start && alike(before.at(-1 - end), after.at(-1 - end))) end += 1;
  const [old, now] = [before.slice(start, before.length - end), after.slice(start, after.length - end)];
  return Array.from({ length: Math.max(old.length, now.length) }).flatMap((_, index) =>
    compareValues([...path, start + index], old[index], now[index]),
  );
}

function isMap(value: NativeValue | undefined): value is NativeInput {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return !isLocalMedia(value) && !isVersionedUrl(value) && !isChainedFrame(value);
}

/** Value as the content key sees it: a file is its bytes, in any place. */
function identity(value: NativeValue | undefined): Json | undefined {
  if (value === undefined) return undefined;
  return resolveMedia(value, mediaIdentity);
}

/** Value to print, without the query of a signed link, which gives access. */
function printableValue(value: NativeValue): Json {
  return resolveMedia(value, (media): Json => {
    if (isLocalMedia(media)) return { file: media.$file, sha256: media.sha256 };
    if (isChainedFrame(media)) return { last_frame_of: media.$last_frame_of, key: media.key };
    return { url: withoutQuery(media.$url), version: media.version };
  });
}
