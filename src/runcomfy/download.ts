import { createHash, type Hash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  ftruncateSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { dirname } from 'node:path';
import { syncFolder, syncOpen } from '../base/durable-file.js';
import { codingsIn, unpack } from '../http/content-coding.js';
import {
  type Deadline,
  type HttpAnswer,
  networkCode,
  networkReason,
  startDeadline,
} from '../http/request.js';
import { waitToRetry } from '../http/retry.js';
import { serviceErrorOf, stoppedError } from './answers.js';
import { answerWithoutFile, type Refused, refused, requestFile, type TemporaryFault } from './result-file.js';
import type { DownloadAnswer, DownloadOptions } from './service.js';
import type { Wire } from './wire.js';

/** A long 4K clip has some hundred megabytes; no model makes files near this limit. Our choice, bytes. */
const LARGEST = 2 * 1024 ** 3;

/**
 * Fetches a result to `options.to`, resuming or restarting until it is whole or `signal` aborts. Memory use does not
 * depend on its size. Only a whole file is left behind.
 */
export async function download(wire: Wire, url: string, options: DownloadOptions): Promise<DownloadAnswer> {
  if (!URL.canParse(url)) return refused(null, 'The service named a result that is no URL.');
  // Checked before the download, so that the message is the same on every system.
  if (isFolder(options.to)) {
    const message = `There is a folder in its place, ${options.to}; move it away, then run the same command again.`;
    return { kind: 'in-the-way', message };
  }
  let part: PartFile | undefined;
  try {
    part = PartFile.open(options.to);
    const { onProgress, accept = async () => options.to } = options;
    const transfer: Transfer = {
      wire,
      url: new URL(url),
      part,
      onProgress,
      validator: null,
      encoding: undefined,
    };
    const fetched = await fetchWhole(transfer, options);
    const unpacked = fetched.kind === 'whole' ? await part.unpacked(transfer.encoding, LARGEST) : null;
    if (!unpacked) {
      part.discard();
      const problem = fetched.kind === 'whole' ? tooLarge(null) : fetched;
      return { kind: problem.kind === 'temporary' ? 'unreachable' : 'refused', ...serviceErrorOf(problem) };
    }
    part = unpacked;
    const { bytes } = part;
    const sha256 = await part.finish(accept);
    if (sha256 !== null) return { kind: 'downloaded', bytes, sha256 };
    part.discard();
    return { kind: 'not-accepted' };
  } catch (error) {
    part?.discard();
    if (!(error instanceof DiskError)) throw error;
    return { kind: 'cannot-write', code: error.code, message: cannotWrite(error.code, options.to) };
  }
}

/** True if there is a folder at `path`; false if `path` cannot be examined, because writing then fails with the error. */
function isFolder(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    return false;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; free some space, then run the same command again',
  EDQUOT: 'your quota of the disk is used up; free some space, then run the same command again',
  EACCES: 'the folder may not be written by you; change its permissions or choose another with --out',
  EPERM: 'the folder may not be written by you; change its permissions or choose another with --out',
  EROFS: 'the disk is read-only; choose another folder with --out',
  ENOENT: 'its folder is not there any more',
};

function cannotWrite(code: string, to: string): string {
  return `Cannot write ${to}: ${REASONS[code] ?? `the disk answered ${code}`}.`;
}

/** State of a download, kept from one connection to the next. */
interface Transfer {
  readonly wire: Wire;
  readonly url: URL;
  readonly part: PartFile;
  readonly onProgress: ((bytes: number, total: number | null) => void) | undefined;
  /** Strong ETag of the file, else its Last-Modified: they change if another file replaces it during the download. */
  validator: string | null;
  /** Content-Encoding of the bytes in the part: lengths and ranges are of the packed file (RFC 9110, 8.4). */
  encoding: string | undefined;
}

type Fetched = { readonly kind: 'whole' } | Refused | TemporaryFault;

/** Fetches connection after connection, until the file is whole, refused, or `signal` aborts. */
async function fetchWhole(
  transfer: Transfer,
  { signal, onFault }: Pick<DownloadOptions, 'signal' | 'onFault'>,
): Promise<Fetched> {
  let last: Fetched = { kind: 'temporary', retryAfter: null, ...stoppedError('the download began') };
  let fault = 0;
  let farthest = 0;
  while (!signal?.aborted) {
    const fetched = await fetchPart(transfer, signal);
    if (fetched.kind !== 'temporary') return fetched;
    // The fault before a stop says more than the stop.
    if (!(signal?.aborted && fault > 0)) last = fetched;
    if (!signal?.aborted) onFault?.(serviceErrorOf(fetched));
    // A server that cuts every answer but gets farther each time is slow, not down.
    fault = transfer.part.bytes > farthest ? 1 : fault + 1;
    farthest = Math.max(farthest, transfer.part.bytes);
    await waitToRetry(transfer.wire.deps, { fault: fault - 1, retryAfter: fetched.retryAfter, signal });
  }
  return last;
}

/**
 * Fetches what one connection brings: continues at the end of the part if the server can, else restarts. Rejects with a
 * `DiskError` if the disk refuses the bytes.
 */
async function fetchPart(transfer: Transfer, signal: AbortSignal | undefined): Promise<Fetched> {
  const { wire, url, part, validator } = transfer;
  const canResume = part.bytes > 0 && validator !== null;
  const headers: Record<string, string> = canResume
    ? { range: `bytes=${part.bytes}-`, 'if-range': validator }
    : {};
  const deadline = startDeadline(wire.timeouts.stall, signal);
  try {
    const answer = await requestFile(wire, { url, headers, deadline });
    if (answer.kind !== 'answer') return answer;
    try {
      return await receiveFile(transfer, answer, deadline);
    } finally {
      answer.body.destroy();
    }
  } finally {
    deadline.clear();
  }
}

async function receiveFile(transfer: Transfer, answer: HttpAnswer, deadline: Deadline): Promise<Fetched> {
  const { part, wire, url, onProgress } = transfer;
  const total = preparePart(transfer, answer);
  if (total === 'other-range')
    return temporaryFault('The server sent another piece of the result than was asked for.', answer.status);
  if (total === 'no-file') return answerWithoutFile(wire, answer, url.host);
  if (total !== null && total > LARGEST) return tooLarge(total);

  onProgress?.(part.bytes, total);
  const nextPiece = pieceReader(answer);
  for (;;) {
    const piece = await nextPiece();
    if (piece instanceof Error) {
      const message = `The download from ${url.host} broke off: ${networkReason(piece)}.`;
      return { ...temporaryFault(message, null), code: networkCode(piece) };
    }
    if (piece === null) break;
    if (part.bytes + piece.length > LARGEST) return tooLarge(null);
    part.write(piece);
    deadline.extend();
    onProgress?.(part.bytes, total);
  }
  if (total !== null && part.bytes !== total)
    return temporaryFault('The result arrived with another length than announced.', answer.status);
  return part.bytes === 0
    ? { ...refused(answer.status, 'The result is empty.'), code: 'empty' }
    : { kind: 'whole' };
}

/** Makes the part ready for the bytes of an answer; returns the whole file's length, null if the server does not say. */
function preparePart(transfer: Transfer, answer: HttpAnswer): number | null | 'other-range' | 'no-file' {
  const { part } = transfer;
  const { status, headers } = answer;
  if (status === 206) {
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers['content-range'] ?? '');
    const validator = validatorOf(headers);
    const isSame = part.bytes === 0 || validator === null || validator === transfer.validator;
    if (range && isSame && Number(range[1]) === part.bytes) {
      if (part.bytes === 0) transfer.encoding = headers['content-encoding'];
      return range[2] === '*' ? null : Number(range[2]);
    }
  }
  // 416: the file is now shorter than our part, so it is another file.
  const isOtherRange = status === 206 || status === 416;
  if (status !== 200 && !isOtherRange) return 'no-file';
  part.restart();
  transfer.validator = isOtherRange ? null : validatorOf(headers);
  transfer.encoding = headers['content-encoding'];
  if (isOtherRange) return 'other-range';
  const length = headers['content-length'];
  return length !== undefined && /^\d+$/.test(length) ? Number(length) : null;
}

