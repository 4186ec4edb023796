/** What pictures are made to before they are looked at: each pixel is the mean of many, so that noise is gone. */
export const SCAN = { width: 160, height: 90 } as const;

/** As ffmpeg's blackdetect has it unless told otherwise: 98 % of the pixels at most a tenth of the way to white. */
const BLACK_PIXEL = 25;
const BLACK_SHARE = 0.98;

/** Finds the longest row of black pictures among those it sees, each of `SCAN`'s size, one byte a pixel, 0 black. */
export class BlackFinder {
  #row = 0;
  longest = 0;

  see(picture: Uint8Array): void {
    let dark = 0;
    for (const pixel of picture) if (pixel <= BLACK_PIXEL) dark += 1;
    this.#row = dark >= picture.length * BLACK_SHARE ? this.#row + 1 : 0;
    this.longest = Math.max(this.longest, this.#row);
  }
}

/**
 * By how much the brightest change may differ, of 255: a coder goes over a picture that stands still in steps of one or
 * two of these means; a digit of a timecode, or an eyelid, changes one by more.
 */
const STILL = 4;

/**
 * Finds the longest row of pictures in which nothing moves anywhere. Each is compared with the one that the row began
 * with, so that a push-in too slow to be seen from one picture to the next still counts as a move.
 */
export class FreezeFinder {
  #first: Uint8Array | null = null;
  #row = 0;
  longest = 0;

  see(picture: Uint8Array): void {
    if (this.#first && isSame(this.#first, picture)) this.#row += 1;
    else {
      this.#first = Uint8Array.from(picture);
      this.#row = 1;
    }
    // One picture alone is no stretch.
    if (this.#row > 1) this.longest = Math.max(this.longest, this.#row);
  }
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  for (let at = 0; at < one.length; at += 1) {
    if (Math.abs((one[at] as number) - (other[at] as number)) > STILL) return false;
  }
  return true;
}
