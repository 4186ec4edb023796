import type { ErrorObject } from 'ajv';
import { models as all, validators } from '../generated/models.js';
import type { Json, JsonObject } from '../json.js';
import { explain, type SchemaProblem } from '../schema-problem.js';
import type { Model, NeutralField } from './model.js';

/** Every model Shotlist knows, by name. */
export const models: readonly Model[] = all.toSorted((a, b) => (a.name < b.name ? -1 : 1));

const byName = new Map(models.flatMap((model) => [[model.id, model] as const, [model.name, model] as const]));

/** The model of that full id or short name. */
export function findModel(name: string): Model | undefined {
  return byName.get(name);
}

/** What the model's own schema says against an input; empty when it may be sent. */
export function validateInput(model: Model, input: Json): readonly SchemaProblem[] {
  const validate = validators[model.id];
  if (!validate) throw new Error(`no validator was generated for ${model.id}`);
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
const asked = new Map<string, readonly number[]>();

/** The whole seconds the model accepts as a duration, with or without an end image, asked of its own schema. */
export function durations(model: Model, withEndImage: boolean): readonly number[] {
  const question = `${withEndImage} ${model.id}`;
  const answer = asked.get(question) ?? tryDurations(model, withEndImage);
  asked.set(question, answer);
  return answer;
}

function tryDurations(model: Model, withEndImage: boolean): readonly number[] {
  const native = nativeField(model, 'duration');
  if (!native) return [];
  const input: Record<string, Json> = {};
  for (const name of model.input.required as readonly string[]) input[name] = 'x';
  if (withEndImage && model.fields.end_image) input[model.fields.end_image] = 'x';
  const seconds = Array.from({ length: LONGEST }, (_, index) => index + 1);
  return seconds.filter(
    (duration) => validateInput(model, { ...input, [native.name]: duration }).length === 0,
  );
}

/** `5 or 10`, `3 to 15`. */
export function secondsInWords(seconds: readonly number[]): string {
  const [first, last] = [seconds[0], seconds.at(-1)];
  const gapless = seconds.every((value, index) => value === (first as number) + index);
  return gapless && seconds.length > 2 ? `${first} to ${last}` : seconds.join(' or ');
}
