import { copyFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imageSize } from 'image-size';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LARGEST_IMAGE } from '../../src/base/limits.js';
import { runChild } from '../../src/media/child.js';
import { findFfmpeg } from '../../src/media/ffmpeg.js';
import { lastFrame } from '../../src/media/last-frame.js';

let folder = '';
let ffmpeg = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shotlist-frame-'));
  const found = await findFfmpeg();
  if (!found.ok) throw new Error(found.message);
  ffmpeg = found.ffmpeg.path;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A clip made of ffmpeg's own test picture; returns its path. */
async function clip(name: string, source: string, ...args: readonly string[]): Promise<string> {
  const path = join(folder, name);
  const all = ['-v', 'error', '-y', '-f', 'lavfi', '-i', source, ...args, path];
  const made = await runChild(ffmpeg, { args: all });
  if (!made.ok) throw new Error(made.message);
  return path;
}

const take = (path: string) => lastFrame(ffmpeg, { clip: path, scratch: join(folder, 'taking') });

/** MD5 of the last picture that a reader finds who decodes everything, as red, green and blue. */
async function lastHash(path: string): Promise<string | undefined> {
  const filters = 'scale=flags=lanczos+accurate_rnd+full_chroma_int,format=rgb24';
  const args = ['-v', 'error', '-i', path, '-map', '0:v:0', '-vf', filters, '-f', 'framemd5', '-'];
  const { output } = await runChild(ffmpeg, { args, keepOutput: true });
  return output.trim().split('\n').at(-1)?.split(',').at(-1)?.trim();
}

const X264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'] as const;
const SMALL = 'testsrc2=s=320x180:r=24:d=2';

describe('the last frame', () => {
  it.each([
    ['with pictures stored out of order', SMALL, [...X264, '-preset', 'medium', '-bf', '3', '-g', '30']],
    ['of open groups', SMALL, [...X264, '-preset', 'medium', '-x264-params', 'open-gop=1:keyint=12']],
    ['with sound that runs on', SMALL, ['-f', 'lavfi', '-i', 'sine=d=3.5', ...X264, '-c:a', 'aac']],
    ['that ends on a key picture', SMALL, [...X264, '-force_key_frames', 'expr:eq(n,47)']],
    ['of key pictures only', SMALL, [...X264, '-g', '1']],
    ['of one picture', 'testsrc2=s=320x180:r=1:d=1', X264],
    ['of two pictures a second', 'testsrc2=s=320x180:r=2:d=3', X264],
    ['with a single key picture', 'testsrc2=s=320x180:r=60:d=4', [...X264, '-g', '9999']],
    ['that begins late', SMALL, ['-vf', 'setpts=PTS+1.5/TB', ...X264]],
  ])('the last frame of a clip %s is the last of all decoded frames', async (name, source, args) => {
    const path = await clip(`${name.replaceAll(' ', '-')}.mp4`, source, ...args);
    const taken = await take(path);
    if (!taken.ok) throw new Error(taken.message);
    expect(taken.picture.type).toBe('image/png');
    await writeFile(join(folder, 'taken.png'), taken.picture.bytes);
    expect(await lastHash(join(folder, 'taken.png'))).toBe(await lastHash(path));
  });

  it('the last frame has the same bytes each time, and no other file is left behind', async () => {
    const path = await clip('same.mp4', SMALL, ...X264);
    const before = await readdir(folder);
    const [first, second] = [await take(path), await take(path)];
    expect(first).toEqual(second);
    expect(await readdir(folder)).toEqual(before);
  });

  it('the last frame keeps its colours in HD without a colour matrix', async () => {
    const green = 'color=0x20c040:s=1280x720:r=24:d=1';
    const path = await clip(
      'green.mp4',
      green,
      '-vf',
      'scale=out_color_matrix=bt709,setparams=colorspace=unknown',
      ...X264,
    );
    const taken = await take(path);
    if (!taken.ok) throw new Error(taken.message);
    await writeFile(join(folder, 'green.png'), taken.picture.bytes);
    const raw = join(folder, 'green.rgb');
    await runChild(ffmpeg, {
      args: ['-v', 'error', '-i', join(folder, 'green.png'), '-f', 'rawvideo', '-pix_fmt', 'rgb24', raw],
    });
    const [r = 0, g = 0, b = 0] = await readFile(raw);
    expect(Math.max(Math.abs(r - 0x20), Math.abs(g - 0xc0), Math.abs(b - 0x40))).toBeLessThan(5);
  });

  it('the last frame is a JPEG where a PNG would be too large to send', async () => {
    const noise = ['-vf', 'noise=alls=40:allf=t', ...X264, '-crf', '12', '-frames:v', '2'];
    const path = await clip('noise.mp4', 'testsrc2=s=2560x1440:r=24:d=1', ...noise);
    const taken = await take(path);
    if (!taken.ok) throw new Error(taken.message);
    expect(taken.picture.type).toBe('image/jpeg');
    expect(taken.picture.bytes.length).toBeLessThanOrEqual(LARGEST_IMAGE);
    expect(imageSize(taken.picture.bytes)).toMatchObject({ width: 2560, height: 1440, type: 'jpg' });
  });

  it('the last frame of a file that is no video, cut off or missing is refused with a reason', async () => {
    const cut = join(folder, 'cut.mp4');
    await copyFile(await clip('whole.mp4', SMALL, ...X264), cut);
    await truncate(cut, 9_000);
    await writeFile(join(folder, 'text.mp4'), 'not a video');
    for (const path of [cut, join(folder, 'text.mp4'), join(folder, 'none.mp4')]) {
      expect(await take(path)).toEqual({ ok: false, message: 'it is not a readable video' });
    }
    const whole = { clip: join(folder, 'whole.mp4'), scratch: join(folder, 'taking') };
    expect(await lastFrame('/no/such/ffmpeg', whole)).toEqual({
      ok: false,
      message: 'there is no such program',
    });
  });
});
