import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BufferTarget,
  EncodedPacket,
  EncodedVideoPacketSource,
  MkvOutputFormat,
  MovOutputFormat,
  Mp4OutputFormat,
  Output,
  type OutputFormat,
  WebMOutputFormat,
} from 'mediabunny';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isVideo, kindWords } from '../../src/media/facts.js';
import { kindOfFile } from '../../src/media/file-kind.js';
import { probeVideo } from '../../src/media/probe.js';

/** Writes a file without an ending, which nothing may depend on. */
async function written(bytes: Uint8Array): Promise<string> {
  const path = join(tmpdir(), `kind-${process.pid}-${Math.round(performance.now() * 1000)}`);
  await writeFile(path, bytes);
  onTestFinished(() => rm(path));
  return path;
}

/** A video of three pictures in a container; its pictures are not of VP8, which only a decoder would find. */
async function video(format: OutputFormat): Promise<Buffer> {
  const target = new BufferTarget();
  const output = new Output({ format, target });
  const source = new EncodedVideoPacketSource('vp8');
  output.addVideoTrack(source);
  await output.start();
  const decoderConfig = { codec: 'vp8', codedWidth: 64, codedHeight: 36 };
  for (const index of [0, 1, 2])
    await source.add(new EncodedPacket(new Uint8Array(50), 'key', index, 1), { decoderConfig });
  await output.finalize();
  return Buffer.from(target.buffer ?? new ArrayBuffer());
}

const base64 = (text: string) => Buffer.from(text, 'base64');
const PNG = base64(
  'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAAAAAC4HznGAAAADklEQVR4nGNgAAIGMAEAABIAAZZ5VQgAAAAASUVORK5CYII=',
);
const GIF = base64('R0lGODlhAwACAIAAAAAAAP///yH5BAAAAAAALAAAAAADAAIAAAIChF8AOw==');
const JPEG = Buffer.from('ffd8ffe000104a46494600010100000100010000ffc0000b080002000301011100ffd9', 'hex');
const WEBP = Buffer.from(
  `${Buffer.from('RIFF').toString('hex')}16000000${Buffer.from('WEBPVP8X').toString('hex')}0a00000000000000020000010000`,
  'hex',
);
const ZIP = Buffer.concat([
  Buffer.from('PK\x03\x04'),
  Buffer.alloc(60),
  Buffer.from('PK\x05\x06'),
  Buffer.alloc(18),
]);

describe('a video', () => {
  it.each([
    ['mp4', new Mp4OutputFormat()],
    ['mov', new MovOutputFormat()],
    ['webm', new WebMOutputFormat()],
    ['mkv', new MkvOutputFormat()],
  ])('is known as %s by its bytes, and is none if its end is missing', async (ending, format) => {
    const bytes = await video(format);
    const path = await written(bytes);
    for (const cut of [1, 20, 90])
      expect(await probeVideo(await written(bytes.subarray(0, -cut)))).toBeNull();
    expect(kindOfFile(path)?.ending).toBe(ending);
    const facts = await probeVideo(path);
    expect(facts).toMatchObject({ width: 64, height: 36, video_codec: 'vp8' });
    expect(facts && isVideo(facts)).toBe(true);
  });
});

describe('a file that is no video', () => {
  it.each([
    ['png', PNG, { width: 3, height: 2 }, 'a PNG file'],
    ['gif', GIF, { width: 3, height: 2 }, 'a GIF file'],
    ['jpg', JPEG, { width: 3, height: 2 }, 'a JPG file'],
    ['webp', WEBP, { width: 3, height: 2 }, 'a WEBP file'],
    ['zip', ZIP, { width: 0, height: 0 }, 'a ZIP file'],
  ])('is known as %s if it is whole', async (ending, bytes, size, words) => {
    const path = await written(bytes);
    expect(kindOfFile(path)?.ending).toBe(ending);
    const facts = await probeVideo(path);
    expect(facts).toMatchObject({ ...size, duration: 0, video_codec: ending });
    expect(facts && kindWords(facts)).toBe(words);
    expect(await probeVideo(await written(bytes.subarray(0, -20)))).toBeNull();
  });

  it.each([
    ['a page', '<!doctype html><title>Not found</title>'],
    ['JSON', '{"error":"not found"}'],
    ['nothing', ''],
    ['the beginning of an MP4', '\0\0\0\x1cftypisom'],
  ])('is nothing to keep if it is %s', async (_what, text) => {
    expect(await probeVideo(await written(Buffer.from(text, 'latin1')))).toBeNull();
  });
});
