import { isList, isObject, type Json } from '../base/json.js';
import {
  countIn,
  errorCodeIn,
  flattenError,
  isRequestId,
  isTemporary,
  printableLine,
  textIn,
  usdIn,
} from './answers.js';
import { lettersAndDigits, saysNoError, statusOfCode, statusOfWord } from './meanings.js';
import { isPicture, jsonIn, outputUrlsIn, type ResultHosts } from './outputs.js';
import { mayServe } from './result-file.js';
import type { RequestState, RequestStatus } from './service.js';

/** An object of an answer: its values by the letters of their names, so that `requestId` and `request_id` are one. */
type Layer = ReadonlyMap<string, Json>;

/** Fields in which gateways wrap an answer. */
const WRAPPERS = ['data', 'result', 'request', 'response', 'task', 'job', 'payload', 'body', 'prediction'];
/** Layers of wrapping that are opened. Our choice. */
const MOST_LAYERS = 4;

/** Part of an output that is shown. Our choice, characters. */
const LONGEST_SHOWN = 200;

const WORD = ['status', 'state', 'taskstatus', 'jobstatus', 'requeststatus'];
const FINISHED_AT = ['finishedat', 'completedat', 'endedat', 'finishtime', 'endtime'];
const FINISHED = ['done', 'finished', 'isfinished', 'isdone', 'iscompleted'];
const ERROR_CODE = ['errorcode', 'failcode'];
const ERROR = [
  'error',
  'errormessage',
  'errormsg',
  'failreason',
  'failurereason',
  'failmsg',
  'taskstatusmsg',
];
const WORDS_TO_PEOPLE = ['message', 'msg', 'reason', 'detail', 'details'];

/**
 * State of `requestId` in an answer with an HTTP status; null if the answer is about another request, or about none. It is
 * judged by all that the answer holds:
 *
 * - a word of waiting is never an end;
 * - an output that may be fetched is a clip, whatever the word; beside a word of failure it was paid for too;
 * - any other word, or none, is an end with a time of the end, or with an output;
 * - an end without an output but with an error is a failure.
 *
 * An end that rests on less than the documented form is not certain: it must come twice.
 */
export function requestStateIn(
  json: Json | undefined,
  options: { readonly requestId: string; readonly status: number; readonly hosts: ResultHosts },
): RequestState | null {
  const { requestId, status: httpStatus, hosts } = options;
  const layers = layersIn(json, requestId, 0);
  const named = layers.flatMap((layer) => idIn(layer.get('requestid')) ?? []);
  const isNamed = [...layers, ...outputLayersIn(layers)].some((layer) => namesIt(layer, requestId));
  if (json === undefined || (named.length > 0 && !isNamed)) return null;

  const found = outputUrlsIn(json, { outputs: valuesOf(layers, ['output']), hosts });
  const outputs =
    httpStatus < 300 ? found : found.filter((url) => mayServe(new URL(url), hosts.base, hosts.allowedHosts));
  const { word, meaning } = wordIn(layers);
  const errorCode = codeIn(valuesOf(layers, ERROR_CODE));
  const error = explanationIn(layers, [...ERROR, ...WORDS_TO_PEOPLE]);
  const finishedAt = finishedAtIn([...layers, ...outputLayersIn(layers)]);
  const evidence: Evidence = {
    meaning,
    outputs,
    hasClip: outputs.some((url) => !isPicture(url)),
    hasError: errorCode !== null || explanationIn(layers, ERROR) !== null,
    isFinished: finishedAt !== null || valuesOf(layers, FINISHED).includes(true),
    isNamed,
  };
  const coded = statusOfCode(errorCode ?? errorCodeIn(json));
  const isCoded = errorCode !== null || coded !== null;
  const isOfCall = coded?.isKnown === true && NOT_ABOUT_STATE.has(coded.status) && coded.status !== 402;
  if (!isAboutRequest(evidence, { httpStatus, isCoded, isOfCall, word })) return null;
  const { status, isCertain } = judge(evidence);
  return {
    requestId,
    status,
    isCertain: isCertain && httpStatus < 300,
    rawStatus: word,
    code:
      errorCode ?? codeIn([...valuesOf(layers, ['error']).map(codeOfError), ...valuesOf(layers, ['code'])]),
    error: error ?? (outputs.length === 0 ? shown(valuesOf(layers, ['output'])[0]) : null),
    outputs,
    queuePosition: countIn(valuesOf(layers, ['queueposition'])[0]),
    cost:
      valuesOf(layers, ['cost'])
        .map(usdIn)
        .find((usd) => usd !== null) ?? null,
    createdAt: valuesOf(layers, ['createdat']).map(textIn)[0] ?? null,
    finishedAt,
  };
}

