import type { IncomingHttpHeaders } from 'node:http';
import { type Deadline, startDeadline } from '../http/deadline.js';
import { codeOf, reasonOf } from '../http/network-error.js';
import type { HttpAnswer } from '../http/request.js';
import { askForFile, type Cut, isDocument, type Refused, refused, withoutFile } from './ask-for-file.js';
import type { PartFile } from './part-file.js';
import type { Wire } from './wire.js';

/** A long 4K clip has some hundred megabytes; nothing the models make comes near this. Our choice, bytes. */
const LARGEST = 2 * 1024 ** 3;

/** A download between two connections. */
export interface Transfer {
  readonly wire: Wire;
  readonly url: URL;
  readonly part: PartFile;
  readonly onProgress: ((bytes: number, total: number | null) => void) | undefined;
  /** Tells this file from one that replaced it meanwhile: its strong ETag, or else its Last-Modified. */
  validator: string | null;
}

export type Fetched = { readonly kind: 'whole' } | Refused | Cut;

/**
 * One connection's worth of a download: goes on where the part ends if the server can, else begins anew.
 * Rejects with a `DiskError` when the disk will not have it.
 */
export async function fetchPart(transfer: Transfer, signal: AbortSignal | undefined): Promise<Fetched> {
  const deadline = startDeadline(transfer.wire.timeouts.stall, signal);
  try {
    const { wire, url } = transfer;
    const answer = await askForFile(wire, { url, headers: headersOf(transfer), deadline });
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

/** Where the server can, it is asked for what is not here yet. */
function headersOf({ part, validator }: Transfer): Record<string, string> {
  if (part.bytes === 0 || validator === null) return {};
  return { range: `bytes=${part.bytes}-`, 'if-range': validator };
}

async function take(transfer: Transfer, answer: HttpAnswer, deadline: Deadline): Promise<Fetched> {
  const { part, wire } = transfer;
  const { status } = answer;
  const total = prepare(transfer, answer);
  if (total === 'elsewhere') {
    return faulty(status, 'The server sent another piece of the result than was asked for.');
  }
  if (total === 'no file') return withoutFile(wire, answer, transfer.url.host);
  if (isDocument(answer)) return refused(status, 'The result is a text, no video.');
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

function faulty(status: number, message: string): Fetched {
  return { kind: 'cut', retryAfter: null, status, code: null, message };
}

function tooLarge(total: number | null): Fetched {
  const size = total === null ? 'more than 2' : (total / 1024 ** 3).toFixed(1);
  return refused(null, `The result is too large for a clip (${size} GiB; the limit is 2).`);
}
