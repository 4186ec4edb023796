import { rm } from 'node:fs/promises';
import { EncodedPacketSink } from 'mediabunny';
import { USUAL_IMAGE, USUAL_PIXELS } from '../base/limits.js';
import { assumedMatrix, readVideo } from './probe.js';
import {
  ffmpegRunner,
  jpegArgs,
  type MadePicture,
  type Picture,
  QUALITIES,
  type RunFfmpeg,
  readPicture,
} from './small-jpeg.js';

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

/**
 * Takes the last picture of a clip, as displayed: as PNG if that has at most 6 MiB, else as the best JPEG that has. A
 * picture of more than 32 megapixels is scaled down. `ffmpeg` is the path of the program. A bad clip or a failing
 * program is a result; the errors of the file system are thrown.
 */
export async function lastFrame(
  ffmpeg: string,
  { clip, scratch, signal }: LastFrameOptions,
): Promise<MadePicture> {
  const end = await endOf(clip);
  if (!end) return { ok: false, message: 'it is not a readable video' };
  const run = ffmpegRunner(ffmpeg, signal);
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

function ok(picture: Picture): MadePicture {
  return { ok: true, picture };
}

async function bestJpeg(run: RunFfmpeg, png: string, jpeg: string): Promise<MadePicture> {
  for (const quality of QUALITIES) {
    const { ok: isDone, message } = await run(['-i', png, ...jpegArgs(quality), jpeg]);
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
