import { inside, type Place } from './document.js';

/** Fields as written, `null`s included. */
export type RawFields = Readonly<Record<string, unknown>>;

/** Shot fields that stand somewhere, and which of them are written wrongly. */
export interface Layer {
  readonly fields: RawFields;
  readonly place: Place;
  readonly invalid: ReadonlySet<string>;
}

/** What a shot inherits: the layers below it, merged field by field, later ones winning. */
export interface Base {
  readonly fields: RawFields;
  readonly places: Readonly<Record<string, Place>>;
  readonly invalid: ReadonlySet<string>;
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

/** A shot's own layer upon what it inherits. */
export interface Inherited {
  /** Without what is read elsewhere, and without what is written wrongly or removed by `null`. */
  readonly fields: Record<string, unknown>;
  readonly scene: string | null;
  readonly invalid: ReadonlySet<string>;
  origin(field: string): Place;
  owns(field: string): boolean;
}

/** What is written on a shot and is read elsewhere. */
const NO_FIELDS: ReadonlySet<string> = new Set(['id', 'scene']);

/**
 * A shot with what it inherits, field by field: its own value wins but against `wins` (a profile's model, takes and
 * select), and `null` removes what would be inherited. An inherited duration yields to segments written on the shot,
 * because they say how long it is, and an inherited matrix does not cross what the shot says itself.
 */
export function inherit(own: Layer, { base, wins }: { base: Base; wins: Base | null }): Inherited {
  const raw = own.fields;
  const isWon = (field: string) => wins?.fields[field] !== undefined;
  const isOwn = (field: string) => raw[field] !== undefined && !isWon(field);
  const invalid = unreadOf(own, base, wins);
  const timed = Array.isArray(raw.segments) && raw.duration === undefined;
  const said = (field: string): unknown => {
    if (wins && isWon(field)) return wins.fields[field];
    if (raw[field] !== undefined) return raw[field];
    return field === 'matrix' ? withoutAxes(base.fields.matrix, raw) : base.fields[field];
  };
  // Field by field: to spread maps that each shot writes differently takes several times as long.
  const fields: Record<string, unknown> = {};
  const take = (field: string) => {
    if (NO_FIELDS.has(field) || invalid.has(field) || (field === 'duration' && timed)) return;
    const value = said(field) ?? null;
    if (value !== null) fields[field] = value;
  };
  for (const layer of [base.fields, raw, wins?.fields ?? {}]) for (const field in layer) take(field);
  const origin = (field: string): Place => {
    if (wins && isWon(field)) return wins.places[field] as Place;
    return isOwn(field) ? inside(own.place, field) : (base.places[field] ?? inside(own.place, field));
  };
  const scene = invalid.has('scene') ? null : ((said('scene') ?? null) as string | null);
  return { fields, scene, invalid, origin, owns: isOwn };
}

/** A matrix without what is written nearer to the shot; undefined where nothing is left to cross. */
function withoutAxes(matrix: unknown, nearer: RawFields): unknown {
  if (typeof matrix !== 'object' || matrix === null) return matrix;
  const axes = Object.entries(matrix);
  const left = axes.filter(([field]) => nearer[field] === undefined);
  if (left.length === axes.length) return matrix;
  return left.length === 0 ? undefined : Object.fromEntries(left);
}

function unreadOf(own: Layer, base: Base, wins: Base | null): ReadonlySet<string> {
  if (base.invalid.size === 0 && !wins?.invalid.size) return own.invalid;
  const inherited = [...base.invalid].filter((field) => own.fields[field] === undefined);
  return new Set([...own.invalid, ...inherited, ...(wins?.invalid ?? [])]);
}
