import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, extname, isAbsolute, join, resolve } from 'node:path';
import { Exit } from '../base/exit.js';
import { isList, isObject, type Json, type JsonObject } from '../base/json.js';
import {
  elementField,
  isRequest,
  isSecret,
  meaningOf,
  type ShotName,
  valueHere,
  WRAPPERS,
  wordsOf,
} from '../base/native-names.js';
import {
  findModel,
  type Model,
  models,
  type NeutralField,
  properties,
  validateInput,
} from '../models/catalog.js';
import {
  type NativeValue,
  type NeutralElement,
  toNativeElement,
  toNativeInput,
} from '../models/native-input.js';
import { cheapestFirst, modelsMeant } from '../models/suggest-model.js';
import { curlRequests, hasCurl } from './curl.js';
import { fewOf, type ImportedFile, type ImportedShot, type ImportResult } from './imported.js';
import { escapeVariables } from './prompt.js';
import { readText } from './read-text.js';
import { shotIds } from './write-list.js';

/** File endings of requests in a folder. */
const REQUEST_FILES = /\.(?:json|jsonl|ndjson|sh|bash|curl|txt)$/i;

/** A request before its model is known. */
interface Request {
  readonly body: JsonObject;
  /** Name of the model in the address or beside the body; empty if none is named. */
  readonly model: string;
  /** Name for the shot; empty if there is none. */
  readonly name: string;
  /** Folder that its paths start from. */
  readonly folder: string;
}

