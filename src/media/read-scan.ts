import { createReadStream, existsSync } from 'node:fs';
import { BlackFinder, FreezeFinder, SCAN } from './scan.js';

/** What was found in the pictures of a clip. */
interface Seen {
  readonly pictures: number;
  /** Pictures in a row. */
  readonly black: number;
  readonly frozen: number;
}

/** Reads pictures of `SCAN`'s size from a file of raw ones; one that was not written has none. */
export async function readScan(path: string): Promise<Seen> {
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
      black.see(picture);
      freeze.see(picture);
      pictures += 1;
    }
    rest = bytes.subarray(at);
  }
  return { pictures, black: black.longest, frozen: freeze.longest };
}

/** The loudest of the samples in a file of raw 16-bit ones, full scale being 1. */
export async function peakOf(path: string): Promise<number> {
  let peak = 0;
  if (!existsSync(path)) return peak;
  for await (const piece of createReadStream(path, { highWaterMark: 65_536 })) {
    const bytes = piece as Buffer;
    for (let at = 0; at + 2 <= bytes.length; at += 2) peak = Math.max(peak, Math.abs(bytes.readInt16LE(at)));
  }
  return peak / 32_768;
}
