import { crc32, deflateSync } from 'node:zlib';

/** @typedef {{ width: number, height: number, pixels: Uint8Array }} Image RGBA, 8 bits a channel, row by row */

/**
 * A PNG of opaque pixels. The renderer's own encoder keeps an alpha channel that a full-frame board does not have
 * and files a third larger; boards travel as data URIs with every request, so small ones pay.
 * @param {Image} image
 * @returns {Buffer}
 */
export function png(image) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(image.width, 0);
  header.writeUInt32BE(image.height, 4);
  header.set([8, 2, 0, 0, 0], 8); // 8 bits a channel, RGB, deflate, filtered, not interlaced

  // Which prediction packs best depends on the picture; a quick try of each tells.
  const candidates = Object.entries(predictors).map(([filter, predict]) =>
    filtered(image, Number(filter), predict),
  );
  const tries = candidates.map((rows) => deflateSync(rows, { level: 1 }).length);
  const best = candidates[tries.indexOf(Math.min(...tries))];
  const body = deflateSync(best, { level: 9 });

  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', body),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/**
 * PNG's filters by their number: what a byte is expected to be from those to the left, above, and above left.
 * @type {Record<number, (left: number, up: number, corner: number) => number>}
 */
const predictors = {
  1: (left) => left,
  2: (_, up) => up,
  4: (left, up, corner) => {
    const slope = left + up - corner;
    const [byLeft, byUp, byCorner] = [Math.abs(slope - left), Math.abs(slope - up), Math.abs(slope - corner)];
    if (byLeft <= byUp && byLeft <= byCorner) return left;
    return byUp <= byCorner ? up : corner;
  },
};

// The last bit of a gradient is a third of the file and no eye sees it go.
const kept = (/** @type {number} */ value) => value & 0xfe;

/** @param {Image} image @param {number} filter @param {(left: number, up: number, corner: number) => number} predict */
function filtered({ width, height, pixels }, filter, predict) {
  const rows = Buffer.alloc(height * (1 + width * 3));
  let at = 0;
  for (let y = 0; y < height; y += 1) {
    rows[at++] = filter;
    for (let x = 0; x < width; x += 1) {
      for (let channel = 0; channel < 3; channel += 1) {
        const here = (y * width + x) * 4 + channel;
        const left = x > 0 ? kept(pixels[here - 4]) : 0;
        const up = y > 0 ? kept(pixels[here - width * 4]) : 0;
        const corner = x > 0 && y > 0 ? kept(pixels[here - width * 4 - 4]) : 0;
        rows[at++] = kept(pixels[here]) - predict(left, up, corner);
      }
    }
  }
  return rows;
}

/** @param {string} type four letters @param {Buffer} data */
function chunk(type, data) {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(data.length, 0);
  named.copy(framed, 4);
  framed.writeUInt32BE(crc32(named), named.length + 4);
  return framed;
}