/** True if a text holds requests: JSON of bodies, or `curl` commands. */
export function hasRequests(text: string): boolean {
  if (hasCurl(text)) return true;
  if (!/^\s*[[{]/.test(text)) return false;
  const values = jsonValues(text);
  return typeof values === 'string' || values.some((value) => isRequest(value));
}

/** Reads the requests of a file's text, or of standard input if `name` is null; `model` is for bodies that do not say theirs. */
export async function readRequests(
  text: string,
  { name, folder, model }: { name: string | null; folder: string; model: string | undefined },
): Promise<ImportResult> {
  const stem = name === null ? '' : basename(name, extname(name));
  const origin = name ?? 'standard input';
  const found = await requestsIn(text, { stem, folder });
  if (typeof found === 'string') return { ok: false, exit: Exit.invalid, message: `${origin}: ${found}` };
  return imported(found, { title: stem || 'film', origin, model });
}

/** Reads a folder of requests, a file each; null if no file in it is one. */
export async function readRequestFolder(
  folder: string,
  model: string | undefined,
): Promise<ImportResult | null> {
  const files = (await readdir(folder)).filter((file) => REQUEST_FILES.test(file) && !file.startsWith('.'));
  const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
  const requests: Request[] = [];
  const others: string[] = [];
  for (const file of files.sort(collator.compare)) {
    const read = await readText(join(folder, file));
    if (!read.ok || !hasRequests(read.text)) continue;
    const found = await requestsIn(read.text, { stem: basename(file, extname(file)), folder });
    if (typeof found === 'string') others.push(`${file} (${found})`);
    else requests.push(...found);
  }
  if (requests.length === 0) return null;
  const result = imported(requests, {
    title: basename(folder),
    origin: `the requests in ${basename(folder)}`,
    model,
  });
  if (!result.ok || others.length === 0) return result;
  const notices = [...result.imported.notices, `Left out: ${fewOf(others)}.`];
  return { ok: true, imported: { ...result.imported, notices } };
}

async function requestsIn(
  text: string,
  { stem, folder }: { stem: string; folder: string },
): Promise<readonly Request[] | string> {
  const found = hasCurl(text) ? await commandsIn(text, folder) : bodiesIn(text, folder);
  if (typeof found === 'string') return found;
  if (found.length === 0) return 'it holds no body of a request';
  // One shot has the name of its file; several have numbers.
  const isOne =
    stem !== '' && new Set(found.map(({ body, name }) => JSON.stringify([body, name]))).size === 1;
  return isOne ? found.map((one) => ({ ...one, name: one.name || stem })) : found;
}

function bodiesIn(text: string, folder: string): readonly Request[] | string {
  const values = jsonValues(text);
  return typeof values === 'string'
    ? values
    : values.flatMap((value) => unwrapped(value, { model: '', name: '', folder }));
}

async function commandsIn(text: string, folder: string): Promise<readonly Request[] | string> {
  const requests: Request[] = [];
  for (const { url, data, name } of curlRequests(text)) {
    if (data === null) continue;
    let body = 'text' in data ? data.text : '';
    if ('file' in data) {
      const read = await readText(pathIn(data.file, folder));
      if (!read.ok) return `a command sends ${data.file}, and ${read.message}`;
      body = read.text;
    }
    const value = jsonOf(body);
    if (value === undefined) return `the data of a curl command is not JSON: ${body.trim().slice(0, 40)}`;
    requests.push(...unwrapped(value, { model: modelIn(url), name: name ?? '', folder }));
  }
  return requests;
}

/** Model that an address names: all after `/models/`, or the path of another host; empty for none. */
function modelIn(url: string): string {
  const path = url.replace(/^(?:https?:\/\/[^/]*|\$\{?\w+\}?)/i, '').replace(/[?#].*$/s, '');
  const model = /(?:\/models\/|^(?=kling\/))(.+?)(?:\/predictions)?\/?$/.exec(path)?.[1] ?? '';
  // The path of another host says which version of Kling it is.
  return model === '' && /kling/i.test(path) ? path.replace(/^\//, '') : model;
}

/** JSON of a body; text after its end, as on a page where the next words follow without a space, does not count. */
function jsonOf(text: string): Json | undefined {
  for (const end of [text.length, Math.max(text.lastIndexOf('}'), text.lastIndexOf(']')) + 1]) {
    try {
      return JSON.parse(text.slice(0, end)) as Json;
    } catch {
      // The second try is without the end.
    }
  }
  return undefined;
}

/** Values of a JSON text, or of one with a value on each line; a message says what is wrong with it. */
function jsonValues(text: string): readonly Json[] | string {
  try {
    const value = JSON.parse(text) as Json;
    return isList(value) ? value : [value];
  } catch (error) {
    const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
    try {
      return lines.map((line) => JSON.parse(line) as Json);
    } catch {
      return `this is not JSON: ${(error as Error).message}`;
    }
  }
}

/** Bodies in a value: the value itself, a list of them, or what a client has put into `input`, `body` and the like. */
function unwrapped(value: Json, around: Omit<Request, 'body'>): readonly Request[] {
  if (isList(value)) return value.flatMap((one) => unwrapped(one, around));
  if (!isObject(value)) return [];
  const wrapper = Object.entries(value).find(
    ([name, part]) => WRAPPERS.has(wordsOf(name)) && isRequest(part),
  );
  const named = namesIn(value, around);
  if (wrapper) return unwrapped(wrapper[1] as Json, named);
  return isRequest(value) ? [{ ...named, body: value }] : [];
}

/** Model and name that stand in a body or around it. */
function namesIn(value: JsonObject, around: Omit<Request, 'body'>): Omit<Request, 'body'> {
  const textOf = (field: ShotName) => {
    const found = Object.entries(value).find(([name, part]) => {
      const meaning = meaningOf(name);
      return meaning && 'field' in meaning && meaning.field === field && typeof part === 'string';
    });
    return found ? String(found[1]) : '';
  };
  const address = Object.values(value).find(
    (part) => typeof part === 'string' && /^https?:.*\/models\//.test(part),
  );
  const model = modelIn(String(address ?? '')) || textOf('model');
  return { ...around, model: around.model || model, name: around.name || textOf('id') };
}

/** Shots of requests, with a sentence about each thing that could not be taken over. */
function imported(
  requests: readonly Request[],
  { title, origin, model }: { title: string; origin: string; model: string | undefined },
): ImportResult {
  if (requests.length === 0)
    return { ok: false, exit: Exit.invalid, message: `${origin}: it holds no body of a request` };
  const distinct = [...new Map(requests.map((one) => [JSON.stringify([one.model, one.body]), one])).values()];
  const cast = new Cast();
  const notices = new Notices();
  const more = requests.length - distinct.length;
  if (more > 0)
    notices.say(
      `${more === 1 ? 'A request is' : `${more} requests are`} there twice, and became one shot; \`takes: 2\` renders a shot twice.`,
    );
  const shots = distinct.map((request, index) => {
    const name = request.name || `shot-${index + 1}`;
    return toShot({ ...request, name }, { model, cast, notices });
  });
  return {
    ok: true,
    imported: {
      title,
      origin,
      aspect: null,
      shots,
      elements: cast.elements,
      files: cast.files,
      notices: notices.all(),
    },
  };
}

/** Sentences about fields that are left out, each with the shots it is about. */
class Notices {
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

const NEUTRAL: ReadonlySet<string> = new Set([
  'prompt',
  'start_image',
  'end_image',
  'duration',
  'segments',
  'audio',
  'elements',
  'negative_prompt',
  'cfg_scale',
  'shot_type',
]);

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
  const meaning = meaningOf(name);
  return meaning && 'field' in meaning ? meaning.field : undefined;
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
  const meant = exact || named === '' ? [exact ?? []].flat() : modelsMeant(named + mode, models);
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

function toShot(
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

/** An element of a body with our names. */
function elementOf(value: Json): NeutralElement {
  const element: { frontal_image?: string; reference_images?: string[]; video?: string } = {};
  for (const [name, part] of isObject(value) ? Object.entries(value) : []) {
    const field = elementField(name);
    const texts = [part].flat().filter((one) => typeof one === 'string' && one !== '') as string[];
    if (field === undefined || texts.length === 0) continue;
    if (field === 'reference_images') element.reference_images = texts;
    else element[field] = texts[0] as string;
  }
  return element;
}

/** Elements and pictures of a list, each once. */
class Cast {
  readonly files: ImportedFile[] = [];
  readonly #elements = new Map<string, { name: string; element: NeutralElement }>();

  get elements(): Readonly<Record<string, NeutralElement>> {
    return Object.fromEntries([...this.#elements.values()].map(({ name, element }) => [name, element]));
  }

  /** Name of an element in the list; the same for the same element. */
  add(written: NeutralElement, folder: string): string {
    const { frontal_image, reference_images = [], video } = written;
    const element = {
      ...(typeof frontal_image === 'string' && { frontal_image: this.image(frontal_image, folder) }),
      ...(reference_images.length > 0 && {
        reference_images: reference_images.map((one) => this.image(String(one), folder)),
      }),
      ...(typeof video === 'string' && { video: escapeVariables(this.image(video, folder)) }),
    };
    const key = JSON.stringify(element);
    const known = this.#elements.get(key);
    if (known) return known.name;
    const media = String(frontal_image ?? reference_images[0] ?? video ?? 'element');
    const names = [...this.#elements.values()].map(({ name }) => name);
    const path = media.replace(/^data:[^,]*,\$\(base64 (.+)\)$/s, '$1').replace(/[?#].*$/s, '');
    const stem = path.startsWith('data:') ? 'element' : basename(path, extname(path));
    const name = shotIds([...names, stem]).at(-1) as string;
    this.#elements.set(key, { name, element });
    return name;
  }

  /** A URL as it is, a path as an absolute one, a picture in the body as a file to write. */
  image(written: string, folder: string): string {
    const [, local] = /^data:[^,]*,\$\(base64 (.+)\)$/s.exec(written) ?? [];
    if (local !== undefined) return pathIn(local, folder);
    const bytes = bytesOf(written);
    if (bytes) {
      const name = `boards/${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}.${typeOf(bytes)}`;
      if (!this.files.some((file) => file.name === name)) this.files.push({ name, bytes });
      return name;
    }
    return /^[a-z][a-z0-9+.-]+:/i.test(written) ? written : pathIn(written, folder);
  }
}

/** Shortest text that is taken for a picture in Base64: no path is that long. */
const BASE64_PICTURE = /^[A-Za-z0-9+/\s]{400,}={0,2}\s*$/;

/** Bytes of a picture that is written into the body; null for a path or a URL. */
function bytesOf(written: string): Buffer | null {
  const [, coded] = /^data:[^,]*;base64,(.*)$/is.exec(written) ?? [];
  if (coded !== undefined) return Buffer.from(coded, 'base64');
  return BASE64_PICTURE.test(written) ? Buffer.from(written, 'base64') : null;
}

/** File ending of a picture or a video by its first bytes. */
function typeOf(bytes: Buffer): string {
  const start = bytes.subarray(0, 12).toString('latin1');
  if (start.startsWith('\x89PNG')) return 'png';
  if (start.startsWith('RIFF') && start.endsWith('WEBP')) return 'webp';
  if (start.startsWith('ftyp', 4)) return 'mp4';
  return start.startsWith('BM') ? 'bmp' : 'jpg';
}

/** Absolute path of a file that a command names: commands run in the current folder, files of bodies lie beside them. */
function pathIn(path: string, folder: string): string {
  if (isAbsolute(path)) return path;
  const here = resolve(path);
  return existsSync(here) ? here : join(folder, path);
}
