import { isList, isObject, type Json } from '../base/json.js';
import { type HttpFault, networkCode, networkReason } from '../http/request.js';
import { isOtherAccount, lettersAndDigits, saysNoError, statusOfCode, statusOfPhrase } from './meanings.js';
import type { Balance, CatalogModel, ServiceError } from './service.js';
import type { Reply } from './wire.js';

/** Ids as RunComfy's own clients accept them; other characters could change a path or a file name. */
const REQUEST_ID = /^[A-Za-z0-9_-]{1,128}$/;

/** True if a text can be a request id: 1 to 128 letters, digits, `-` and `_`. */
export function isRequestId(text: string): boolean {
  return REQUEST_ID.test(text);
}

/** Error code of an answer, or of the error in it; null if there is none or if it stands for success. */
export function errorCodeIn(given: Json | undefined): string | null {
  const json = isList(given) ? given[0] : given;
  if (!isObject(json)) return null;
  const inner = [json.error, json.detail, json.errors, json.data].map((one) => (isList(one) ? one[0] : one));
  for (const place of [json, ...inner]) {
    const code = codeIn(place);
    if (code !== null) return code;
  }
  return null;
}

function codeIn(json: Json | undefined): string | null {
  const fields = isObject(json) ? Object.entries(json) : [];
  const named = (names: readonly string[]) =>
    fields.find(([name]) => names.includes(lettersAndDigits(name)))?.[1];
  const code = named(['errorcode', 'errcode', 'errno', 'errorno']) ?? named(['code', 'statuscode']);
  if (typeof code !== 'string' && typeof code !== 'number') return null;
  const text = printableLine(String(code)).slice(0, 64);
  return saysNoError(text) ? null : text;
}

/**
 * HTTP status that an answer stands for: by a known code, else by its words, else by the status that it came with. The code of an
 * answer that came with 200 or with no more than 400 counts even if it is not known.
 */
export function statusOf(reply: Reply): number {
  const { status, json } = reply;
  const coded = statusOfCode(errorCodeIn(json));
  if (coded?.isKnown) return coded.status;
  if (status >= 300 && status < 400) return status;
  // These two are never sent for another reason.
  if (status === 401 || status === 402) return status;
  // Validators list what is wrong with the input, and may quote it.
  const isListed = isObject(json) && isList(json.detail);
  const said =
    status < 500 && !isListed ? statusOfPhrase(`${errorCodeIn(json) ?? ''} ${explanationIn(reply)}`) : null;
  if (said !== null) return said;
  const isVague = status < 300 || status === 400 || status >= 500;
  return isVague && coded ? coded.status : status;
}

/** Models in a page of the catalog, or in one model's own page; null if the answer is neither. */
export function catalogPageIn(json: Json): { models: CatalogModel[]; total: number | null } | null {
  if (!isObject(json)) return null;
  const list = isList(json.models) ? json.models : [json];
  const models = list.map(catalogModelIn).filter((model) => model !== null);
  if (models.length === 0 && list.length > 0) return null;
  return { models, total: isList(json.models) ? countIn(json.total) : null };
}

function catalogModelIn(json: Json): CatalogModel | null {
  if (!isObject(json) || typeof json.model_id !== 'string') return null;
  const categories = isList(json.categories) ? json.categories : [];
  return {
    modelId: printableLine(json.model_id),
    displayName: textIn(json.display_name),
    categories: categories.filter((category) => typeof category === 'string').map(printableLine),
    basePriceUsd: usdIn(json.base_price_usd),
    priceUnit: textIn(json.price_unit),
    pricingNote: textIn(json.pricing_note),
    inputSchema: json.input_schema ?? null,
  };
}

/** A larger amount in USD is a mistake of the service, and sums of such amounts lose their meaning. Our choice. */
const LARGEST_AMOUNT = 1e9;

/** USD, as a number or in digits; null for anything else. */
export function usdIn(value: Json | undefined): number | null {
  const isDigits = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value.trim());
  const amount = isDigits ? Number(value) : value;
  return typeof amount === 'number' && amount >= 0 && amount <= LARGEST_AMOUNT ? amount : null;
}

