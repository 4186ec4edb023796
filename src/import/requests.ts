import { readdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { Exit } from '../base/exit.js';
import { isList, isObject, type Json, type JsonObject } from '../base/json.js';
import { fieldMeant, isRequest, type ShotName, WRAPPERS, wordsOf } from '../base/native-names.js';
import { Cast, pathIn } from './cast.js';
import { curlRequests, hasCurl } from './curl.js';
import { fewOf, type ImportResult } from './imported.js';
import { readText } from './read-text.js';
import { Notices, type Request, toShot } from './request-shot.js';

/** File endings of requests in a folder. */
const REQUEST_FILES = /\.(?:json|jsonl|ndjson|sh|bash|bat|cmd|ps1|curl|txt)$/i;

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
  if (typeof found === 'string') {
    const hint = 'a request is a JSON body with a prompt, or a `curl` command with its data';
    return { ok: false, exit: Exit.invalid, message: `${origin}: ${found}`, hint };
  }
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
    // A folder of boards may have files of prompts beside them.
    else requests.push(...found.filter(({ body }) => namesImage(body)));
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

function namesImage(body: JsonObject): boolean {
  return Object.keys(body).some((name) => name === 'start_image' || fieldMeant(name) === 'start_image');
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

/** Model and name that are in a body or around it. */
function namesIn(value: JsonObject, around: Omit<Request, 'body'>): Omit<Request, 'body'> {
  const textOf = (field: ShotName) => {
    const found = Object.entries(value).find(
      ([name, part]) => fieldMeant(name) === field && typeof part === 'string',
    );
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
