import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imageSize } from 'image-size';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runChild } from '../../src/media/child.js';
import { findFfmpeg } from '../../src/media/ffmpeg.js';
import { type Asked, flagsOf } from '../../src/media/flags.js';
import { inspectClip } from '../../src/media/inspect-clip.js';
import { probeVideo } from '../../src/media/probe.js';

let folder = '';
let ffmpeg = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shotlist-look-'));
  const found = await findFfmpeg();
  if (!found.ok) throw new Error(found.message);
  ffmpeg = found.ffmpeg.path;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const X264 = ['-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-preset', 'ultrafast'] as const;
const TONE = ['-f', 'lavfi', '-i', 'sine=d=3', '-c:a', 'aac'] as const;
const FILM = 'testsrc2=s=640x360:r=24:d=3';
/** A picture with soft shapes, as boards have, and nothing that moves by itself. */
const BOARD = 'gradients=s=640x360:c0=0x203040:c1=0xe0c0a0:x0=0:y0=0:x1=640:y1=360:d=3:r=24:speed=0.00001';

async function clip(name: string, source: string, ...args: readonly string[]): Promise<string> {
  const path = join(folder, `${name.replaceAll(/\W+/g, '-')}.mp4`);
  const all = ['-v', 'error', '-y', '-f', 'lavfi', '-i', source, ...args, path];
  const made = await runChild(ffmpeg, { args: all });
  if (!made.ok) throw new Error(made.message);
  return path;
}

const still = (which: string) => join(folder, `still.${which}.jpg`);
const STILLS = () => ({ first: still('first'), middle: still('middle'), last: still('last') });
const look = (path: string, signal?: AbortSignal) =>
  inspectClip(ffmpeg, {
    clip: path,
    stills: STILLS(),
    scratch: join(folder, 'still.looking'),
    ...(signal && { signal }),
  });

async function flagged(path: string, asked: Partial<Asked> = {}): Promise<readonly string[]> {
  const facts = await probeVideo(path);
  const looked = await look(path);
  if (!facts || !looked.ok) throw new Error(`not looked at: ${looked.ok || looked.message}`);
  const whole = { seconds: 3, audio: true, aspect: 16 / 9, ...asked };
  return flagsOf(whole, { facts, decoded: looked.decoded }).map(({ code }) => code);
}

/** A file of the same length of which only the beginning, up to a share of it, is what it was. */
function spoilt(bytes: Buffer, share: number): Buffer {
  return Buffer.from(bytes).fill(0xff, Math.ceil(bytes.length * share));
}

