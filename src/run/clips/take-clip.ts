import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { MediaFacts } from '../../media/facts.js';
import { isTextFile, kindOfFile } from '../../media/file-kind.js';
import { LENGTH } from '../../media/flags.js';
import type { DownloadAnswer, DownloadOptions, Service, ServiceError } from '../../runcomfy/service.js';
import type { RunDeps } from '../context.js';
import { hashOf } from './local-copies.js';

/** A clip that was fetched, or the reason why it was not. */
export type TakenClip =
  | {
      readonly kind: 'taken';
      /** Relative to the run directory. */
      readonly file: string;
      readonly bytes: number;
      readonly sha256: string;
      readonly media: MediaFacts;
    }
  /** The file that the service sent is no whole one of a known kind, and was not kept. `isBegun` if it begins as one. */
  | { readonly kind: 'no-video'; readonly isBegun: boolean; readonly isText: boolean }
  /** The file that the service sent has other bytes than the clip that was expected, and was not kept. */
  | { readonly kind: 'other-clip' }
  | Exclude<DownloadAnswer, { readonly kind: 'downloaded' | 'not-accepted' }>;

/** A clip to fetch, and its place. */
export interface TakeOptions extends Pick<DownloadOptions, 'onProgress' | 'onFault'> {
  readonly url: string;
  /** Absolute path of the run directory; the folder of the clips exists. */
  readonly directory: string;
  /** Path of the clip, relative to the run directory, by the ending of its kind. */
  readonly place: (ending: string) => string;
  /** SHA-256 of the clip that was fetched before, 64 hex digits; null to take any clip. */
  readonly expected?: string | null;
  /** Length that was asked for, seconds. A shorter clip may still be growing, so its size is asked for again. */
  readonly seconds?: number;
  readonly signal: AbortSignal;
}

/** Fetches a clip to its place, which is replaced only by a whole file of a known kind that has the expected bytes. */
export async function takeClip(
  deps: { readonly service: Service } & Pick<RunDeps, 'probeVideo' | 'sleep'>,
  options: TakeOptions,
): Promise<TakenClip> {
  const { url, directory, place, expected = null, seconds = 0, signal, onProgress, onFault } = options;
  let media: MediaFacts | null = null;
  let file = place('mp4');
  let isBegun = false;
  let isText = false;
  const accept = async (path: string) => {
    media = await deps.probeVideo(path);
    const kind = kindOfFile(path);
    isBegun = kind !== null;
    isText = isTextFile(path);
    file = place(kind?.ending ?? 'mp4');
    const isShort = media && media.duration > 0 && media.duration < seconds - LENGTH;
    if (isShort && expected === null && (await isGrowing(deps, { url, path, signal }))) media = null;
    const isExpected = expected === null || (await hashOf(path)) === expected;
    return media && isExpected ? join(directory, file) : null;
  };
  const to = join(directory, file);
  const answer = await deps.service.download(url, { to, accept, signal, onProgress, onFault });
  if (answer.kind === 'not-accepted')
    return media === null ? { kind: 'no-video', isBegun, isText } : { kind: 'other-clip' };
  if (answer.kind !== 'downloaded') return answer;
  if (media === null) throw new Error('a clip was kept without being probed');
  return { ...answer, kind: 'taken', file, media };
}

/** Time after which a file that is still being written has grown, milliseconds. Our choice. */
const GROWS = 1_000;

/** True if the service's file is longer by now than the one at `path`: the index of a video may be whole at any time. */
async function isGrowing(
  { service, sleep }: { readonly service: Service } & Pick<RunDeps, 'sleep'>,
  { url, path, signal }: Pick<TakeOptions, 'url' | 'signal'> & { readonly path: string },
): Promise<boolean> {
  await sleep(GROWS, signal);
  const check = await service.checkDownload(url, signal);
  return check.kind === 'available' && check.bytes !== null && check.bytes > statSync(path).size;
}

/** Time without new bytes after which a download is reported, seconds. */
const STALLED = 10;

/** Progress of the download of one clip after the other, and the reason for its pause. */
export class Arrival {
  /** The last fault since new bytes arrived, in a sentence. */
  fault: string | null = null;
  /** Time at which the clip was first asked for, milliseconds. */
  begun = 0;
  #index = -1;
  #farthest = 0;
  /** Time of the last new bytes, milliseconds; null while no clip is asked for. */
  #at: number | null = null;
  readonly #now: () => number;
  readonly #tell: (bytes: number, total: number | null) => void;

  constructor(now: () => number, tell: (bytes: number, total: number | null) => void) {
    this.#now = now;
    this.#tell = tell;
  }

  /** Begins the clip of an index, or continues with it. */
  begin(index: number): void {
    if (index === this.#index) return;
    this.#index = index;
    this.#farthest = 0;
    this.fault = null;
    this.begun = this.#now();
    this.#at = this.begun;
  }

  readonly onProgress = (bytes: number, total: number | null): void => {
    // A download that starts again sends known bytes first.
    if (bytes > this.#farthest) {
      this.#farthest = bytes;
      this.#at = this.#now();
      this.fault = null;
    }
    this.#tell(bytes, total);
  };

  readonly onFault = ({ message }: ServiceError): void => {
    this.fault = message;
  };

  /** Reason why nothing arrives, in a sentence; null while bytes arrive. */
  trouble(): string | null {
    const seconds = this.#at === null ? 0 : Math.floor((this.#now() - this.#at) / 1000);
    if (this.#at !== null && seconds < STALLED) return null;
    return this.fault ?? (this.#at === null ? null : `Nothing has arrived for ${seconds} s.`);
  }
}
