import { isList, isObject, type Json, type JsonObject } from '../base/json.js';
import { fieldMeant, isSecret, meaningOf, type ShotName, wordsOf } from '../base/native-names.js';
import { valueHere } from '../base/native-values.js';
import {
  findModel,
  type Model,
  models,
  type NeutralField,
  properties,
  validateInput,
} from '../models/catalog.js';
import { type NativeValue, toNativeElement, toNativeInput } from '../models/native-input.js';
import { cheapestFirst, modelsMeant } from '../models/suggest-model.js';
import { type Cast, elementOf } from './cast.js';
import { fewOf, type ImportedShot } from './imported.js';
import { escapeVariables } from './prompt.js';

/** A request before its model is known. */
export interface Request {
  readonly body: JsonObject;
  /** Name of the model in the address or beside the body; empty if none is named. */
  readonly model: string;
  /** Name for the shot; empty if there is none. */
  readonly name: string;
  /** Folder that its paths start from. */
  readonly folder: string;
}

/** Sentences about fields that are left out, each with the shots it is about. */
export class Notices {
  readonly #sentences = new Map<string, number>();

  say(sentence: string): void {
    this.#sentences.set(sentence, (this.#sentences.get(sentence) ?? 0) + 1);
  }

  all(): readonly string[] {
    return [...this.#sentences].map(([sentence, count]) =>
      count === 1 ? sentence : `${sentence} (${count} times)`,
    );
  }
}

/** A body with our names, for one model. */
interface Translation {
  readonly fields: Readonly<Partial<Record<ShotName, Json>>>;
  /** The model's own inputs that have no field here. */
  readonly input: JsonObject;
  /** Fields that cannot be taken over, as they are written. */
  readonly rest: JsonObject;
  /** Number of fields that the model calls otherwise. */
  readonly foreign: number;
}

/** Fields of a shot that some model is sent. */
const NEUTRAL: ReadonlySet<string> = new Set(models.flatMap(({ fields }) => Object.keys(fields)));

function translate(body: JsonObject, model: Model | undefined): Translation {
  const fields: Partial<Record<ShotName, Json>> = {};
  const input: Record<string, Json> = {};
  const rest: Record<string, Json> = {};
  const own = Object.values(model?.fields ?? {});
  for (const [name, value] of Object.entries(body)) {
    const isEmpty = value === null || value === '' || (isList(value) && value.length === 0);
    const field = fieldOf(name, model);
    // They have said which model and shot it is.
    const isName =
      field === 'model' || field === 'id' || (wordsOf(name) === 'mode' && typeof value === 'string');
    if (isEmpty || isName) continue;
    const here = field && takes(model, field) ? translated(field, name, value) : undefined;
    if (field && here !== undefined && fields[field] === undefined) fields[field] = here;
    else if (model && !own.includes(name) && Object.hasOwn(properties(model), name)) input[name] = value;
    else rest[name] = value;
  }
  const foreign = Object.keys(body).filter((name) => !own.includes(name)).length;
  return { fields, input, rest, foreign };
}

/** Field of a shot that a name means for a model; undefined for none. */
function fieldOf(name: string, model: Model | undefined): ShotName | undefined {
  const own = Object.entries(model?.fields ?? {}).find(([, native]) => native === name)?.[0];
  if (own !== undefined || NEUTRAL.has(name)) return (own ?? name) as ShotName;
  return fieldMeant(name);
}

/** True if a model has the field, or if nothing sends it; true for every field of an unknown model. */
function takes(model: Model | undefined, field: ShotName): boolean {
  return !model || !NEUTRAL.has(field) || model.fields[field as NeutralField] !== undefined;
}

/** A value as a shot has it; elements stay as they are. */
function translated(field: ShotName, name: string, value: Json): Json | undefined {
  if (field === 'elements') return isList(value) && value.every(isObject) ? value : undefined;
  return valueHere(field, name, value) as Json | undefined;
}

/** The model of a request: the named one, else the one that its fields fit best; `others` fit as well. */
function modelOf(
  { model: named, body }: Request,
  wanted: string | undefined,
): { model: Model | undefined; id: string; others: readonly Model[] } {
  const exact = findModel(named);
  const mode = typeof body.mode === 'string' ? ` ${body.mode}` : '';
  // Kling's `mode` is the tier: without a name, `pro` means the models of that tier.
  const meant = exact ? [exact] : named + mode === '' ? [] : modelsMeant((named || 'kling') + mode, models);
  if (named !== '' && meant.length === 0) return { model: undefined, id: named, others: [] };
  const chosen = wanted === undefined || meant.length === 1 ? undefined : findModel(wanted);
  if (chosen) return { model: chosen, id: chosen.name, others: [] };
  const fits = cheapestFirst(meant.length > 0 ? meant : models).map((model) => ({
    model,
    fit: fitOf(body, model),
  }));
  const least = Math.min(...fits.map(({ fit }) => fit));
  const [best, ...others] = fits.filter(({ fit }) => fit === least).map(({ model }) => model) as [
    Model,
    ...Model[],
  ];
  return { model: best, id: best.name, others };
}