/** Fields with an id that may be that of a request, where none is called so. */
const OTHER_IDS = ['id', 'taskid', 'jobid', 'predictionid', 'generationid'];
/** Fields with links to the pages of a request. */
const PAGES = ['statusurl', 'resulturl', 'responseurl', 'cancelurl'];

/**
 * Request id in the answer to a submission; null if there is none that can be used. No id of the service is a number, so a number
 * is only good for a question about it.
 */
export function requestIdIn(
  json: Json | undefined,
  { numbers = false }: { readonly numbers?: boolean } = {},
): string | null {
  const layers = layersIn(json, '', 0);
  const named = valuesOf(layers, ['requestid']);
  const linked = valuesOf(layers, PAGES).map((url) => /\/requests\/([^/?#]+)/.exec(String(url))?.[1] ?? null);
  // Errors have ids of their own, for tracing.
  const others = errorCodeIn(json) === null ? valuesOf(layers, OTHER_IDS) : [];
  const ids = [...named, ...linked, ...others].filter((id) => numbers || typeof id === 'string').map(idIn);
  return ids.find((id) => id !== null && isRequestId(id)) ?? null;
}

/** Facts by which an answer is judged. */
interface Evidence {
  /** Meaning of the status word; `unfamiliar` if there is none. */
  readonly meaning: RequestStatus;
  readonly outputs: readonly string[];
  /** True if an output is no picture. */
  readonly hasClip: boolean;
  readonly hasError: boolean;
  readonly isFinished: boolean;
  /** True if the answer names the request. */
  readonly isNamed: boolean;
}

function judge({
  meaning,
  outputs,
  hasClip,
  hasError,
  isFinished,
  isNamed,
}: Evidence): Pick<RequestState, 'status' | 'isCertain'> {
  switch (meaning) {
    case 'queued':
    case 'rendering':
      return { status: meaning, isCertain: true };
    case 'completed':
      return outputs.length === 0 && hasError
        ? { status: 'failed', isCertain: false }
        : { status: 'completed', isCertain: hasClip || outputs.length === 0 };
    case 'failed':
    case 'cancelled':
      return hasClip
        ? { status: 'completed', isCertain: false }
        : { status: meaning, isCertain: isNamed || isFinished };
    case 'unfamiliar': {
      if (hasClip || (isFinished && outputs.length > 0))
        return { status: 'completed', isCertain: hasClip && isFinished };
      if (isFinished) return { status: hasError ? 'failed' : 'completed', isCertain: hasError };
      return { status: 'unfamiliar', isCertain: true };
    }
  }
}

/** True if an answer tells the state of the request; false for an error of the call, as gateways write it. */
function isAboutRequest(
  { meaning, hasClip, isFinished, isNamed }: Evidence,
  {
    httpStatus,
    isCoded,
    isOfCall,
    word,
  }: {
    httpStatus: number;
    isCoded: boolean;
    /** True for a code of the token or of the request's id: no render fails for them. It may fail for the balance. */
    isOfCall: boolean;
    word: string;
  },
): boolean {
  if (hasClip) return true;
  if (isOfCall) return false;
  const isWaiting = meaning === 'queued' || meaning === 'rendering';
  const isEnd = meaning === 'failed' || meaning === 'cancelled';
  if (httpStatus < 300) {
    // An error of the call, as gateways wrap it: `{status: 'error', error_code: 500001}`.
    return (!isCoded || isNamed || isFinished) && (word !== '' || isFinished);
  }
  const isRefusal = httpStatus < 500 && !isTemporary(httpStatus) && !NOT_ABOUT_STATE.has(httpStatus);
  return isNamed && (isWaiting || (isEnd && (isFinished || isRefusal)));
}

/** Statuses of HTTP that are about the account, or say that there is no such request. */
const NOT_ABOUT_STATE: ReadonlySet<number> = new Set([401, 402, 403, 404, 410]);

/** The objects of an answer, outermost first: the answer, and what gateways wrap in it. */
function layersIn(json: Json | undefined, requestId: string, depth: number): readonly Layer[] {
  if (depth > MOST_LAYERS) return [];
  const value = typeof json === 'string' ? jsonIn(json) : json;
  if (isList(value)) {
    const items = value.map((item) => layersIn(item, requestId, depth + 1));
    return (
      items.find((layers) => layers.some((layer) => namesIt(layer, requestId))) ??
      (items.length === 1 ? items[0] : null) ??
      []
    );
  }
  if (!isObject(value)) return [];
  const layer = new Map(Object.entries(value).map(([name, one]) => [lettersAndDigits(name), one]));
  const inner = WRAPPERS.flatMap((name) => layersIn(layer.get(name), requestId, depth + 1));
  return [layer, ...inner];
}

/** The outputs that are objects: some hosts put all that they know there. */
function outputLayersIn(layers: readonly Layer[]): readonly Layer[] {
  return valuesOf(layers, ['output']).flatMap((output) => layersIn(output, '', MOST_LAYERS));
}

function valuesOf(layers: readonly Layer[], names: readonly string[]): readonly Json[] {
  return names.flatMap((name) => layers.flatMap((layer) => layer.get(name) ?? []));
}

function namesIt(layer: Layer, requestId: string): boolean {
  return ['requestid', ...OTHER_IDS].some((name) => idIn(layer.get(name)) === requestId);
}

/** An id as text; null for anything else. */
function idIn(value: Json | undefined): string | null {
  // A larger number has lost digits.
  return typeof value === 'string' || Number.isSafeInteger(value) ? String(value) : null;
}

/** Order of the words of an answer that has several: a wrapper says `success` when only the call succeeded. */
const BY_WEIGHT: readonly RequestStatus[] = [
  'queued',
  'rendering',
  'failed',
  'cancelled',
  'completed',
  'unfamiliar',
];

/** The status word that counts, and its meaning; an empty word if there is none. */
function wordIn(layers: readonly Layer[]): { readonly word: string; readonly meaning: RequestStatus } {
  let texts = valuesOf(layers, WORD).map(wordOf);
  if (texts.every((text) => text === '')) {
    texts = valuesOf(outputLayersIn(layers), WORD).map(wordOf);
  }
  const words = texts.filter((text) => text !== '').map((word) => ({ word, meaning: statusOfWord(word) }));
  words.sort((a, b) => BY_WEIGHT.indexOf(a.meaning) - BY_WEIGHT.indexOf(b.meaning));
  return words[0] ?? { word: '', meaning: 'unfamiliar' };
}

function wordOf(value: Json): string {
  if (typeof value === 'number') return String(value);
  if (isObject(value)) return wordOf(value.status ?? value.state ?? value.name ?? value.value ?? '');
  return typeof value === 'string' ? printableLine(value) : '';
}

/** The first error code among some values; null if there is none, or if it stands for success. */
function codeIn(values: readonly Json[]): string | null {
  const codes = values.filter(isCode);
  const texts = codes.map((code) => printableLine(String(code)).slice(0, 64));
  return texts.find((text) => !saysNoError(text)) ?? null;
}

function codeOfError(error: Json): Json {
  const [layer] = layersIn(error, '', MOST_LAYERS - 1);
  return [...ERROR_CODE, 'errcode', 'code', 'type'].map((name) => layer?.get(name)).find(isCode) ?? null;
}

function isCode(value: Json | undefined): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

/** Texts of some fields as one line, each once; null if they say nothing, or that all is well. */
function explanationIn(layers: readonly Layer[], names: readonly string[]): string | null {
  const texts = valuesOf(layers, names).map((value) => flattenError(value));
  const telling = [...new Set(texts)].filter((text) => !saysNoError(text));
  return telling.length === 0 ? null : printableLine(telling.join(': '));
}

/** Seconds and milliseconds of a time are told apart by their size: the first of these milliseconds is in 1973. */
const FIRST_MILLISECONDS = 1e11;
/** Programs without a time write that of year 1 or 1970. */
const FIRST_TIME = Date.UTC(2000, 0, 1);

/** The time of the end, as it was written or as ISO 8601; null if there is none. */
function finishedAtIn(layers: readonly Layer[]): string | null {
  for (const value of valuesOf(layers, FINISHED_AT)) {
    const text = typeof value === 'number' ? String(value) : textIn(value);
    if (text === null || !/\d/.test(text)) continue;
    const number = Number(text);
    const time = Number.isNaN(number)
      ? Date.parse(text)
      : number < FIRST_MILLISECONDS
        ? number * 1000
        : number;
    if (time < FIRST_TIME) continue;
    return Number.isNaN(number)
      ? text
      : Number.isNaN(new Date(time).getTime())
        ? null
        : new Date(time).toISOString();
  }
  return null;
}

/** An output in which nothing was found, as text; null for an empty one. */
function shown(output: Json | undefined): string | null {
  const text = typeof output === 'string' ? output : JSON.stringify(output ?? null);
  const isEmpty = /^(?:null|""|[\s{}[\],])*$/.test(text.replace(/"[^"]*":/g, ''));
  return isEmpty ? null : `its output is ${printableLine(text).slice(0, LONGEST_SHOWN)}`;
}
