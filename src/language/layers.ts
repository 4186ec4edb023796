import { normalText } from '../base/text.js';
import { type CheckedFile, entriesOf, type RawFields } from './check-files.js';
import { inside, type Place } from './document.js';
import { mentionedColumns, mentionsRow } from './fill-in.js';
import type { Shot } from './shot-list.js';

/** Shot fields written together in one place, such as the defaults. */
export interface Layer {
  readonly fields: RawFields;
  readonly place: Place;
  /** Fields that are written wrongly. */
  readonly invalid: ReadonlySet<string>;
}

/** Layers merged field by field. */
export interface Base {
  readonly fields: RawFields;
  /** Place of each field. */
  readonly places: Readonly<Record<string, Place>>;
  readonly invalid: ReadonlySet<string>;
}

/** Fields without which a shot cannot be checked against its model. */
const NEEDED: ReadonlySet<string> = new Set(['model', 'prompt', 'start_image', 'end_image']);

/** Layers of every shot, lowest first: each file's look, then its defaults. */
export function commonLayers(files: readonly CheckedFile[]): readonly Layer[] {
  return files.flatMap((file) => {
    const place: Place = { document: file.document, path: [] };
    const { look, defaults } = file.value;
    const layers: Layer[] = [];
    if (file.broken.has('look')) layers.push({ fields: {}, place, invalid: new Set(['look']) });
    else if (look !== undefined) layers.push({ fields: { look }, place, invalid: new Set() });
    layers.push(layerOf(file, { part: 'defaults', path: ['defaults'], fields: defaults }));
    return layers;
  });
}

/** Layers of one scene, lowest first. */
export function sceneLayers(files: readonly CheckedFile[], scene: string): readonly Layer[] {
  return files.flatMap((file) => {
    const raw = file.broken.has('scenes') ? undefined : ownOf(file.value.scenes, scene);
    if (!raw) return [];
    // `checkFiles` reports a scene in a scene's defaults.
    const { scene: _, ...fields } = raw.defaults ?? {};
    return [layerOf(file, { part: `scenes/${scene}`, path: ['scenes', scene, 'defaults'], fields })];
  });
}

/** Layers of one profile, lowest first. */
export function profileLayers(files: readonly CheckedFile[], profile: string): readonly Layer[] {
  return files.flatMap((file) => {
    const raw = file.broken.has('profiles') ? undefined : ownOf(file.value.profiles, profile);
    if (!raw) return [];
    return [layerOf(file, { part: `profiles/${profile}`, path: ['profiles', profile], fields: raw })];
  });
}

/** A profile as a shot that has nothing else. Its segments are left out: `split` on a shot decides what may be sent. */
export function profileAlone(files: readonly CheckedFile[], profile: string): Shot | null {
  const layers = profileLayers(files, profile);
  const place = layers.at(-1)?.place;
  if (!place) return null;
  const { fields, places, invalid } = stack(layers);
  const isKnown = ([field, value]: [string, unknown]) =>
    value !== null && field !== 'segments' && !invalid.has(field) && mentionedColumns(value).size === 0;
  const known = Object.entries(fields).filter(isKnown);
  return {
    id: profile,
    writtenId: profile,
    variantOf: null,
    scene: null,
    fields: Object.fromEntries(known.map(([field, value]) => [field, normalField(field, value)])),
    invalid: new Set(),
    images: {},
    ignores: [],
    place,
    origin: (field) => places[field] ?? inside(place, field),
    owns: () => true,
  };
}

/** Every layer that the files have, used or not: of the list, its scenes, its profiles and its shots. */
export function writtenLayers(files: readonly CheckedFile[]): readonly Layer[] {
  const main = files.at(-1) as CheckedFile;
  const shots = main.broken.has('shots') ? [] : (main.value.shots ?? []);
  return [
    ...commonLayers(files),
    ...[...entriesOf(files, 'scenes').keys()].flatMap((scene) => sceneLayers(files, scene)),
    ...[...entriesOf(files, 'profiles').keys()].flatMap((profile) => profileLayers(files, profile)),
    ...shots.map((fields, index) =>
      layerOf(main, { part: `shots/${index}`, path: ['shots', index], fields }),
    ),
  ];
}

/** Every model that layers name, those of a matrix too, with its place. A name from a table is left out. */
export function namedModels(
  layers: readonly Layer[],
): readonly { readonly name: string; readonly place: Place }[] {
  return layers.flatMap(({ fields, place, invalid }) => {
    const { model, matrix } = fields;
    const crossed = invalid.has('matrix')
      ? undefined
      : (matrix as { model?: readonly unknown[] } | null)?.model;
    const written = [
      { model: invalid.has('model') ? undefined : model, place: inside(place, 'model') },
      ...(crossed ?? []).map((each, index) => ({
        model: each,
        place: inside(place, 'matrix', 'model', index),
      })),
    ];
    return written.flatMap(({ model, place }) =>
      typeof model === 'string' && !mentionsRow(model) ? [{ name: normalText(model), place }] : [],
    );
  });
}