function validatorOf(headers: IncomingHttpHeaders): string | null {
  const { etag } = headers;
  // A weak ETag does not promise the same bytes, and If-Range must not use one (RFC 9110, 13.1.5).
  if (etag?.startsWith('"')) return etag;
  return headers['last-modified'] ?? null;
}

/** Reads a body piece by piece: null at its end, an error if the connection broke. Disk errors are thrown elsewhere. */
function pieceReader(answer: HttpAnswer): () => Promise<Buffer | Error | null> {
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

function temporaryFault(message: string, status: number | null): TemporaryFault {
  return { kind: 'temporary', retryAfter: null, status, code: null, message };
}

function tooLarge(total: number | null): Refused {
  const size = total === null ? 'more than 2' : (total / 1024 ** 3).toFixed(1);
  return refused(null, `The result is too large for a clip (${size} GiB; the limit is 2).`);
}

/** Error of the file system, such as `ENOSPC` or `EACCES`, as opposed to one of the network. */
class DiskError extends Error {
  readonly code: string;

  constructor(cause: NodeJS.ErrnoException) {
    super(cause.message, { cause });
    this.code = cause.code ?? 'EIO';
  }
}

/**
 * File of an unfinished download, usually `<to>.part`, hashed as it is written, and renamed when it is whole. Methods fail with a
 * `DiskError`, and with no other error, if the disk refuses.
 *
 * Writes are synchronous. A connection cannot be paused (see `request.ts`), so on a disk slower than the network,
 * asynchronous writes would pile up in memory. With synchronous ones the bytes wait at the sender.
 */
class PartFile {
  readonly #to: string;
  readonly #path: string;
  /** File descriptor; null after it is closed. */
  #fd: number | null;
  #hash: Hash = createHash('sha256');
  #bytes = 0;

  private constructor({ to, path, fd }: { readonly to: string; readonly path: string; readonly fd: number }) {
    this.#to = to;
    this.#path = path;
    this.#fd = fd;
  }

  /**
   * Begins an empty file. A file left by an earlier process is removed, as its URL is no longer known. A link in its place
   * is not followed.
   */
  static open(to: string, path = `${to}.part`): PartFile {
    return withDiskErrors(() => {
      try {
        return new PartFile({ to, path, fd: openSync(path, 'wx') });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        rmSync(path, { force: true });
        return new PartFile({ to, path, fd: openSync(path, 'wx') });
      }
    });
  }

  /**
   * The file without its content coding, in place of this one; null if it has more than `limit` bytes. Bytes that cannot be
   * unpacked stay as they are: some storage keeps a label of the upload.
   */
  async unpacked(encoding: string | undefined, limit: number): Promise<PartFile | null> {
    if (codingsIn(encoding).length === 0) return this;
    const other = PartFile.open(this.#to, `${this.#to}.unpacked.part`);
    try {
      for await (const piece of unpack(bytesOf(this.#path), encoding)) {
        if (other.bytes + piece.length > limit) {
          other.discard();
          return null;
        }
        other.write(piece);
      }
    } catch (error) {
      other.discard();
      if (error instanceof DiskError) throw error;
      return this;
    }
    this.discard();
    return other;
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds bytes at the end. */
  write(chunk: Buffer): void {
    this.#hash.update(chunk);
    let written = 0;
    while (written < chunk.length) {
      const [from, at] = [written, this.#bytes + written];
      written += withDiskErrors(() => writeSync(this.#openFd, chunk, from, chunk.length - from, at));
    }
    this.#bytes += chunk.length;
  }

  /** Drops the bytes written so far. */
  restart(): void {
    if (this.#bytes === 0) return;
    withDiskErrors(() => ftruncateSync(this.#openFd));
    this.#hash = createHash('sha256');
    this.#bytes = 0;
  }

  /**
   * Puts the file in its place so that it survives a crash; returns its SHA-256, 64 hex digits. Returns null if `accept`
   * refuses the file: a file that was in its place before is still there, and the part may be written again.
   */
  async finish(accept: (path: string) => Promise<string | null>): Promise<string | null> {
    await withDiskErrorsOf(syncOpen(this.#openFd));
    const to = await accept(this.#path);
    if (to === null) return null;
    withDiskErrors(() => {
      this.#close();
      renameSync(this.#path, to);
    });
    await withDiskErrorsOf(syncFolder(dirname(to)));
    return this.#hash.digest('hex');
  }

  /** Closes and removes the file. Ignores errors, as it is called after a failure that is reported. */
  discard(): void {
    try {
      this.#close();
    } catch {
      // The file is removed in any case.
    }
    try {
      rmSync(this.#path, { force: true });
    } catch {
      // The next run removes it.
    }
  }

  get #openFd(): number {
    if (this.#fd === null) throw new Error('a download went on after its end');
    return this.#fd;
  }

  #close(): void {
    const fd = this.#fd;
    this.#fd = null;
    if (fd !== null) closeSync(fd);
  }
}

/** Opens a file only when its bytes are wanted. */
async function* bytesOf(path: string): AsyncGenerator<Buffer> {
  yield* createReadStream(path);
}

/** Runs a synchronous action; turns its error into a `DiskError`. */
function withDiskErrors<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new DiskError(error as NodeJS.ErrnoException);
  }
}

/** Awaits an action; turns its error into a `DiskError`. */
async function withDiskErrorsOf<T>(action: Promise<T>): Promise<T> {
  try {
    return await action;
  } catch (error) {
    throw new DiskError(error as NodeJS.ErrnoException);
  }
}
