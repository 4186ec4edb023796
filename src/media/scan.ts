import { createReadStream, existsSync } from 'node:fs';

/** Size of the pictures that are scanned: each pixel is the mean of many, which removes noise. */
export const SCAN = { width: 160, height: 90 } as const;

/** Defaults of ffmpeg's blackdetect: 98 % of the pixels have at most a tenth of white. */
const BLACK_PIXEL = 25;
const BLACK_SHARE = 0.98;

/** Finds the longest row of black pictures. Each picture has the size of `SCAN`, one byte a pixel, 0 for black. */
class BlackFinder {
  #row = 0;
  longest = 0;

  add(picture: Uint8Array): void {
    let dark = 0;
    for (const pixel of picture) if (pixel <= BLACK_PIXEL) dark += 1;
    this.#row = dark >= picture.length * BLACK_SHARE ? this.#row + 1 : 0;
    this.longest = Math.max(this.longest, this.#row);
  }
}

/**
 * Largest change of a pixel in a still picture, of 255: a codec refines a still picture in steps of one or two; a digit
 * of a timecode, or an eyelid, changes a pixel by more.
 */
const STILL = 4;

/**
 * Finds the longest row of pictures without motion. Each picture is compared with the first of the row, so that a slow
 * push-in counts as motion too.
 */
class FreezeFinder {
  #first: Uint8Array | null = null;
  #row = 0;
  longest = 0;

  add(picture: Uint8Array): void {
    if (this.#first && isSame(this.#first, picture)) this.#row += 1;
    else {
      this.#first = Uint8Array.from(picture);
      this.#row = 1;
    }
    // One picture is no row.
    if (this.#row > 1) this.longest = Math.max(this.longest, this.#row);
  }
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  for (let at = 0; at < one.length; at += 1) {
    if (Math.abs((one[at] as number) - (other[at] as number)) > STILL) return false;
  }
  return true;
}

/** Facts found in the pictures of a clip. */
interface Scan {
  readonly pictures: number;
  /** Pictures in the longest row. */
  readonly black: number;
  readonly frozen: number;
}

/** Scans a file of raw pictures of the size of `SCAN`; a missing file has no pictures. */
export async function readScan(path: string): Promise<Scan> {
  const black = new BlackFinder();
  const freeze = new FreezeFinder();
  const size = SCAN.width * SCAN.height;
  let pictures = 0;
  let rest: Buffer = Buffer.alloc(0);
  if (!existsSync(path)) return { pictures, black: 0, frozen: 0 };
  for await (const piece of createReadStream(path, { highWaterMark: size * 32 })) {
    const bytes: Buffer = rest.length > 0 ? Buffer.concat([rest, piece as Buffer]) : (piece as Buffer);
    let at = 0;
    for (; at + size <= bytes.length; at += size) {
      const picture = bytes.subarray(at, at + size);
      black.add(picture);
      freeze.add(picture);
      pictures += 1;
    }
    rest = bytes.subarray(at);
  }
  return { pictures, black: black.longest, frozen: freeze.longest };
}

/** Loudest sample in a file of raw 16-bit samples, full scale 1. */
export async function peakOf(path: string): Promise<number> {
  let peak = 0;
  if (!existsSync(path)) return peak;
  for await (const piece of createReadStream(path, { highWaterMark: 65_536 })) {
    const bytes = piece as Buffer;
    for (let at = 0; at + 2 <= bytes.length; at += 2) peak = Math.max(peak, Math.abs(bytes.readInt16LE(at)));
  }
  return peak / 32_768;
}
