import type { IncomingHttpHeaders } from 'node:http';
import { type Deadline, startDeadline } from './deadline.js';
import { mayServe } from './hosts.js';
import type { PartFile } from './part-file.js';
import { type HttpAnswer, send } from './request.js';
import { parseRetryAfter } from './retry.js';
import type { ServiceError } from './service.js';
import { plain } from './text.js';
import type { Wire } from './wire.js';
import { codeOf, faultError, reasonOf } from './words.js';

/** A long 4K clip has some hundred megabytes; nothing the models make comes near this. Our choice, bytes. */
const LARGEST = 2 * 1024 ** 3;
/** A host's name has up to 253 characters (RFC 1035, 2.3.4); those of other schemes may have any number. */
const LONGEST_PLACE = 270;
/** As many as careful clients follow. Our choice. */
const MOST_REDIRECTS = 5;

/** A download between two connections. */
export interface Transfer {
  readonly wire: Wire;
  readonly url: URL;
  readonly part: PartFile;
  readonly onProgress: ((bytes: number, total: number | null) => void) | undefined;
  /** Tells this file from one that replaced it meanwhile: its strong ETag, or else its Last-Modified. */
  validator: string | null;
}

export type Fetched =
  | { readonly kind: 'whole' }
  /** Asking again will not help. */
  | ({ readonly kind: 'refused' } & ServiceError)
  /** A fault that may pass; `retryAfter` in seconds. */
  | ({ readonly kind: 'cut'; readonly retryAfter: number | null } & ServiceError);

/**
 * One connection's worth of a download: goes on where the part ends if the server can, else begins anew.
 * Rejects with a `DiskError` when the disk will not have it.
 */
export async function fetchPart(transfer: Transfer, signal: AbortSignal | undefined): Promise<Fetched> {
  const deadline = startDeadline(transfer.wire.timeouts.stall, signal);
  try {
    const answer = await follow(transfer, deadline);
    if (answer.kind !== 'answer') return answer;
    try {
      return await take(transfer, answer, deadline);
    } finally {
      answer.body.destroy();
    }
  } finally {
    deadline.clear();
  }
}

/** Asks for the file, by way of at most five redirects; each address is checked before it is asked. */
async function follow(transfer: Transfer, deadline: Deadline): Promise<HttpAnswer | Fetched> {
  const { wire } = transfer;
  let url = transfer.url;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    if (!mayServe(url, wire.base)) {
      return refused(
        null,
        `The result lies on ${placeOf(url, wire)}, which is not one of the service's own hosts.`,
      );
    }
    const answer = await send(wire.connections.shared, {
      method: 'GET',
      url,
      headers: headersOf(transfer),
      signal: deadline.signal,
    });
    if (answer.kind === 'fault') return { kind: 'cut', retryAfter: null, ...faultError(answer, url.host) };
    const { location } = answer.headers;
    if (answer.status < 300 || answer.status >= 400 || location === undefined) return answer;
    answer.body.destroy();
    if (!URL.canParse(location, url.href))
      return refused(answer.status, 'The result is redirected to no URL at all.');
    url = new URL(location, url.href);
    deadline.extend();
  }
  return refused(null, `The result is redirected more than ${MOST_REDIRECTS} times.`);
}

/** Scheme and host, which a redirect may have made up: short, and without the token. */
function placeOf({ protocol, host }: URL, { blot }: Wire): string {
  return plain(blot(`${protocol}//${host}`)).slice(0, LONGEST_PLACE);
}

/** No token and no cookies: whoever has the URL may have the file. */
function headersOf({ wire, part, validator }: Transfer): Record<string, string> {
  const plainHeaders = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': wire.userAgent };
  if (part.bytes === 0 || validator === null) return plainHeaders;
  return { ...plainHeaders, range: `bytes=${part.bytes}-`, 'if-range': validator };
}

