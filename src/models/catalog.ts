import type { ErrorObject, ValidateFunction } from 'ajv';
import type { Json, JsonObject } from '../base/json.js';
import { explain, type SchemaProblem } from '../base/schema-problem.js';
import { models as all, validators } from '../generated/models.js';
import type { Model, NeutralField } from './model.js';

/** The models a shot list may name. */
export interface Catalog {
  /** By name. */
  readonly models: readonly Model[];
  /** The model of that full id or short name. */
  find(name: string): Model | undefined;
}

/** A catalog of these models, whose ids and names all differ. */
export function createCatalog(models: readonly Model[]): Catalog {
  const byName = new Map(
    models.flatMap((model) => [[model.id, model] as const, [model.name, model] as const]),
  );
  return {
    models: models.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    find: (name) => byName.get(name),
  };
}

/** The models that come with Shotlist. */
export const builtIn: Catalog = createCatalog(all);

/** Every model that comes with Shotlist, by name. */
export const { models } = builtIn;

/** The model of that full id or short name, of those that come with Shotlist. */
export function findModel(name: string): Model | undefined {
  return builtIn.find(name);
}

/** The compiled input schema of each model: generated for those that come with Shotlist, else made when one is read. */
const compiled = new WeakMap<Model, ValidateFunction>();
for (const model of all) compiled.set(model, validators[model.id] as ValidateFunction);

/** Makes a model that does not come with Shotlist fit for `validateInput`; `validate` is compiled from its input schema. */
export function registerValidator(model: Model, validate: ValidateFunction): void {
  compiled.set(model, validate);
}

/** What the model's own schema says against an input; empty when it may be sent. */
export function validateInput(model: Model, input: Json): readonly SchemaProblem[] {
  const validate = compiled.get(model);
  if (!validate) throw new Error(`no validator was registered for ${model.id}`);
  if (validate(input)) return [];
  return explain(validate.errors as ErrorObject[]);
}

/** The model's own field for a neutral one, with its schema; undefined where the model has none. */
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

/** What the service assumes when the field is not sent; undefined where it assumes nothing. */
export function serviceDefault(model: Model, field: NeutralField): Json | undefined {
  return nativeField(model, field)?.schema.default;
}

/** Longest video any model makes, seconds; only bounds the search in `durations`. */
const LONGEST = 60;

/** What `durations` has found: a list of ten thousand shots may ask ten thousand times. */
const asked = {
  alone: new WeakMap<Model, readonly number[]>(),
  withEnd: new WeakMap<Model, readonly number[]>(),
};

/** The whole seconds the model accepts as a duration, with or without an end image, asked of its own schema. */
export function durations(model: Model, withEndImage: boolean): readonly number[] {
  const answers = withEndImage ? asked.withEnd : asked.alone;
  const answer = answers.get(model) ?? tryDurations(model, withEndImage);
  answers.set(model, answer);
  return answer;
}

function tryDurations(model: Model, withEndImage: boolean): readonly number[] {
  const native = nativeField(model, 'duration');
  if (!native) return [];
  const end = withEndImage && model.fields.end_image ? { [model.fields.end_image]: 'x' } : {};
  const seconds = Array.from({ length: LONGEST }, (_, index) => index + 1);
  return seconds.filter((duration) => {
    const input = { ...end, [native.name]: inModelsType(native.schema, duration) };
    return validateInput(model, input).every(({ path }) => path[0] !== native.name);
  });
}

/** `5 or 10`, `3 to 15`. */
export function secondsInWords(seconds: readonly number[]): string {
  const [first, last] = [seconds[0], seconds.at(-1)];
  const gapless = seconds.every((value, index) => value === (first as number) + index);
  return gapless && seconds.length > 2 ? `${first} to ${last}` : seconds.join(' or ');
}

/** A number as the model writes it: some take their seconds as text. */
export function inModelsType({ type }: JsonObject, value: number): number | string {
  return type === 'string' ? String(value) : value;
}

/** Length of the video that an input asks for, seconds: what it says, else the service's default, else the model's usual. */
export function secondsOf(model: Model, input: Readonly<Record<string, unknown>>): number {
  const field = model.fields.duration;
  const written = field === undefined ? undefined : (input[field] ?? serviceDefault(model, 'duration'));
  return Number(written ?? model.seconds ?? USUAL_SECONDS);
}

/** Length of a video of which neither the list nor the model's schema says it: what most models make. */
export const USUAL_SECONDS = 5;