/** Number of things in a body that a model does not take, the gravest counted most. */
function fitOf(body: JsonObject, model: Model): number {
  const { fields, input, rest, foreign } = translate(body, model);
  const elements =
    Array.isArray(fields.elements) && model.element
      ? fields.elements.map((one) => toNativeElement(model, elementOf(one as Json)))
      : undefined;
  const sent = toNativeInput(model, {
    neutral: { ...fields, ...(elements && { elements }) } as Record<string, NativeValue>,
    own: input,
  });
  return Object.keys(rest).length * 10_000 + validateInput(model, sent as Json).length * 100 + foreign;
}

/** The shot that sends what a request sends; says what cannot be taken over. `model` is for a request that does not name its own. */
export function toShot(
  request: Request,
  { model: wanted, cast, notices }: { model: string | undefined; cast: Cast; notices: Notices },
): ImportedShot {
  const { body, folder } = request;
  const { model, id, others } = modelOf(request, wanted);
  if (others.length > 0) notices.say(othersNotice(id, others));
  const { fields, input, rest } = translate(body, model);
  const elements = Array.isArray(fields.elements)
    ? fields.elements.map((one) => cast.add(elementOf(one as Json), folder))
    : undefined;
  const sent: Record<string, unknown> = sentFields(fields, { elements, cast, folder });
  if (Object.keys(input).length > 0) sent.input = input;
  const left = Object.entries(rest);
  for (const entry of left) notices.say(restNotice(entry, model));
  const kept = left
    .filter((entry) => !holdsSecret(entry))
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return {
    name: request.name,
    model: id,
    sent,
    ...(kept.length > 0 && { notes: `Not sent: ${kept.join(', ').slice(0, 2000)}` }),
  };
}

/** Fields as a list writes them. */
function sentFields(
  fields: Translation['fields'],
  { elements, cast, folder }: { elements: readonly string[] | undefined; cast: Cast; folder: string },
): Record<string, unknown> {
  const text = (written: Json | undefined) => asWritten(String(written), elements ?? []);
  const written = ([field, value]: [string, Json]): unknown => {
    if (field === 'elements') return elements;
    if (field === 'prompt') return text(value);
    if (field === 'segments')
      return (value as JsonObject[]).map((one) => ({ ...one, prompt: text(one.prompt) }));
    if (typeof value !== 'string') return value;
    if (!field.endsWith('_image')) return escapeVariables(value);
    const [, chained] = /\$\(base64 (?:.*\/)?([A-Za-z0-9_.-]+)\.last-frame\.png\)$/.exec(value) ?? [];
    return chained === undefined ? cast.image(value, folder) : { last_frame_of: chained };
  };
  return Object.fromEntries(
    (Object.entries(fields) as [string, Json][]).map((entry) => [entry[0], written(entry)]),
  );
}

function othersNotice(id: string, others: readonly Model[]): string {
  const all = fewOf([id, ...others.map(({ name }) => name)]);
  return `A request fits ${all}, and does not say which: the list says the cheapest, ${id}; --model names another.`;
}

/** True for a token, and for headers with one. */
function holdsSecret([name, value]: readonly [string, Json]): boolean {
  return isSecret(name) || /bearer |authorization|api.?key|token/i.test(JSON.stringify(value));
}

function restNotice(entry: readonly [string, Json], model: Model | undefined): string {
  const [name] = entry;
  const meaning = meaningOf(name);
  if (holdsSecret(entry)) return `\`${name}\` is left out: a list holds no token.`;
  if (meaning && 'why' in meaning) return `\`${name}\` is left out (it is in the notes): ${meaning.why}.`;
  return `\`${name}\` is left out (it is in the notes): ${model?.name ?? 'the model'} has nothing of the kind.`;
}

/** A text as a list writes it, with the elements that it names by their order called by their names. */
function asWritten(text: string, elements: readonly string[]): string {
  const named = text
    .replaceAll('@', '@@')
    .replace(/(?<![\p{L}\p{N}_.])@@Element(\d+)(?![A-Za-z0-9_])/giu, (match, number: string) => {
      const name = elements[Number(number) - 1];
      return name === undefined ? match : `@${name}`;
    });
  return escapeVariables(named);
}
