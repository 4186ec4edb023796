import { appendFile, copyFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runChild } from '../../src/media/child.js';
import { findFfmpeg } from '../../src/media/ffmpeg.js';
import { probeVideo } from '../../src/media/probe.js';

let folder = '';
let ffmpeg = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shotlist-cut-'));
  const found = await findFfmpeg();
  if (!found.ok) throw new Error(found.message);
  ffmpeg = found.ffmpeg.path;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Two seconds of ffmpeg's test picture with a tone. */
async function clip(name: string, ...args: readonly string[]): Promise<string> {
  const path = join(folder, name);
  const tone = ['-f', 'lavfi', '-i', 'sine=duration=2'];
  const source = ['-f', 'lavfi', '-i', 'testsrc2=duration=2:size=320x180:rate=24', ...tone];
  const codec = name.endsWith('webm') ? [] : ['-c:v', 'libx264', '-preset', 'ultrafast'];
  const made = await runChild(ffmpeg, { args: ['-v', 'error', '-y', ...source, ...codec, ...args, path] });
  if (!made.ok) throw new Error(made.message);
  return path;
}

const KINDS: readonly (readonly [string, string, readonly string[]])[] = [
  ['with its index at the end', 'end.mp4', []],
  ['with its index at the beginning', 'begin.mp4', ['-movflags', '+faststart']],
  ['in fragments', 'fragments.mp4', ['-movflags', '+frag_keyframe+empty_moov', '-g', '6']],
  ['of QuickTime', 'quick.mov', ['-movflags', '+faststart']],
];

/** Header of a box; `length` bytes with the header. */
function header(length: number, type: string): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(length);
  bytes.write(type, 4, 'latin1');
  return bytes;
}

describe('an MP4 or MOV', () => {
  it.each(KINDS)('%s is whole with its last byte and no video without its end', async (_what, name, args) => {
    const path = await clip(name, ...args);
    expect(await probeVideo(path)).toMatchObject({ width: 320, video_codec: 'avc' });
    const { length } = await readFile(path);
    for (const left of [0.99, 0.5, 0.2]) {
      const cut = join(folder, `cut-${name}`);
      await copyFile(path, cut);
      await truncate(cut, Math.floor(length * left));
      expect(await probeVideo(cut)).toBeNull();
    }
  });

  it.each([
    ['boxes that nobody knows', Buffer.concat([header(12, 'uuid'), Buffer.alloc(4), header(8, 'free')])],
    ['a box that goes to the end', Buffer.concat([header(0, 'free'), Buffer.alloc(99)])],
    ['a few zeros', Buffer.alloc(4)],
    ['many zeros', Buffer.alloc(4096)],
  ])('an MP4 with %s behind it is whole', async (_what, tail) => {
    const path = await clip('tail.mp4');
    await appendFile(path, tail);
    expect(await probeVideo(path)).not.toBeNull();
  });

  it('an MP4 whose pictures reach the end of the file, with 64-bit lengths, is read to its end', async () => {
    const bytes = await readFile(await clip('begin.mp4', '-movflags', '+faststart'));
    const at = bytes.indexOf('mdat') - 4;
    const path = join(folder, 'open.mp4');
    await writeFile(path, Buffer.concat([bytes.subarray(0, at), header(0, 'mdat'), bytes.subarray(at + 8)]));
    expect(await probeVideo(path)).not.toBeNull();
    await truncate(path, Math.floor(bytes.length / 2));
    expect(await probeVideo(path)).toBeNull();
    const long = Buffer.alloc(16);
    header(1, 'free').copy(long);
    long.writeBigUInt64BE(16n, 8);
    await writeFile(path, Buffer.concat([bytes, long]));
    expect(await probeVideo(path)).not.toBeNull();
    long.writeBigUInt64BE(17n, 8);
    await writeFile(path, Buffer.concat([bytes, long]));
    expect(await probeVideo(path)).toBeNull();
  });

  it('a WebM is not checked for its end', async () => {
    expect(
      await probeVideo(await clip('whole.webm', '-deadline', 'realtime', '-cpu-used', '8')),
    ).toMatchObject({ width: 320 });
  });
});
