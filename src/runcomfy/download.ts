import { lstatSync } from 'node:fs';
import { rest } from '../http/deps.js';
import { backoff } from '../http/retry.js';
import { stopped } from './errors.js';
import { type Fetched, fetchPart, type Transfer } from './fetch-part.js';
import { DiskError, PartFile } from './part-file.js';
import type { DownloadAnswer, DownloadOptions, ServiceError } from './service.js';
import type { Wire } from './wire.js';

/** How often a whole file is fetched that is not accepted: it may have been cut off on the way. Our choice. */
const UNACCEPTABLE = 3;

/**
 * Fetches a result to `options.to`, resuming or restarting until it is whole or `signal` aborts.
 * Memory use does not depend on its size. Only a whole file is left behind.
 */
export async function download(wire: Wire, url: string, options: DownloadOptions): Promise<DownloadAnswer> {
  if (!URL.canParse(url)) {
    return {
      kind: 'refused',
      status: null,
      code: null,
      message: 'The service named a result that is no URL.',
    };
  }
  // Known before it is fetched, and told alike on every system.
  if (isFolder(options.to)) {
    const message = `There is a folder in its place, ${options.to}; move it away, then run the same command again.`;
    return { kind: 'in-the-way', message };
  }
  let part: PartFile | undefined;
  try {
    part = PartFile.open(options.to);
    const { onProgress, signal, accept = async () => true } = options;
    const transfer = { wire, url: new URL(url), part, onProgress, validator: null };
    for (let fault = 0; ; fault += 1) {
      const fetched = await fetchWhole(transfer, options);
      if (fetched.kind !== 'whole') {
        part.discard();
        return { kind: fetched.kind === 'cut' ? 'unreachable' : 'refused', ...errorOf(fetched) };
      }
      const { bytes } = part;
      const sha256 = await part.finish(accept);
      if (sha256 !== null) return { kind: 'downloaded', bytes, sha256 };
      const isOver = fault + 1 >= UNACCEPTABLE;
      if (isOver || !(await rest(wire.deps, backoff({ fault, random: wire.deps.random }), signal))) {
        part.discard();
        return { kind: 'not-accepted' };
      }
      part.restart();
    }
  } catch (error) {
    part?.discard();
    if (!(error instanceof DiskError)) throw error;
    return { kind: 'cannot-write', code: error.code, message: wordsFor(error.code, options.to) };
  }
}

/** Whether there is a folder; asked synchronously, as it is one small question for each clip. */
function isFolder(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    return false;
  }
}

async function fetchWhole(
  transfer: Transfer,
  { signal, onFault }: Pick<DownloadOptions, 'signal' | 'onFault'>,
): Promise<Fetched> {
  const { deps } = transfer.wire;
  let last: Fetched = { kind: 'cut', retryAfter: null, ...stopped('the download began') };
  let fault = 0;
  let farthest = 0;
  while (!signal?.aborted) {
    const fetched = await fetchPart(transfer, signal);
    if (fetched.kind !== 'cut') return fetched;
    // To have been stopped says less than the fault before it.
    if (!(signal?.aborted && fault > 0)) last = fetched;
    if (!signal?.aborted) onFault?.(errorOf(fetched));
    // A server that cuts every answer but gets farther each time is slow, not down.
    fault = transfer.part.bytes > farthest ? 1 : fault + 1;
    farthest = Math.max(farthest, transfer.part.bytes);
    const wait = backoff({ fault: fault - 1, random: deps.random, retryAfter: fetched.retryAfter });
    await rest(deps, wait, signal);
  }
  return last;
}

function errorOf({ status, code, message }: ServiceError): ServiceError {
  return { status, code, message };
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; free some space, then run the same command again',
  EDQUOT: 'your quota of the disk is used up; free some space, then run the same command again',
  EACCES: 'the folder may not be written by you; change its permissions or choose another with --out',
  EPERM: 'the folder may not be written by you; change its permissions or choose another with --out',
  EROFS: 'the disk is read-only; choose another folder with --out',
  ENOENT: 'its folder is not there any more',
};

function wordsFor(code: string, to: string): string {
  return `Cannot write ${to}: ${REASONS[code] ?? `the disk answered ${code}`}.`;
}