/** Code of a currency, ISO 4217 or one of the service's own. */
const CURRENCY = /^[A-Z]{3,5}$/;

/** Balance in an answer; null if there is no amount that can be believed. Without a currency it is in USD. */
export function balanceIn(json: Json): Balance | null {
  if (!isObject(json)) return null;
  const { balance_usd: value } = json;
  const text = typeof value === 'string' ? value.trim() : value;
  // A debt is negative.
  const isDebt = typeof text === 'string' ? text.startsWith('-') : typeof text === 'number' && text < 0;
  const amount = usdIn(typeof text === 'string' ? text.replace(/^-/, '') : isDebt ? -(text as number) : text);
  const currency = textIn(json.currency)?.toUpperCase() ?? 'USD';
  if (amount === null || !CURRENCY.test(currency)) return null;
  return { amount: isDebt ? -amount : amount, currency };
}

/** A number of things; null for anything else. */
export function countIn(value: Json | undefined): number | null {
  const count = usdIn(value);
  return Number.isSafeInteger(count) ? count : null;
}

/** A text as one line; null for anything else, and for an empty text. */
export function textIn(value: Json | undefined): string | null {
  return typeof value === 'string' && value.trim() !== '' ? printableLine(value) : null;
}

/** Tags of HTML and XML, and the texts of HTML that are not for people. */
const TAGS = /<(script|style)\b[\s\S]*?(?:<\/\1>|$)|<[^>]*(?:>|$)/gi;

/** The service's own explanation in an answer, as one line, or else the beginning of the answer; empty if it says nothing. */
function explanationIn({ json, start = '' }: Reply): string {
  const raw = errorCodeIn(json) === null ? printableLine(start.replace(TAGS, ' ')) : '';
  if (!isObject(json)) return flattenError(json) || raw;
  const { message, error_message, msg, error, errors, reason } = json;
  const texts = [message, error_message, msg, error, errors, reason].map((text) => flattenError(text));
  const main = texts.find((text) => text !== '') ?? '';
  const detail = flattenError(json.detail);
  if (main === '' || main === detail) return detail || raw;
  return detail === '' ? main : printableLine(`${main}: ${detail}`);
}

/** Deeper structures than any error seen; a hostile one must not exhaust the stack. */
const DEEPEST = 6;
/** Entries of a list, or fields of an object, that are quoted. Our choice. */
const MOST_QUOTED = 20;

/**
 * Explanation of an error as one line, from any shape: a text, `{loc, msg}` as validators write it, an object with a
 * message, or lists of these. Empty if it says nothing.
 */
export function flattenError(json: Json | undefined, depth = 0): string {
  if (json === undefined || json === null || depth > DEEPEST) return '';
  if (isList(json)) {
    const items = json.slice(0, MOST_QUOTED).map((item) => flattenError(item, depth + 1));
    return joinTexts(items, '; ');
  }
  if (!isObject(json)) return printableLine(String(json));
  const first = (...names: readonly string[]) =>
    names.map((name) => flattenError(json[name], depth + 1)).find((text) => text !== '') ?? '';
  const main = first('msg', 'message', 'error_message', 'error');
  const detail = first('detail', 'details');
  if (main !== '' || detail !== '') {
    return joinTexts([inputPlace(json.loc ?? json.field), main, detail === main ? '' : detail], ': ');
  }
  const fields = Object.entries(json).slice(0, MOST_QUOTED);
  return joinTexts(
    fields.map(([name, value]) => joinTexts([name, flattenError(value, depth + 1)], ': ')),
    '; ',
  );
}

/** Place in the input, such as `multi_prompt.0.duration`; `body` is left out, as every place is in the body. */
function inputPlace(loc: Json | undefined): string {
  const steps = isList(loc) ? loc : [loc ?? ''];
  return printableLine(steps.filter((step) => step !== 'body' && typeof step !== 'object').join('.'));
}

function joinTexts(parts: readonly string[], separator: string): string {
  return printableLine(parts.filter((part) => part !== '').join(separator));
}

/** Longest text of the service that fits a terminal row or a log line. Our choice, characters. */
const LONGEST_LINE = 500;

