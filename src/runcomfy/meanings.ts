import type { RequestStatus, ServiceError } from './service.js';

/**
 * Sources of a meaning. `document`: the documents of the five models. `runcomfy`: RunComfy's own clients and docs pages, September
 * to November 2026. `kling`: Kling's own API. `host`: other hosts of the same models, which pass on words of their own.
 */
type Source = 'document' | 'runcomfy' | 'kling' | 'host';

/** Status words and their meaning. A word of an end is believed only with what belongs to it, see `request-state.ts`. */
const WORDS: Readonly<Record<string, readonly [RequestStatus, Source]>> = {
  in_queue: ['queued', 'document'],
  pending: ['queued', 'runcomfy'],
  waiting: ['queued', 'runcomfy'],
  queued: ['queued', 'host'],
  queueing: ['queued', 'host'],
  queuing: ['queued', 'host'],
  submitted: ['queued', 'kling'],
  created: ['queued', 'host'],
  accepted: ['queued', 'host'],
  scheduled: ['queued', 'host'],
  throttled: ['queued', 'host'],
  in_progress: ['rendering', 'document'],
  starting: ['rendering', 'runcomfy'],
  processing: ['rendering', 'runcomfy'],
  preparing: ['rendering', 'host'],
  running: ['rendering', 'host'],
  generating: ['rendering', 'host'],
  rendering: ['rendering', 'host'],
  completed: ['completed', 'document'],
  succeeded: ['completed', 'runcomfy'],
  succeed: ['completed', 'kling'],
  success: ['completed', 'host'],
  successful: ['completed', 'host'],
  complete: ['completed', 'host'],
  done: ['completed', 'host'],
  finished: ['completed', 'host'],
  failed: ['failed', 'runcomfy'],
  fail: ['failed', 'host'],
  failure: ['failed', 'host'],
  error: ['failed', 'host'],
  rejected: ['failed', 'host'],
  nsfw: ['failed', 'host'],
  cancelled: ['cancelled', 'document'],
  canceled: ['cancelled', 'runcomfy'],
};

const MEANING_OF_LETTERS: ReadonlyMap<string, RequestStatus> = new Map(
  Object.entries(WORDS).map(([word, [meaning]]) => [lettersAndDigits(word), meaning]),
);

/** Meaning of a status word, in any spelling (`IN_PROGRESS`, `in-progress`, `InProgress`); `unfamiliar` for any other word. */
export function statusOfWord(word: string): RequestStatus {
  return MEANING_OF_LETTERS.get(lettersAndDigits(word)) ?? 'unfamiliar';
}

/** A word or the name of a field, whatever its spelling: its letters in lower case, and its digits. */
export function lettersAndDigits(word: string): string {
  return word
    .slice(0, 64)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
}

const UNKNOWN_MODEL = '400001';
const OTHER_ACCOUNT = '403001';

/**
 * Error codes, each with the HTTP status that it stands for. RunComfy's page model-apis/error-codes has those of the Model API, and
 * does not say which status carries them.
 */
const CODES: Readonly<Record<string, readonly [status: number, Source]>> = {
  // The model id is unknown.
  [UNKNOWN_MODEL]: [404, 'runcomfy'],
  // No balance is left.
  '400002': [402, 'runcomfy'],
  // The token is missing or has expired, or the account is not active.
  '400004': [401, 'runcomfy'],
  // The request belongs to another user.
  [OTHER_ACCOUNT]: [403, 'runcomfy'],
  // The request is unknown, deleted or expired.
  '404001': [404, 'runcomfy'],
  // Of the Serverless API: InsufficientFunds; the input is rejected; a fault of its own.
  '10001': [402, 'runcomfy'],
  '422001': [422, 'runcomfy'],
  '500001': [500, 'runcomfy'],
};

/**
 * Words of errors without a known code, in lower case, each with the HTTP status that they stand for. They are ours: the service
 * publishes codes only.
 */
const PHRASES: readonly (readonly [RegExp, status: number])[] = [
  [
    /\b(insufficient|not enough|no( remaining)?|out of|low|negative) (account )?(balance|funds?|credits?|quota)\b/,
    402,
  ],
  [
    /\b(balance|funds|credits)( of (the|your) account)?( (is|are|has been|have been))? (insufficient|too low|used up|exhausted|depleted|empty|not enough)\b/,
    402,
  ],
  [/\bpayment required\b/, 402],
  // A "missing key" without more is one of the input.
  [
    /\b(invalid|expired|missing|bad|wrong|revoked|inactive) ((api|access|auth|bearer) )?(token|credentials)\b/,
    401,
  ],
  [/\b(invalid|expired|missing|bad|wrong|revoked|inactive) api ?key\b/, 401],
  [
    /\b(token|api ?key)( (is|has|was|has been))? (not )?(invalid|expired|missing|required|revoked|valid|provided)\b/,
    401,
  ],
  [/\bunauthori[sz]ed\b|\bunauthenticated\b|\bauthentication (failed|required)\b/, 401],
  [/\baccount (is )?(inactive|not active|disabled|suspended|closed|locked)\b/, 401],
  // A 403 may be about the prompt, which is no reason to distrust the token.
  [/\b(content (policy|filter|moderation)|moderation|nsfw|unsafe content|safety)\b/, 422],
];

/** True for a text or code that stands for no error, and for an empty one. */
export function saysNoError(text: string): boolean {
  return /^(?:|0+|2\d\d|200\d{3}|false|none|null|ok|no error|succe\w*|completed?|done)[.!]?$/i.test(text);
}

/** HTTP status that an error code stands for; a code that is not known stands for the one at its start, as 429001 does. */
export function statusOfCode(
  code: string | null,
): { readonly status: number; readonly isKnown: boolean } | null {
  const digits = digitsOf(code);
  const known = Object.hasOwn(CODES, digits) ? CODES[digits] : undefined;
  if (known) return { status: known[0], isKnown: true };
  const [, start] = code?.match(/^([2-5]\d\d)(?:\d{3})?$/) ?? [];
  return start === undefined ? null : { status: Number(start), isKnown: false };
}

/** HTTP status that the words of an error stand for, in any spelling (`InsufficientFunds`, `invalid_token`); null for most. */
export function statusOfPhrase(text: string): number | null {
  const words = text
    .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase()
    .replace(/[^a-z]+/g, ' ');
  return PHRASES.find(([phrase]) => phrase.test(words))?.[1] ?? null;
}

/** True if an error concerns the account, the token or the balance, and so every submission. */
export function isAccountError({ status, code }: Pick<ServiceError, 'status' | 'code'>): boolean {
  return status === 401 || status === 402 || (status === 403 && !isOtherAccount(code));
}

/** True for the code of a request that another account sent. */
export function isOtherAccount(code: string | null): boolean {
  return digitsOf(code) === OTHER_ACCOUNT;
}

/** True for the code of a model that the service does not know. A mere 404 may be about the address. */
export function isUnknownModel(code: string | null): boolean {
  return digitsOf(code) === UNKNOWN_MODEL;
}

/** The number in a code such as `ERR-400002`; empty if there is none. */
function digitsOf(code: string | null): string {
  return code?.match(/(?<!\d)\d{3,6}(?!\d)/)?.[0] ?? '';
}
