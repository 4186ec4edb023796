import { readFile, rm } from 'node:fs/promises';
import { imageSize } from 'image-size';
import { EncodedPacketSink } from 'mediabunny';
import { USUAL_IMAGE, USUAL_PIXELS } from '../base/limits.js';
import { type ChildResult, runChild } from './child.js';
import { assumedMatrix, readVideo } from './probe.js';

/** A picture that can be sent as a data URI. */
export interface Picture {
  readonly bytes: Buffer;
  readonly type: 'image/png' | 'image/jpeg';
}

/** The last picture of a clip, or the reason why it cannot be taken. */
export type LastFrame =
  | { readonly ok: true; readonly picture: Picture }
  | { readonly ok: false; readonly message: string };

/** Paths of a clip and of a temporary file. */
export interface LastFrameOptions {
  /** Path of the clip. */
  readonly clip: string;
  /** Path, without extension, of a temporary file; it is removed. */
  readonly scratch: string;
  readonly signal?: AbortSignal;
}

/** Seconds before the last picture from which pictures are kept: few, then more for a clip with a damaged end. */
const TAILS = [0.1, 1];
/** Time after which ffmpeg counts as hanging, milliseconds: decoding seconds of video takes seconds. */
const LONGEST_MS = 120_000;
/** JPEG qualities of ffmpeg, best first. */
const QUALITIES = [1, 2, 3, 4, 5, 6, 8, 10, 14, 20, 31];

/**
 * Takes the last picture of a clip, as displayed: as PNG if that has at most 6 MiB, else as the best JPEG that has. A
 * picture of more than 32 megapixels is scaled down. `ffmpeg` is the path of the program. A bad clip or a failing
 * program is a result; the errors of the file system are thrown.
 */
export async function lastFrame(
  ffmpeg: string,
  { clip, scratch, signal }: LastFrameOptions,
): Promise<LastFrame> {
  const end = await endOf(clip);
  if (!end) return { ok: false, message: 'it is not a readable video' };
  const run: Run = (args) => {
    const hanging = AbortSignal.timeout(LONGEST_MS);
    const all = ['-hide_banner', '-nostdin', '-v', 'error', '-y', ...args];
    return runChild(ffmpeg, { args: all, signal: signal ? AbortSignal.any([signal, hanging]) : hanging });
  };
  const png = `${scratch}.png`;
  const jpeg = `${scratch}.jpg`;
  try {
    let message = 'no picture could be decoded at its end';
    for (const tail of TAILS) {
      const decoded = await run([...decodeArgs(clip, { end, tail }), png]);
      if (!decoded.ok) message = decoded.message;
      const picture = decoded.ok ? await readPicture(png, 'image/png') : null;
      if (!picture) continue;
      return picture.bytes.length <= USUAL_IMAGE ? ok(picture) : await bestJpeg(run, png, jpeg);
    }
    return { ok: false, message };
  } finally {
    await rm(png, { force: true });
    await rm(jpeg, { force: true });
  }
}

type Run = (args: readonly string[]) => Promise<ChildResult>;

function ok(picture: Picture): LastFrame {
  return { ok: true, picture };
}

async function bestJpeg(run: Run, png: string, jpeg: string): Promise<LastFrame> {
  for (const quality of QUALITIES) {
    const { ok: isDone, message } = await run([...jpegArgs(png, quality), jpeg]);
    if (!isDone) return { ok: false, message };
    const picture = await readPicture(jpeg, 'image/jpeg');
    if (picture && picture.bytes.length <= USUAL_IMAGE) return ok(picture);
  }
  return { ok: false, message: 'its last picture is too large to send, even as a JPEG' };
}

/** End of the pictures of a clip; times in seconds. */
interface End {
  /** Last picture that can be decoded without earlier ones. */
  readonly key: number;
  /** Picture that is shown last. */
  readonly last: number;
  /** Colour matrix to assume; null if the clip names its own. */
  readonly matrix: string | null;
}

function endOf(clip: string): Promise<End | null> {
  return readVideo(clip, async (input) => {
    const track = await input.getPrimaryVideoTrack();
    if (!track) return null;
    const packets = new EncodedPacketSink(track);
    const key = await packets.getKeyPacket(Number.POSITIVE_INFINITY, { metadataOnly: true });
    // By its time, not by its position: pictures are stored in decoding order.
    const last = await packets.getPacket(Number.POSITIVE_INFINITY, { metadataOnly: true });
    if (!key || !last) return null;
    return { key: key.timestamp, last: last.timestamp, matrix: await assumedMatrix(track) };
  });
}

function decodeArgs(clip: string, { end, tail }: { readonly end: End; readonly tail: number }): string[] {
  // A little early: one picture decoded in vain costs less than a missed last picture.
  const from = Math.max(0, Math.min(end.key, end.last - tail) - 0.05);
  const colours = end.matrix ? `:in_color_matrix=${end.matrix}` : '';
  const fit = `min(1\\,sqrt(${USUAL_PIXELS}/(iw*ih)))`;
  const filters = [
    `select=gte(t\\,${(end.last - tail).toFixed(6)})`,
    // Few pictures are left; reversed, the last one comes first.
    'reverse',
    `scale=w=trunc(iw*${fit}):h=trunc(ih*${fit}):flags=lanczos+accurate_rnd+full_chroma_int${colours}`,
    'format=rgb24',
  ];
  const input = ['-copyts', '-seek_timestamp', '1', '-ss', from.toFixed(6), '-i', clip];
  const output = ['-frames:v', '1', '-c:v', 'png', '-f', 'image2', '-update', '1'];
  return [...input, '-map', '0:v:0', '-vf', filters.join(','), ...output];
}

/** Keeps the full colour resolution of the PNG: halved, it would be lost again at every link of a chain. */
function jpegArgs(png: string, quality: number): string[] {
  const quantiser = ['-qmin', '1', '-q:v', String(quality)];
  return ['-i', png, '-pix_fmt', 'yuvj444p', '-c:v', 'mjpeg', ...quantiser, '-f', 'image2', '-update', '1'];
}

/** Picture that was written whole, else null: an exit code of 0 is no proof. */
async function readPicture(path: string, type: Picture['type']): Promise<Picture | null> {
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
