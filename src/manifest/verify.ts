import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import pLimit from 'p-limit';
import { hashFile } from '../base/files.js';
import { formatNumber } from '../base/units.js';
import type { MediaFacts } from '../media/facts.js';
import type { FetchedClip } from './manifest.js';

/** A clip as it was recorded when it was fetched. */
export type RecordedFile = Pick<FetchedClip, 'file' | 'bytes' | 'sha256' | 'media'>;

/** Problem with a clip. */
export interface FileProblem {
  readonly reason: 'missing' | 'not-a-file' | 'unreadable' | 'size' | 'bytes' | 'no-video' | 'facts';
  /** Description of the file that is there, in a few words without a full stop. */
  readonly message: string;
}

export interface VerifyOptions {
  /** Absolute path of the run directory. */
  readonly directory: string;
  readonly probeVideo: (path: string) => Promise<MediaFacts | null>;
  /** Called with the number of bytes of each piece that is read. */
  readonly onBytes?: (bytes: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Reads a whole clip again and returns the first difference from its record; null if there is none. Memory does not
 * depend on its size. Rejects only when `signal` aborts.
 */
async function verifyFile(
  { file, bytes, sha256, media }: RecordedFile,
  { directory, probeVideo, onBytes, signal }: VerifyOptions,
): Promise<FileProblem | null> {
  const path = join(directory, file);
  let isVideo: boolean;
  try {
    const there = await lstat(path);
    // The file behind a link is not the run's and may change.
    if (!there.isFile()) return { reason: 'not-a-file', message: kindOf(there) };
    const facts = await probeVideo(path);
    isVideo = facts !== null;
    if (there.size !== bytes)
      return other('size', {
        isVideo,
        message: `${formatNumber(there.size)} bytes instead of ${formatNumber(bytes)}`,
      });
    if ((await hashFile(path, { onBytes, signal })) !== sha256) {
      return other('bytes', { isVideo, message: 'not the bytes that were fetched' });
    }
    if (!isVideo) return { reason: 'no-video', message: 'no whole video' };
    if (isDeepStrictEqual(facts, media)) return null;
    return { reason: 'facts', message: `another video than recorded: ${differences(facts, media)}` };
  } catch (error) {
    signal?.throwIfAborted();
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { reason: 'missing', message: 'missing' };
    if (code === undefined) throw error;
    return { reason: 'unreadable', message: `cannot be read (${message})` };
  }
}

function kindOf(there: Stats): string {
  if (there.isSymbolicLink()) return 'a link';
  return there.isDirectory() ? 'a folder' : 'no file';
}

function other(
  reason: FileProblem['reason'],
  { isVideo, message }: { readonly isVideo: boolean; readonly message: string },
): FileProblem {
  return { reason, message: isVideo ? message : `${message}, and no video any more` };
}

/** The facts that differ, `duration 3 instead of 5`. */
function differences(facts: MediaFacts | null, recorded: MediaFacts): string {
  const names = Object.keys(recorded) as (keyof MediaFacts)[];
  return names
    .filter((name) => !isDeepStrictEqual(facts?.[name], recorded[name]))
    .map((name) => `${name} ${JSON.stringify(facts?.[name])} instead of ${JSON.stringify(recorded[name])}`)
    .join(', ');
}

/** Files read at a time: enough for a fast disk, not too many for a spinning one. */
const READERS = 4;

/** Verifies several clips; returns those with a problem, in their order. Rejects only when `signal` aborts. */
export async function verifyFiles<F extends RecordedFile>(
  files: readonly F[],
  options: VerifyOptions & { readonly onFile?: () => void },
): Promise<readonly { readonly clip: F; readonly problem: FileProblem }[]> {
  const limit = pLimit(READERS);
  const check = async (clip: F) => {
    options.signal?.throwIfAborted();
    const problem = await verifyFile(clip, options);
    options.onFile?.();
    return problem ? [{ clip, problem }] : [];
  };
  const all = await Promise.all(files.map((clip) => limit(() => check(clip))));
  return all.flat();
}