describe('a clip', () => {
  it.each<[string, string[], string, readonly string[], Partial<Asked>]>([
    ['that is what was asked for', [], FILM, [...TONE, ...X264], {}],
    ['that fades in and out', [], `${FILM},fade=in:0:24,fade=out:48:24`, [...TONE, ...X264], {}],
    ['of another rate', [], 'testsrc2=s=640x360:r=60:d=3', [...TONE, ...X264], {}],
    ['that is black', ['black'], 'color=black:s=640x360:r=24:d=3', [...TONE, ...X264], {}],
    ['that turns black', ['black'], `${FILM},fade=out:8:12`, [...TONE, ...X264], {}],
    [
      'whose picture stands still',
      ['frozen'],
      `${FILM},select=lt(n\\,1),loop=71:1:0,setpts=N/24/TB`,
      [...TONE, ...X264],
      {},
    ],
    [
      'that comes to a stop',
      ['frozen'],
      `${FILM},trim=end_frame=12,tpad=stop=60:stop_mode=clone,setpts=N/24/TB`,
      [...TONE, ...X264],
      {},
    ],
    [
      'that is silent',
      ['silent'],
      FILM,
      ['-f', 'lavfi', '-i', 'anullsrc=d=3', '-c:a', 'aac', '-t', '3', ...X264],
      {},
    ],
    [
      'with silence where none was asked for',
      [],
      FILM,
      ['-f', 'lavfi', '-i', 'anullsrc=d=3', '-c:a', 'aac', '-t', '3', ...X264],
      { audio: false },
    ],
    ['without the sound that was asked for', ['no-audio'], FILM, X264, {}],
    ['with sound that was not asked for', ['unasked-audio'], FILM, [...TONE, ...X264], { audio: false }],
    ['that is short', ['length'], FILM, [...TONE, ...X264], { seconds: 5 }],
    [
      'of 121 pictures, as the service makes them',
      [],
      'testsrc2=s=640x360:r=24:d=5.0416',
      X264,
      { seconds: 5, audio: false },
    ],
    [
      'whose pictures end before its sound',
      ['length'],
      'testsrc2=s=640x360:r=24:d=2',
      [...TONE, ...X264],
      {},
    ],
    [
      'whose sound ends before its pictures',
      ['no-audio'],
      FILM,
      ['-f', 'lavfi', '-i', 'sine=d=1.5', '-c:a', 'aac', ...X264],
      {},
    ],
    ['that stands on its side', ['aspect'], FILM, [...TONE, ...X264], { aspect: 9 / 16 }],
    ['whose board nobody knows', [], FILM, [...TONE, ...X264], { aspect: null }],
  ])('a clip %s is flagged %j', async (name, codes, source, args, asked) => {
    expect(await flagged(await clip(name, source, ...args), asked)).toEqual(codes);
  });

  it('a clip with a timecode on a still board is not flagged as frozen', async () => {
    const digit = 'color=white:s=4x14:r=24:d=3[digit];[board][digit]overlay=x=20+mod(n\\,8)*4:y=330';
    const path = await clip('timecode', `${BOARD}[board];${digit}`, ...TONE, ...X264);
    expect(await flagged(path)).toEqual([]);
  });

  it('a clip with a damaged end is flagged and has the stills that could be decoded', async () => {
    const path = await clip('damaged', FILM, ...X264, '-movflags', '+faststart');
    await writeFile(path, spoilt(await readFile(path), 0.4));
    for (const path of Object.values(STILLS())) await rm(path, { force: true });
    expect(await flagged(path, { audio: false })).toContain('damaged');
    expect((await readdir(folder)).filter((name) => name.endsWith('.jpg'))).toContain('still.first.jpg');
  });

  it('a clip with wrong bytes in the middle, which a decoder conceals, is flagged', async () => {
    const path = await clip('wrong-bytes', FILM, ...X264);
    const bytes = await readFile(path);
    const middle = Math.floor(bytes.length / 2);
    await writeFile(path, Buffer.from(bytes).fill(0x5a, middle, middle + 40));
    expect(await flagged(path, { audio: false })).toEqual(['damaged']);
  });

  it('a clip with an edit list has only the pictures that are shown', async () => {
    const whole = await clip('before-the-edit', 'testsrc2=s=640x360:r=24:d=5', ...X264, '-g', '24');
    const path = join(folder, 'edited.mp4');
    await runChild(ffmpeg, { args: ['-y', '-ss', '1.6', '-i', whole, '-t', '3', '-c', 'copy', path] });
    expect(await flagged(path, { audio: false })).toEqual([]);
    const looked = await look(path);
    expect(looked.ok && looked.decoded).toMatchObject({ pictures: 72, indexed: 72 });
    expect(looked.ok && looked.decoded.shown).toBeCloseTo(3, 1);
  });

  it('a clip that cannot be decoded is flagged', async () => {
    const path = await clip('nothing', FILM, ...X264, '-movflags', '+faststart');
    const bytes = await readFile(path);
    await writeFile(path, spoilt(bytes, (bytes.indexOf('mdat') + 4) / bytes.length));
    expect(await flagged(path, { audio: false })).toEqual(['damaged']);
  });

  it('a clip that is cut off is no video', async () => {
    const path = await clip('cut-off', FILM, ...X264, '-movflags', '+faststart');
    await truncate(path, Math.floor((await readFile(path)).length * 0.4));
    expect([await probeVideo(path), (await look(path)).ok]).toEqual([null, false]);
  });
});

describe('the stills of a clip', () => {
  it('the stills are the first, middle and last picture, and no other file is left behind', async () => {
    const red = 'color=red:s=1280x720:r=24:d=1';
    const source = `${red}[a];color=lime:s=1280x720:r=24:d=1[b];color=blue:s=1280x720:r=24:d=1[c];[a][b][c]concat=n=3`;
    const path = await clip('colours', source, ...X264);
    const before = new Set(await readdir(folder));
    expect((await look(path)).ok).toBe(true);
    const colours: string[] = [];
    for (const file of Object.values(STILLS())) {
      expect(imageSize(await readFile(file))).toMatchObject({ width: 640, height: 360 });
      const args = ['-v', 'error', '-i', file, '-vf', 'scale=1:1', '-f', 'rawvideo', '-pix_fmt', 'rgb24'];
      const raw = join(folder, 'pixel');
      await runChild(ffmpeg, { args: ['-y', ...args, raw] });
      const pixel = [...(await readFile(raw))];
      colours.push(['red', 'lime', 'blue'][pixel.indexOf(Math.max(...pixel))] as string);
      await rm(raw);
    }
    expect(colours).toEqual(['red', 'lime', 'blue']);
    const added = (await readdir(folder)).filter((name) => !before.has(name));
    expect(added.filter((name) => !name.startsWith('still.'))).toEqual([]);
    expect((await readdir(folder)).filter((name) => name.includes('looking'))).toEqual([]);
  });

  it('the stills stay as they were when the inspection is stopped', async () => {
    const path = await clip('stopped', FILM, ...X264);
    await look(path);
    const before = await readFile(still('middle'));
    expect(await look(path, AbortSignal.abort())).toMatchObject({ ok: false });
    expect(await readFile(still('middle'))).toEqual(before);
  });

  it('a clip is not called damaged when ffmpeg itself cannot be run', async () => {
    const path = await clip('fine', FILM, ...X264);
    const options = { clip: path, stills: STILLS(), scratch: join(folder, 'still.looking') };
    expect(await inspectClip(join(folder, 'no-such-program'), options)).toMatchObject({ ok: false });
  });
});
