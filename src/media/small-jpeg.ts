import { readFile } from 'node:fs/promises';
import { imageSize } from 'image-size';
import { type ChildResult, runChild } from './child.js';

/** A picture that can be sent as a data URI. */
export interface Picture {
  readonly bytes: Buffer;
  readonly type: 'image/png' | 'image/jpeg';
}

/** A picture, or the reason why it cannot be made. */
export type MadePicture =
  | { readonly ok: true; readonly picture: Picture }
  | { readonly ok: false; readonly message: string };

/** Runs ffmpeg with some arguments. */
export type RunFfmpeg = (args: readonly string[]) => Promise<ChildResult>;

/** Time after which ffmpeg counts as hanging, milliseconds: decoding seconds of video takes seconds. */
const LONGEST_MS = 120_000;

/** JPEG qualities of ffmpeg, best first. */
export const QUALITIES: readonly number[] = [1, 2, 3, 4, 5, 6, 8, 10, 14, 20, 31];

/** Runs the ffmpeg at a path quietly, until it ends, hangs or is stopped. */
export function ffmpegRunner(ffmpeg: string, signal: AbortSignal | undefined): RunFfmpeg {
  return (args) => {
    const hanging = AbortSignal.timeout(LONGEST_MS);
    const all = ['-hide_banner', '-nostdin', '-v', 'error', '-y', ...args];
    return runChild(ffmpeg, { args: all, signal: signal ? AbortSignal.any([signal, hanging]) : hanging });
  };
}

/**
 * Arguments that write one picture as a JPEG. It keeps the full colour resolution: halved, it would be lost again at every link
 * of a chain.
 */
export function jpegArgs(quality: number): string[] {
  const quantiser = ['-qmin', '1', '-q:v', String(quality)];
  return [
    '-pix_fmt',
    'yuvj444p',
    '-c:v',
    'mjpeg',
    ...quantiser,
    '-frames:v',
    '1',
    '-f',
    'image2',
    '-update',
    '1',
  ];
}

/** Picture that was written whole, else null: an exit code of 0 is no proof. */
export async function readPicture(path: string, type: Picture['type']): Promise<Picture | null> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (!bytes || bytes.length === 0) return null;
  try {
    imageSize(bytes);
    return { bytes, type };
  } catch {
    return null;
  }
}
