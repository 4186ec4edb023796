import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { runChild } from '../../src/media/child.js';
import { pictureCount, readPictures } from '../../src/media/clip-pictures.js';
import { findFfmpeg } from '../../src/media/ffmpeg.js';

async function ffmpeg(...args: readonly string[]): Promise<void> {
  const found = await findFfmpeg();
  if (!found.ok) throw new Error(found.message);
  const { message } = await runChild(found.ffmpeg.path, { args: ['-v', 'error', '-y', ...args] });
  expect(message).toBe('');
}

it('pictures that a cut without encoding keeps only for the decoder are not counted', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'shotlist-pictures-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [whole, cut] = [join(folder, 'whole.mp4'), join(folder, 'cut.mp4')];
  const source = ['-f', 'lavfi', '-i', 'testsrc2=duration=2:size=320x180:rate=24'];
  await ffmpeg(...source, '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '12', whole);
  // From the 17th picture on: the key picture before it is the 12th.
  await ffmpeg('-ss', String(17 / 24), '-i', whole, '-c', 'copy', cut);
  const pictures = await readPictures(cut);
  if (!pictures) throw new Error('no video');
  expect(pictures.shownAt.slice(0, 7)).toEqual([-5, -4, -3, -2, -1, 0, 1]);
  expect(pictureCount(pictures)).toBe(31);
  expect(pictures).toMatchObject({ isEven: true, rate: { num: 24, den: 1 } });
  expect(pictures.starts.map(({ place }) => pictures.shownAt[place])).toEqual([-5, 7, 19]);
});