/** The value of a map's own key, which may be called `constructor`. */
function ownOf<T>(map: Readonly<Record<string, T>> | null | undefined, name: string): T | undefined {
  return map && Object.hasOwn(map, name) ? map[name] : undefined;
}

function layerOf(
  { document, broken, invalid }: CheckedFile,
  { part, path, fields }: { part: string; path: Place['path']; fields: RawFields | null | undefined },
): Layer {
  const place = { document, path };
  // A broken part may have been meant to set any needed field.
  if (broken.has(part)) return { fields: {}, place, invalid: NEEDED };
  return { fields: fields ?? {}, place, invalid: invalid.get(part) ?? new Set() };
}

/** Merges layers, the first being the lowest. */
export function stack(layers: readonly Layer[]): Base {
  const fields: Record<string, unknown> = {};
  const places: Record<string, Place> = {};
  const invalid = new Set<string>();
  for (const layer of layers) {
    if (fields.matrix !== undefined) fields.matrix = withoutAxes(fields.matrix, layer.fields);
    for (const [field, value] of Object.entries(layer.fields)) {
      fields[field] = value;
      places[field] = inside(layer.place, field);
      invalid.delete(field);
    }
    for (const field of layer.invalid) invalid.add(field);
  }
  return { fields, places, invalid };
}

/** A shot's own layer on top of the layers it inherits. */
export interface Inherited {
  /** Valid fields with normal texts; without those removed by `null`, and without the id and the scene. */
  readonly fields: Record<string, unknown>;
  readonly scene: string | null;
  readonly invalid: ReadonlySet<string>;
  /** The place where a field is written, or where it would be. */
  origin(field: string): Place;
  /** True if the shot itself sets the field. */
  owns(field: string): boolean;
}

const NO_FIELDS: ReadonlySet<string> = new Set(['id', 'scene']);

/**
 * Merges a shot with its base, field by field. The shot's own value wins, except against `wins` (a profile's model,
 * takes and select); `null` removes an inherited field. Segments on the shot remove an inherited duration, because
 * they set the length; a field on the shot removes itself from an inherited matrix.
 */
export function inherit(own: Layer, { base, wins }: { base: Base; wins: Base | null }): Inherited {
  const raw = own.fields;
  const isWon = (field: string) => wins?.fields[field] !== undefined;
  const isOwn = (field: string) => raw[field] !== undefined && !isWon(field);
  const invalid = invalidFields(own, base, wins);
  const hasOwnLength = Array.isArray(raw.segments) && raw.duration === undefined;
  const written = (field: string): unknown => {
    if (wins && isWon(field)) return wins.fields[field];
    if (raw[field] !== undefined) return raw[field];
    return field === 'matrix' ? withoutAxes(base.fields.matrix, raw) : base.fields[field];
  };
  const fields: Record<string, unknown> = {};
  for (const field of Object.keys({ ...base.fields, ...raw, ...wins?.fields })) {
    if (NO_FIELDS.has(field) || invalid.has(field) || (field === 'duration' && hasOwnLength)) continue;
    const value = written(field) ?? null;
    if (value !== null) fields[field] = normalField(field, value);
  }
  const origin = (field: string): Place => {
    if (wins && isWon(field)) return wins.places[field] as Place;
    return isOwn(field) ? inside(own.place, field) : (base.places[field] ?? inside(own.place, field));
  };
  const scene = invalid.has('scene') ? null : ((written('scene') ?? null) as string | null);
  return { fields, scene, invalid, origin, owns: isOwn };
}

/** A matrix without the fields that a higher layer sets; undefined if no field is left. */
function withoutAxes(matrix: unknown, higher: RawFields): unknown {
  if (typeof matrix !== 'object' || matrix === null) return matrix;
  const axes = Object.entries(matrix);
  const left = axes.filter(([field]) => higher[field] === undefined);
  if (left.length === axes.length) return matrix;
  return left.length === 0 ? undefined : Object.fromEntries(left);
}

function invalidFields(own: Layer, base: Base, wins: Base | null): ReadonlySet<string> {
  const inherited = [...base.invalid].filter((field) => own.fields[field] === undefined);
  return new Set([...own.invalid, ...inherited, ...(wins?.invalid ?? [])]);
}

/** Fields with names of files, which are other files when they are written otherwise. */
const PATHS: ReadonlySet<string> = new Set(['start_image', 'end_image', 'each']);

/** A URL and nothing else: it names other bytes when it is written otherwise. */
const URL_ALONE = /^[a-z][a-z0-9+.-]*:\/\/\S+$/i;

/** The value of a shot's field with every text in it as it is sent; paths and URLs stay as they are written. */
export function normalField(field: string, value: unknown): unknown {
  if (PATHS.has(field)) return value;
  if (typeof value === 'string') return URL_ALONE.test(value) ? value : normalText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => normalField(field, item));
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, normalField(name, part)]));
}
