import { crc32, inflateSync } from 'node:zlib';
import { CutOff, Damage, readJpeg } from './jpeg-data.js';

/** Facts about an image that are in its data and not only in its header. */
export interface ImageData {
  /** Damage, as the end of a sentence about the file, such as `has damaged data`; null for none. */
  readonly damage: string | null;
  /** True for several pictures in one file that play. */
  readonly animated: boolean;
  /** True for the colours of print, which screens show in another way. */
  readonly cmyk: boolean;
  /** True if some of it can be seen through. */
  readonly transparent: boolean;
}

const PLAIN: ImageData = { damage: null, animated: false, cmyk: false, transparent: false };

/** Reads all of an image; `format` is `jpg`, `png`, `webp` or `bmp`. Never throws for the content of a file. */
export function readImageData(bytes: Buffer, format: string): ImageData {
  try {
    if (format === 'jpg') return { ...PLAIN, cmyk: readJpeg(bytes) === 4 };
    if (format === 'png') return { ...PLAIN, ...readPng(bytes) };
    if (format === 'webp') return { ...PLAIN, ...readWebp(bytes) };
    checkBmp(bytes);
    return PLAIN;
  } catch (error) {
    // A header may say that there is more than there is, at any place.
    const { code, message } = error as NodeJS.ErrnoException;
    if (error instanceof Damage) return { ...PLAIN, damage: message };
    if (code === 'ERR_OUT_OF_RANGE' || code === 'ERR_BUFFER_OUT_OF_BOUNDS')
      return { ...PLAIN, damage: new CutOff().message };
    throw error;
  }
}

type Traits = Pick<ImageData, 'animated' | 'transparent'>;

/** A part of a file that has a name. */
interface Chunk {
  readonly name: string;
  readonly data: Buffer;
}

/** Colour types of PNG with their samples per pixel; 4 and 6 have an alpha sample, the last one. */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Most bytes of pixels that are unpacked: some 100 million pixels. A small file must not fill the memory. Our choice. */
const MOST_UNPACKED = 2 ** 29;

/** Bytes that are unpacked in one piece: Node's own 16 KiB take a fifth longer. */
const PIECE = 2 ** 18;

/** Bytes that may follow the pixels in their stream, before it counts as damaged. Our choice. */
const LARGEST_EXCESS = 2 ** 20;

function readPng(bytes: Buffer): Traits {
  const chunks = pngChunks(bytes);
  const find = (wanted: string) => chunks.find(({ name }) => name === wanted)?.data;
  const header = find('IHDR');
  if (header?.length !== 13) throw new Damage();
  const pixels = chunks.flatMap(({ name, data }) => (name === 'IDAT' ? [data] : []));
  const isOpaque = hasOpaquePixels(Buffer.concat(pixels), header);
  // A palette has an opacity for each colour; other pictures name one colour that is left out.
  const opacities = find('tRNS');
  const isSeenThrough = header[9] !== 3 || opacities?.some((opacity) => opacity < 255);
  // One picture is a still one.
  const animated = (find('acTL')?.readUInt32BE(0) ?? 1) > 1;
  return { animated, transparent: !isOpaque || (opacities !== undefined && isSeenThrough === true) };
}

/** Chunks up to the end of a PNG; each has a checksum (W3C PNG, third edition). */
function pngChunks(bytes: Buffer): readonly Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = 8; chunks.at(-1)?.name !== 'IEND'; ) {
    if (at + 12 > bytes.length) throw new CutOff();
    const name = bytes.toString('latin1', at + 4, at + 8);
    const end = at + 8 + bytes.readUInt32BE(at);
    if (end + 4 > bytes.length) throw /^[A-Za-z]{4}$/.test(name) ? new CutOff() : new Damage();
    if (crc32(bytes.subarray(at + 4, end)) !== bytes.readUInt32BE(end)) throw new Damage();
    if (name === 'CgBI') throw new Damage('is a PNG that only Apple’s own programs read');
    chunks.push({ name, data: bytes.subarray(at + 8, end) });
    at = end + 4;
  }
  return chunks;
}

/** Columns and rows of the seven passes of an interlaced PNG: first and step. */
const PASSES = [
  [0, 8, 0, 8],
  [4, 8, 0, 8],
  [0, 4, 4, 8],
  [2, 4, 0, 4],
  [0, 2, 2, 4],
  [1, 2, 0, 2],
  [0, 1, 1, 2],
] as const;

