import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readImageFacts } from '../base/image-facts.js';
import { USUAL_PIXELS } from '../base/limits.js';
import { ffmpegRunner, jpegArgs, type MadePicture, QUALITIES, readPicture } from './small-jpeg.js';

/** A picture that is too large. */
export interface ShrinkOptions {
  readonly bytes: Buffer;
  /** Size that its copy may have, bytes. */
  readonly most: number;
  readonly signal?: AbortSignal;
}

/** Sides of the copy, as parts of those of the original. */
const SCALES = [1, 0.75, 0.5, 0.25];

/** Worst quality before the sides are made shorter instead. Our choice: lower ones show blocks. */
const WORST = 8;

/**
 * Makes a smaller copy of a picture: the best JPEG that has at most `most` bytes, in full size where that is possible, turned as
 * it is shown, on white where it is transparent. The same `ffmpeg` makes the same bytes again.
 */
export async function shrinkPicture(
  ffmpeg: string,
  { bytes, most, signal }: ShrinkOptions,
): Promise<MadePicture> {
  const { format, width, height } = readImageFacts(bytes);
  const run = ffmpegRunner(ffmpeg, signal);
  const folder = await mkdtemp(join(tmpdir(), 'shotlist-shrink-'));
  try {
    const original = join(folder, `original.${format}`);
    const copy = join(folder, 'copy.jpg');
    await writeFile(original, bytes);
    const fit = Math.min(1, Math.sqrt(USUAL_PIXELS / (width * height)));
    for (const scale of SCALES) {
      const [w, h] = [width, height].map((side) => Math.max(1, Math.floor(side * fit * scale)));
      const graph = [
        `color=c=white:s=${w}x${h}:d=1,format=gbrp[white]`,
        `[0:v]scale=${w}:${h}:flags=lanczos+accurate_rnd+full_chroma_int,format=rgba[picture]`,
        '[white][picture]overlay=format=gbrp',
      ].join(';');
      for (const quality of QUALITIES.filter((one) => one <= WORST)) {
        const args = ['-threads', '1', '-i', original, '-filter_complex', graph, ...jpegArgs(quality)];
        const { ok, message } = await run([...args, copy]);
        if (!ok) return { ok, message };
        const picture = await readPicture(copy, 'image/jpeg');
        if (picture && picture.bytes.length <= most) return { ok: true, picture };
      }
    }
    return { ok: false, message: 'even a quarter of it is too large' };
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
