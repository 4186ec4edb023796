import { mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { renderWith } from '../../src/emulator/render.js';
import type { AnimaticShot } from '../../src/emulator/shot.js';
import { runChild } from '../../src/media/child.js';
import { type Ffmpeg, type FfmpegPlaces, findFfmpeg } from '../../src/media/ffmpeg.js';
import { placeFonts } from '../../src/media/fonts.js';
import { checkClip, probeVideo } from '../../src/media/probe.js';
import { temporaryFolder } from './rig.js';

let ffmpeg: Ffmpeg;
beforeAll(async () => {
  const found = await findFfmpeg();
  if (!found.ok) throw new Error(found.message);
  ffmpeg = found.ffmpeg;
});

/** A folder as the emulator makes it, with one plain picture in it. */
async function studio(size: string): Promise<string> {
  const folder = await temporaryFolder();
  await placeFonts(folder);
  await mkdir(join(folder, 'pictures'));
  const source = [
    '-f',
    'lavfi',
    '-i',
    `color=c=teal:s=${size}`,
    '-frames:v',
    '1',
    join(folder, 'pictures/a.png'),
  ];
  const drawn = await runChild(ffmpeg.path, { args: ['-v', 'error', ...source] });
  if (!drawn.ok) throw new Error(drawn.message);
  return folder;
}

const never = new AbortController().signal;

const remote = { kind: 'remote', url: 'https://boards.example/cliff.png' } as const;
const silent: AnimaticShot = {
  model: 'kling-o1/standard',
  seconds: 3,
  segments: [{ prompt: "It's 100% {\\fs400}: literal, 'quoted' and [bracketed]; C:\\boards", seconds: 3 }],
  audio: false,
  start: remote,
  end: null,
};

/** Places of ffmpegs whose versions differ: that of the npm package is 7.0, that of Debian 12 is 5.1. */
const PLACES: Readonly<Record<string, FfmpegPlaces>> = {
  'the npm package': { env: { PATH: '' } },
  'the PATH': {
    env: { PATH: process.env.PATH },
    resolve: () => {
      throw new Error('only the PATH counts');
    },
  },
};

describe('an animatic', () => {
  it('an animatic of a portrait board with segments and sound is exactly what was asked for', async () => {
    const folder = await studio('180x320');
    const shot: AnimaticShot = {
      ...silent,
      seconds: 6,
      segments: [
        { prompt: 'She walks', seconds: 3 },
        { prompt: 'Waves', seconds: 3 },
      ],
      audio: true,
      start: { kind: 'stored', file: 'pictures/a.png', width: 180, height: 320 },
      end: remote,
    };
    expect(await renderWith(ffmpeg)(shot, { folder, to: 'clips/a.mp4', signal: never })).toEqual({
      ok: true,
    });
    const clip = join(folder, 'clips/a.mp4');
    expect(await probeVideo(clip)).toEqual({
      duration: 6,
      width: 720,
      height: 1280,
      frame_rate: 24,
      video_codec: 'avc',
      audio: { codec: 'aac', channels: 2, sample_rate: 48_000 },
    });
    // The index stands before the pictures, so that a player can begin before it has all.
    const bytes = await readFile(clip);
    expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'));
    expect(await readdir(join(folder, 'work'))).toEqual([]);
  });

  it('an animatic of a link is a silent slate, whatever the prompt says', async () => {
    const folder = await studio('16x16');
    expect(await renderWith(ffmpeg)(silent, { folder, to: 'clips/a.mp4', signal: never })).toEqual({
      ok: true,
    });
    const facts = await probeVideo(join(folder, 'clips/a.mp4'));
    expect(facts).toMatchObject({ duration: 3, width: 1280, height: 720, audio: null });
  });

  it.for(Object.entries(PLACES))(
    'an animatic of a link with sound that turns into a board is made by the ffmpeg of %s',
    async ([_place, places], { skip }) => {
      const found = await findFfmpeg(places);
      if (!found.ok) return skip(found.message);
      const folder = await studio('64x64');
      const end = { kind: 'stored', file: 'pictures/a.png', width: 64, height: 64 } as const;
      const render = renderWith(found.ffmpeg);
      const shot: AnimaticShot = { ...silent, audio: true, end };
      expect(await render(shot, { folder, to: 'clips/a.mp4', signal: never })).toEqual({ ok: true });
      const facts = await probeVideo(join(folder, 'clips/a.mp4'));
      expect(facts).toMatchObject({ duration: 3, audio: { codec: 'aac', sample_rate: 48_000 } });
    },
  );

  it('an animatic of a broken board fails with a reason and leaves no file behind', async () => {
    const folder = await studio('64x64');
    await truncate(join(folder, 'pictures/a.png'), 20);
    const shot: AnimaticShot = {
      ...silent,
      start: { kind: 'stored', file: 'pictures/a.png', width: 64, height: 64 },
    };
    const result = await renderWith(ffmpeg)(shot, { folder, to: 'clips/a.mp4', signal: never });
    expect(result).toEqual({
      ok: false,
      message: expect.stringMatching(/^The animatic could not be rendered: /),
    });
    expect(await readdir(join(folder, 'work'))).toEqual([]);
  });

  it('an animatic is refused by an ffmpeg that cannot make one', async () => {
    const render = renderWith({ ...ffmpeg, encoders: new Set() });
    expect(await render(silent, { folder: '/', to: 'a.mp4', signal: never })).toMatchObject({
      ok: false,
      message: expect.stringContaining('cannot write H.264'),
    });
  });
});

describe('a probe', () => {
  it('a probe finds no video in a file that is none', async () => {
    const folder = await studio('64x64');
    const clip = join(folder, 'a.mp4');
    expect(await probeVideo(clip)).toBeNull();
    expect(await probeVideo(folder)).toBeNull();
    for (const bytes of [
      '',
      'not a video',
      Buffer.alloc(10_000, 255),
      Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0mp42'),
    ]) {
      await writeFile(clip, bytes);
      expect(await probeVideo(clip)).toBeNull();
    }
  });

  it('a probe finds a picture to have no length', async () => {
    const folder = await studio('64x64');
    expect(await probeVideo(join(folder, 'pictures/a.png'))).toMatchObject({
      duration: 0,
      width: 64,
      height: 64,
    });
  });

  it('a check names what is wrong with a clip', async () => {
    const folder = await studio('64x64');
    const clip = join(folder, 'a.mp4');
    const args = ['-v', 'error', '-f', 'lavfi', '-i', 'color=s=64x64:r=24', '-frames:v', '24', clip];
    await runChild(ffmpeg.path, { args });
    const right = { width: 64, height: 64, frames: 24, frameRate: 24, audio: false };
    expect(await checkClip(clip, right)).toBeNull();
    expect(await checkClip(clip, { ...right, frames: 48 })).toBe('it has 24 frames instead of 48');
    expect(await checkClip(clip, { ...right, width: 32 })).toBe('it is 64×64 instead of 32×64');
    expect(await checkClip(clip, { ...right, audio: true })).toBe('it has no sound');
    await truncate(clip, 500);
    expect(await checkClip(clip, right)).toBe('what was written is not a readable video');
  });
});
