import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readImageData } from '../../src/base/image-data.js';
import { readImageFacts } from '../../src/base/image-facts.js';
import { findFfmpeg } from '../../src/media/ffmpeg.js';
import { shrinkPicture } from '../../src/media/shrink-picture.js';

const board = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../fixtures/boards/${name}`, import.meta.url)));

async function shrink(name: string, most: number) {
  const found = await findFfmpeg();
  if (!found.ok) throw new Error(found.message);
  return shrinkPicture(found.ffmpeg.path, { bytes: board(name), most });
}

it('makes a JPEG in full size, upright and sound, and the same bytes each time', async () => {
  const [first, second] = [await shrink('turned.jpg', 20_000), await shrink('turned.jpg', 20_000)];
  if (!first.ok) throw new Error(first.message);
  const { bytes, type } = first.picture;
  expect(type).toBe('image/jpeg');
  expect(bytes.length).toBeLessThanOrEqual(20_000);
  expect(readImageFacts(bytes)).toEqual({ format: 'jpg', width: 640, height: 360, turned: false });
  expect(readImageData(bytes, 'jpg').damage).toBeNull();
  expect(second).toEqual(first);
});

it('makes the sides shorter where the size allows no good quality, and says when nothing is small enough', async () => {
  const small = await shrink('transparent.png', 3_000);
  if (!small.ok) throw new Error(small.message);
  expect(small.picture.bytes.length).toBeLessThanOrEqual(3_000);
  expect(readImageFacts(small.picture.bytes).width).toBeLessThan(640);
  expect(await shrink('turned.jpg', 10)).toEqual({
    ok: false,
    message: 'even a quarter of it is too large',
  });
});
