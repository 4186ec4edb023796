import type { ErrorObject, ValidateFunction } from 'ajv';
import type { Json, JsonObject } from '../base/json.js';
import { explainSchemaErrors, type SchemaProblem } from '../base/schema-problem.js';
import { models as all, validators } from '../generated/models.js';

/** Names of the shot list's fields, the same for all models. */
export type NeutralField =
  | 'prompt'
  | 'start_image'
  | 'end_image'
  | 'duration'
  | 'segments'
  | 'audio'
  | 'elements'
  | 'negative_prompt'
  | 'cfg_scale'
  | 'shot_type';

/** Content of one model file: `schemas/models/*.json`, or `models/*.json` beside a list. */
export interface Model {
  /** RunComfy's id, such as `kling/kling-3.0/standard/image-to-video`. */
  readonly id: string;
  /** Short name that lists use, such as `kling-3.0/standard`. */
  readonly name: string;
  readonly title: string;
  /** The model's own names of the neutral fields; the model has only the fields named here. */
  readonly fields: Readonly<Partial<Record<NeutralField, string>>>;
  /** The model's own names inside one element. */
  readonly element?: Readonly<Record<'frontal_image' | 'reference_images' | 'video', string>>;
  /** JSON Schema (draft-07) of the model's own input; the property order is the order of the body sent. */
  readonly input: JsonObject;
  readonly price: Price;
  /** Length of its videos if neither a field nor a default sets it, seconds. */
  readonly seconds?: number;
  /** First guess of the render time from start to finish, seconds; measured times of runs replace it. */
  readonly usual_render_seconds: number;
}

/** Rates in USD per second of video, or one price per video; null if none is published. */
export interface Price {
  readonly silent: number | null;
  readonly audio: number | null;
  /** Share of the silent rate that sound adds, if the document gives one. */
  readonly audio_surcharge?: number;
  /** USD for one video of any length, if the service charges per video; the rates are then null. */
  readonly per_video?: number;
  /** Day on which the rates were read, YYYY-MM-DD. */
  readonly date: string | null;
  /** Source of the rates. */
  readonly source: string | null;
}

/** Models that a shot list may name. */
export interface Catalog {
  /** Sorted by name. */
  readonly models: readonly Model[];
  /** Model with a full id or a short name. */
  find(name: string): Model | undefined;
}

/** Makes a catalog of models whose ids and names all differ. */
export function createCatalog(models: readonly Model[]): Catalog {
  const byName = new Map(
    models.flatMap((model) => [[model.id, model] as const, [model.name, model] as const]),
  );
  return {
    models: models.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    find: (name) => byName.get(name),
  };
}

/** Catalog of the models that come with Shotlist. */
export const builtIn: Catalog = createCatalog(all);

/** Models that come with Shotlist, sorted by name. */
export const { models } = builtIn;

/** Model that comes with Shotlist, by full id or short name. */
export function findModel(name: string): Model | undefined {
  return builtIn.find(name);
}

/** Compiled input schemas: generated for the models that come with Shotlist, else registered when a file is read. */
const compiled = new WeakMap<Model, ValidateFunction>();
for (const model of all) compiled.set(model, validators[model.id] as ValidateFunction);

/** Registers the compiled input schema of a model that does not come with Shotlist, for `validateInput`. */
export function registerValidator(model: Model, validate: ValidateFunction): void {
  compiled.set(model, validate);
}

/** Problems that the model's own schema has with an input; empty if it may be sent. */
export function validateInput(model: Model, input: Json): readonly SchemaProblem[] {
  const validate = compiled.get(model);
  if (!validate) throw new Error(`no validator was registered for ${model.id}`);
  if (validate(input)) return [];
  return explainSchemaErrors(validate.errors as ErrorObject[]);
}

/** The model's own field for a neutral one, with its schema; undefined if the model has none. */
export function nativeField(
  model: Model,
  field: NeutralField,
): { name: string; schema: JsonObject } | undefined {
  const name = model.fields[field];
  if (name === undefined) return undefined;
  const schema = properties(model)[name];
  if (!schema) throw new Error(`${model.id} maps ${field} to ${name}, which its schema does not have`);
  return { name, schema };
}

/** Schemas of the model's own fields, in the order in which the body is sent. */
export function properties(model: Model): Readonly<Record<string, JsonObject>> {
  return model.input.properties as unknown as Readonly<Record<string, JsonObject>>;
}

/** Value that the service assumes for a field that is not sent; undefined if it assumes none. */
export function serviceDefault(model: Model, field: NeutralField): Json | undefined {
  return nativeField(model, field)?.schema.default;
}

/** Longest duration that `durations` tries, seconds; no model makes longer videos. */
const LONGEST_SECONDS = 60;

/** Results of `durations`, kept because every shot of a list needs them. */
const knownDurations = {
  alone: new WeakMap<Model, readonly number[]>(),
  withEnd: new WeakMap<Model, readonly number[]>(),
};

/** Durations in whole seconds that the model's schema accepts, with or without an end image. */
export function durations(model: Model, withEndImage: boolean): readonly number[] {
  const known = withEndImage ? knownDurations.withEnd : knownDurations.alone;
  const seconds = known.get(model) ?? tryDurations(model, withEndImage);
  known.set(model, seconds);
  return seconds;
}

function tryDurations(model: Model, withEndImage: boolean): readonly number[] {
  const native = nativeField(model, 'duration');
  if (!native) return [];
  const end = withEndImage && model.fields.end_image ? { [model.fields.end_image]: 'x' } : {};
  const seconds = Array.from({ length: LONGEST_SECONDS }, (_, index) => index + 1);
  return seconds.filter((duration) => {
    const input = { ...end, [native.name]: asSchemaType(native.schema, duration) };
    return validateInput(model, input).every(({ path }) => path[0] !== native.name);
  });
}

/** Durations as a text: `5 or 10`, `3 to 15`. */
export function formatDurations(seconds: readonly number[]): string {
  const [first, last] = [seconds[0], seconds.at(-1)];
  const gapless = seconds.every((value, index) => value === (first as number) + index);
  return gapless && seconds.length > 2 ? `${first} to ${last}` : seconds.join(' or ');
}

/** A number in the type of a field's schema: some models take seconds as text. */
export function asSchemaType({ type }: JsonObject, value: number): number | string {
  return type === 'string' ? String(value) : value;
}

/** Length of the video that an input asks for, seconds: its duration, else the service's default, else the model's length. */
export function secondsOf(model: Model, input: Readonly<Record<string, unknown>>): number {
  const field = model.fields.duration;
  const written = field === undefined ? undefined : (input[field] ?? serviceDefault(model, 'duration'));
  return Number(written ?? model.seconds ?? USUAL_SECONDS);
}

/** Length of a video if neither the list nor the model gives one, seconds; most models make videos of this length. */
export const USUAL_SECONDS = 5;
