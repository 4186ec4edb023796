import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { crc32, deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type ImageData, readImageData } from '../../src/base/image-data.js';

const board = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../fixtures/boards/${name}`, import.meta.url)));

const DAMAGED = 'has damaged data';
const CUT_OFF = 'is cut off: its end is missing';

/** Marks of an image that are set. */
function marks(bytes: Buffer, format: string): readonly (keyof ImageData)[] {
  const data = readImageData(bytes, format);
  return (Object.keys(data) as (keyof ImageData)[]).filter((name) => data[name]);
}

function chunk(name: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, checksum]);
}

/** A PNG whose chunks are right; `rows` are its unpacked rows, with their filters. */
function png(
  { width, height, type, depth = 8, interlaced = 0 }: Record<string, number>,
  { rows, packed, more = [] }: { rows?: readonly number[]; packed?: Buffer; more?: readonly Buffer[] },
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width ?? 0, 0);
  header.writeUInt32BE(height ?? 0, 4);
  header.set([depth, type ?? 0, 0, 0, interlaced], 8);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    ...more,
    chunk('IDAT', packed ?? deflateSync(Buffer.from(rows ?? []))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('the data of a PNG', () => {
  const GREY_AND_ALPHA = { width: 2, height: 2, type: 4 };

  it.each<[string, readonly number[], boolean]>([
    ['plain rows', [0, 9, 255, 9, 255, 0, 9, 255, 9, 255], false],
    ['rows as differences to the left and above', [1, 9, 255, 0, 0, 2, 0, 0, 0, 0], false],
    ['rows as differences to a mean', [3, 9, 255, 5, 128, 3, 5, 128, 0, 0], false],
    ['rows as differences to the nearest neighbour', [4, 9, 255, 0, 0, 4, 0, 0, 0, 0], false],
    ['one pixel that is a little transparent', [0, 9, 255, 9, 255, 0, 9, 255, 9, 254], true],
    ['a difference that makes it transparent', [0, 9, 255, 9, 255, 2, 0, 0, 0, 1], true],
  ])('finds out if it is transparent from %s', (_, rows, transparent) => {
    expect(readImageData(png(GREY_AND_ALPHA, { rows }), 'png')).toEqual({
      damage: null,
      animated: false,
      cmyk: false,
      transparent,
    });
  });

  it('looks into the passes of an interlaced picture, and into both bytes of deep ones', () => {
    // Passes 1, 6 and 7 of a picture of 2 × 2 hold its pixels.
    const interlaced = { ...GREY_AND_ALPHA, interlaced: 1 };
    expect(marks(png(interlaced, { rows: [0, 9, 255, 0, 9, 255, 0, 9, 255, 9, 255] }), 'png')).toEqual([]);
    expect(marks(png(interlaced, { rows: [0, 9, 255, 0, 9, 255, 0, 9, 255, 9, 7] }), 'png')).toEqual([
      'transparent',
    ]);
    const deep = { width: 1, height: 1, type: 4, depth: 16 };
    expect(marks(png(deep, { rows: [0, 9, 9, 255, 255] }), 'png')).toEqual([]);
    expect(marks(png(deep, { rows: [0, 9, 9, 255, 254] }), 'png')).toEqual(['transparent']);
  });

  it('takes a palette with a transparent colour as transparent, and one that is opaque as opaque', () => {
    const paletted = { width: 1, height: 1, type: 3 };
    const withOpacities = (opacities: readonly number[]) => {
      const more = [chunk('PLTE', Buffer.alloc(6)), chunk('tRNS', Buffer.from(opacities))];
      return marks(png(paletted, { rows: [0, 0], more }), 'png');
    };
    expect(withOpacities([255, 255])).toEqual([]);
    expect(withOpacities([255, 40])).toEqual(['transparent']);
  });

  it('reports pixels that do not unpack, or are too few, although every checksum is right', () => {
    const grey = { width: 4, height: 4, type: 0 };
    expect(readImageData(png(grey, { packed: Buffer.from('no zlib') }), 'png').damage).toBe(DAMAGED);
    expect(readImageData(png(grey, { rows: [0, 1, 2, 3, 4] }), 'png').damage).toBe(DAMAGED);
    expect(readImageData(png(grey, { rows: Array<number>(20).fill(7) }), 'png').damage).toBe(DAMAGED);
  });

  it('takes an animation of one picture as a still one', () => {
    const acTL = (frames: number) => chunk('acTL', Buffer.from([0, 0, 0, frames, 0, 0, 0, 0]));
    const still = { width: 1, height: 1, type: 0 };
    expect(marks(png(still, { rows: [0, 0], more: [acTL(1)] }), 'png')).toEqual([]);
    expect(marks(png(still, { rows: [0, 0], more: [acTL(2)] }), 'png')).toEqual(['animated']);
  });
});

describe('the data of an image', () => {
  const FILES = [
    ['cliff.png', 'png'],
    ['dial.jpg', 'jpg'],
    ['progressive.jpg', 'jpg'],
    ['turned.jpg', 'jpg'],
    ['pack.webp', 'webp'],
    ['plain.bmp', 'bmp'],
  ] as const;

  it.each(FILES)('finds nothing wrong with %s', (name, format) => {
    expect(marks(board(name), format)).toEqual([]);
  });

  it.each(FILES)('finds every end that is missing from %s', (name, format) => {
    const whole = board(name);
    for (let length = 12; length < whole.length; length += Math.ceil(whole.length / 40)) {
      const { damage } = readImageData(whole.subarray(0, length), format);
      expect([CUT_OFF, DAMAGED], `${length} bytes`).toContain(damage);
    }
  });

  it.each(FILES)('never throws for wrong bytes in %s', (name, format) => {
    const whole = board(name);
    for (let at = 0; at < whole.length; at += Math.ceil(whole.length / 200)) {
      const wrong = Buffer.from(whole);
      wrong.fill(0xd7, at, Math.min(at + 3, whole.length));
      expect(() => readImageData(wrong, format)).not.toThrow();
    }
  });

  it.each(['turned.jpg', 'progressive.jpg'])(
    'finds coded data of %s that are left out, or written over',
    (name) => {
      const whole = board(name);
      const middle = whole.length - 300;
      const end = whole.subarray(middle + 120);
      for (const between of [
        Buffer.alloc(0),
        Buffer.alloc(120),
        Buffer.alloc(120, 0x5a),
        Buffer.alloc(200, 0x93),
      ]) {
        const wrong = Buffer.concat([whole.subarray(0, middle), between, end]);
        expect(readImageData(wrong, 'jpg').damage).toBe(DAMAGED);
      }
    },
  );

  it('takes a JPEG with a few bytes between its segments, which decoders pass over', () => {
    const whole = board('dial.jpg');
    const between = [whole.subarray(0, 20), Buffer.alloc(6), whole.subarray(20)];
    expect(readImageData(Buffer.concat(between), 'jpg').damage).toBeNull();
  });

  it('takes a picture of Motion JPEG, whose tables are the usual ones and left out', () => {
    let tableless = board('dial.jpg');
    for (let at = 2; tableless[at + 1] !== 0xda; ) {
      const after = at + 2 + tableless.readUInt16BE(at + 2);
      if (tableless[at + 1] === 0xc4)
        tableless = Buffer.concat([tableless.subarray(0, at), tableless.subarray(after)]);
      else at = after;
    }
    expect(readImageData(tableless, 'jpg').damage).toBeNull();
    expect(readImageData(tableless.subarray(0, -20), 'jpg').damage).toBe(CUT_OFF);
  });

  it('names a JPEG of a kind that few programs can read', () => {
    const whole = board('dial.jpg');
    const frame = whole.indexOf(Buffer.from('ffc0', 'hex'));
    const [arithmetic, deep] = [Buffer.from(whole), Buffer.from(whole)];
    arithmetic[frame + 1] = 0xc9;
    deep[frame + 4] = 12;
    for (const bytes of [arithmetic, deep])
      expect(readImageData(bytes, 'jpg').damage).toBe(
        'is a lossless, arithmetic or 12-bit JPEG, which few programs can read',
      );
  });

  it('marks CMYK, animation and transparency', () => {
    expect(marks(board('print.jpg'), 'jpg')).toEqual(['cmyk']);
    expect(marks(board('moving.webp'), 'webp')).toEqual(['animated', 'transparent']);
    expect(marks(board('moving.png'), 'png')).toEqual(['animated']);
    expect(marks(board('transparent.png'), 'png')).toEqual(['transparent']);
  });
});