async function take(transfer: Transfer, answer: HttpAnswer, deadline: Deadline): Promise<Fetched> {
  const { part, wire } = transfer;
  const { status, headers } = answer;
  const total = prepare(transfer, answer);
  if (total === 'elsewhere') {
    return faulty(status, 'The server sent another piece of the result than was asked for.');
  }
  if (total === 'no file') {
    const isPassing = status === 408 || status === 425 || status === 429 || status >= 500;
    const message = `The result could not be fetched from ${transfer.url.host} (${status}).`;
    if (!isPassing) return refused(status, message);
    return faulty(status, message, parseRetryAfter(headers['retry-after'], wire.deps.now()));
  }
  if (isDocument(headers)) return refused(status, 'The result is a text, no video.');
  if (total !== null && total > LARGEST) return tooLarge(total);

  transfer.onProgress?.(part.bytes, total);
  const pieces = piecesOf(answer);
  for (;;) {
    const piece = await pieces();
    if (piece instanceof Error) {
      const message = `The download from ${transfer.url.host} broke off: ${reasonOf(piece)}.`;
      return { kind: 'cut', retryAfter: null, status: null, code: codeOf(piece), message };
    }
    if (piece === null) break;
    if (part.bytes + piece.length > LARGEST) return tooLarge(null);
    part.write(piece);
    deadline.extend();
    transfer.onProgress?.(part.bytes, total);
  }
  if (total !== null && part.bytes !== total)
    return faulty(status, 'The result arrived with another length than announced.');
  if (part.bytes === 0) return refused(status, 'The result is empty.');
  return { kind: 'whole' };
}

/** Makes the part ready for what this answer brings; returns the whole file's length, null where it is not said. */
function prepare(transfer: Transfer, answer: HttpAnswer): number | null | 'elsewhere' | 'no file' {
  const { part } = transfer;
  const { status, headers } = answer;
  if (status === 206) {
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers['content-range'] ?? '');
    const validator = validatorOf(headers);
    const isSame = validator === null || validator === transfer.validator;
    if (range && isSame && Number(range[1]) === part.bytes) return range[2] === '*' ? null : Number(range[2]);
  }
  // 416: the file is now shorter than what we have of it, so it is another.
  const isElsewhere = status === 206 || status === 416;
  if (status !== 200 && !isElsewhere) return 'no file';
  part.restart();
  transfer.validator = isElsewhere ? null : validatorOf(headers);
  if (isElsewhere) return 'elsewhere';
  const length = headers['content-length'];
  return length !== undefined && /^\d+$/.test(length) ? Number(length) : null;
}

function validatorOf(headers: IncomingHttpHeaders): string | null {
  const { etag } = headers;
  // A weak ETag does not promise the same bytes, and If-Range must not use one (RFC 9110, 13.1.5).
  if (etag?.startsWith('"')) return etag;
  return headers['last-modified'] ?? null;
}

/** A page that explains an error, with a status that denies it. */
function isDocument(headers: IncomingHttpHeaders): boolean {
  return /^(text\/html|application\/(problem\+)?(json|xml))\b/i.test(headers['content-type'] ?? '');
}

/** Reads a body piece by piece: null at its end, an error where the connection broke; so that disk errors stay apart. */
function piecesOf(answer: HttpAnswer): () => Promise<Buffer | Error | null> {
  const iterator: AsyncIterator<Buffer> = answer.body[Symbol.asyncIterator]();
  return async () => {
    try {
      const next = await iterator.next();
      return next.done ? null : next.value;
    } catch (error) {
      return error as Error;
    }
  };
}

function faulty(status: number, message: string, retryAfter: number | null = null): Fetched {
  return { kind: 'cut', retryAfter, status, code: null, message };
}

function refused(status: number | null, message: string): Extract<Fetched, { kind: 'refused' }> {
  return { kind: 'refused', status, code: null, message };
}

function tooLarge(total: number | null): Fetched {
  const size = total === null ? 'more than 2' : (total / 1024 ** 3).toFixed(1);
  return refused(null, `The result is too large for a clip (${size} GiB; the limit is 2).`);
}