/** Control characters, line separators and direction marks: they could change what a terminal shows. */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;

/** The service's text, safe to print: one line of at most 500 characters. */
export function printableLine(text: string): string {
  const line = text
    // Cut roughly first: the text may have megabytes.
    .slice(0, LONGEST_LINE * 4)
    .replace(UNSAFE, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
  if (line.length <= LONGEST_LINE) return line;
  // The cut must not split a character of two UTF-16 units.
  const cut = line.slice(0, LONGEST_LINE - 1).replace(/[\ud800-\udbff]$/, '');
  return `${cut.trimEnd()}…`;
}

/** The three fields of a `ServiceError`, out of a value that has more. */
export function serviceErrorOf({ status, code, message }: ServiceError): ServiceError {
  return { status, code, message };
}

/**
 * Error of a 4xx or 5xx, or of a body that stands for one. The message includes status and code as they came, and the service's
 * explanation.
 */
export function replyError(reply: Reply, subject: string): ServiceError {
  const status = statusOf(reply);
  const code = errorCodeIn(reply.json);
  const said = explanationIn(reply);
  const came = `${reply.status}${code === null ? '' : `, code ${code}`}`;
  const [sentence, advice] = isOtherAccount(code)
    ? [`The service says that ${subject} belongs to another account`, OTHER_TOKEN]
    : [statusSentence(status, subject), statusAdvice(status)];
  const first = `${sentence} (${came})${said === '' ? '' : `: ${said}`}`;
  // The service's explanation rarely ends in a full stop, and advice may follow it.
  return { status, code, message: `${first}${/[.?!…]$/.test(first) ? '' : '.'}${advice}` };
}

/** Error of an answer that came but cannot be read, with what it says, or with its beginning. */
export function unreadableError({ kind, status, retryAfter, json, start = '' }: Reply): ServiceError {
  const code = errorCodeIn(json);
  const said = explanationIn({ kind, status, retryAfter, json });
  const came = `The service answered (${status}${code === null ? '' : `, code ${code}`})`;
  const begins = start === '' ? '' : ` It begins: ${printableLine(start)} …`;
  const message = `${came}, but the answer was cut off or is not in its usual form.${said === '' ? begins : ` It says: ${said}`}`;
  return { status, code, message };
}

/** Error of a request to `host` that got no answer. */
export function faultError(fault: HttpFault, host: string): ServiceError {
  const message = `No answer from ${host}: ${networkReason(fault.error)}.`;
  return { status: null, code: networkCode(fault.error), message };
}

/** Error of a call that the caller stopped before `what` happened. */
export function stoppedError(what: string): ServiceError {
  return { status: null, code: 'aborted', message: `Stopped before ${what}.` };
}

/** True if the same request may succeed later: timeouts, rate limits and the service's own faults. */
export function isTemporary(status: number): boolean {
  return status >= 500 || status === 408 || status === 425 || status === 429;
}

function statusSentence(status: number, subject: string): string {
  if (status === 401 || status === 403) return 'The service did not accept the token';
  if (status === 402) return 'The balance of the account is too low';
  if (status === 404 || status === 410) return `The service does not know ${subject}`;
  if (status === 413) return 'The service finds the request too large';
  if (status === 429) return 'The service asks for fewer requests';
  if (status === 400 || status === 422) return 'The service rejected the input';
  if (status >= 500) return 'The service has a fault of its own';
  if (status >= 400) return 'The service refused the request';
  if (status >= 300) return 'The service answered with a redirect, which is not followed';
  return 'The service answered in an unusual way';
}

const OTHER_TOKEN =
  ' Use the token of the account that sent it (`shotlist login`, or RUNCOMFY_API_TOKEN), then run the same command again.';

/** Sentence that says what to do about an error, after a space; empty for most. */
export function statusAdvice(status: number): string {
  if (status === 401 || status === 403)
    return ' Run `shotlist login`, or set RUNCOMFY_API_TOKEN to a valid token, then run the same command again.';
  if (status === 402) return ' Add funds at runcomfy.com, then run the same command again.';
  if (status >= 300 && status < 400) return ' Look at RUNCOMFY_MODEL_API_BASE.';
  return '';
}