/** Unpacks the pixels of a PNG, a zlib stream; false if one of them is not opaque. */
function hasOpaquePixels(packed: Buffer, header: Buffer): boolean {
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const [depth = 0, type = 0, , , interlace] = header.subarray(8);
  const bits = depth * (SAMPLES[type] ?? 0);
  const passes = (interlace === 1 ? PASSES : [[0, 1, 0, 1] as const])
    .map(([x, dx, y, dy]) => ({ columns: Math.ceil((width - x) / dx), rows: Math.ceil((height - y) / dy) }))
    .filter(({ columns, rows }) => columns > 0 && rows > 0)
    .map(({ columns, rows }) => ({ length: Math.ceil((columns * bits) / 8), rows }));
  const total = passes.reduce((sum, { length, rows }) => sum + (length + 1) * rows, 0);
  if (total > MOST_UNPACKED) return true;
  const unpacked = unpack(packed, total);
  const step = Math.max(1, bits >> 3);
  const alphas = type === 4 || type === 6 ? depth >> 3 : 0;
  let isOpaque = true;
  let at = 0;
  for (const { length, rows } of passes) {
    for (let row = 0; row < rows; row++, at += length + 1) {
      const filter = unpacked[at] as number;
      if (filter > 4) throw new Damage();
      // The alpha sample is the last of each pixel.
      for (let byte = 1; byte <= alphas && isOpaque; byte++) {
        const range = { at: at + 1 + step - byte, end: at + 1 + length, step };
        isOpaque = isOpaqueRow(unpacked, { ...range, filter, isFirst: row === 0 });
      }
    }
  }
  return isOpaque;
}

/** The first `total` bytes of a zlib stream; every decoder ignores what follows. */
function unpack(packed: Buffer, total: number): Buffer {
  let unpacked: Buffer;
  try {
    unpacked = inflateSync(packed, { maxOutputLength: total + LARGEST_EXCESS, chunkSize: PIECE });
  } catch {
    throw new Damage();
  }
  if (unpacked.length < total) throw new Damage();
  return unpacked;
}

/**
 * True if one byte of every pixel of a row is 255, given that it is in the rows before. A filter subtracts a prediction made
 * from the same byte of the pixels to the left and above, so each byte can have one value only.
 */
function isOpaqueRow(
  bytes: Buffer,
  row: { at: number; end: number; step: number; filter: number; isFirst: boolean },
): boolean {
  const { filter } = row;
  const up = row.isFirst ? 0 : 255;
  const opaqueAfter = (left: number) => {
    const prediction = [0, left, up, (left + up) >> 1, row.isFirst ? left : up][filter] as number;
    return (255 - prediction) & 255;
  };
  if (bytes[row.at] !== opaqueAfter(0)) return false;
  const others = opaqueAfter(255);
  for (let at = row.at + row.step; at < row.end; at += row.step) if (bytes[at] !== others) return false;
  return true;
}

function readWebp(bytes: Buffer): Traits {
  const chunks = webpChunks(bytes);
  if (!chunks.some(({ name }) => ['VP8 ', 'VP8L', 'ANMF'].includes(name))) throw new Damage();
  // Encoders set these marks for a picture that needs them.
  const marks = chunks.find(({ name }) => name === 'VP8X')?.data[0] ?? 0;
  let transparent = (marks & 0x10) !== 0;
  for (const { name, data } of chunks) {
    if (name === 'VP8 ' && !isLossy(data)) throw new Damage();
    if (name !== 'VP8L') continue;
    if (!isLossless(data)) throw new Damage();
    transparent ||= ((data[4] as number) & 0x10) !== 0;
  }
  return { animated: (marks & 0x02) !== 0, transparent };
}

/** Chunks of a WebP (RFC 9649). */
function webpChunks(bytes: Buffer): readonly Chunk[] {
  const chunks: Chunk[] = [];
  const end = bytes.readUInt32LE(4) + 8;
  if (end > bytes.length) throw new CutOff();
  for (let at = 12; at + 8 <= end; ) {
    const length = bytes.readUInt32LE(at + 4);
    if (at + 8 + length > end) throw new Damage();
    const name = bytes.toString('latin1', at, at + 4);
    chunks.push({ name, data: bytes.subarray(at + 8, at + 8 + length) });
    at += 8 + length + (length & 1);
  }
  return chunks;
}

/** True for a key frame of VP8 whose first partition is inside its chunk (RFC 6386). */
function isLossy(data: Buffer): boolean {
  if (data.length < 10) return false;
  const tag = data.readUIntLE(0, 3);
  return (tag & 1) === 0 && data.readUIntBE(3, 3) === 0x9d012a && (tag >> 5) + 10 <= data.length;
}

/** True for the beginning of a lossless picture, with its only version. */
function isLossless(data: Buffer): boolean {
  return data.length > 5 && data[0] === 0x2f && (data[4] as number) >> 5 === 0;
}

/** A BMP says how long it is, or only how many pixels it has. */
function checkBmp(bytes: Buffer): void {
  const pixels = bytes.readUInt32LE(10);
  const row = ((Math.abs(bytes.readInt32LE(18)) * bytes.readUInt16LE(28) + 31) >>> 5) * 4;
  const isPlain = bytes.readUInt32LE(14) >= 40 && [0, 3].includes(bytes.readUInt32LE(30));
  const least = isPlain ? pixels + row * Math.abs(bytes.readInt32LE(22)) : pixels;
  if (Math.max(least, bytes.readUInt32LE(2)) > bytes.length) throw new CutOff();
}
