import { type FileHandle, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runChild } from '../../media/child.js';
import type { Ffmpeg } from '../../media/ffmpeg.js';
import { type FrameRate, secondsAt } from '../../media/frame-rate.js';
import { type FilmClip, type FilmItem, framesOf, placeItems } from './film.js';
import { FFMPEG_START } from './film-job.js';

/** Sample rate in hertz; the usual one for video. */
export const SAMPLE_RATE = 48_000;
const CHANNELS = 2;

/** Format of raw sound files: 32-bit floats, so that nothing clips before levelling. */
export const RAW = ['-f', 'f32le', '-ar', String(SAMPLE_RATE), '-ac', String(CHANNELS)] as const;

/** Samples before a frame of the film. */
export function samplesAt(frame: number, rate: FrameRate): number {
  return Math.round(secondsAt(frame, rate) * SAMPLE_RATE);
}

/** Filters that give a sound an exact length: they add silence, or cut it. */
export function exactLength(samples: number): readonly string[] {
  return [`aresample=${SAMPLE_RATE}`, `apad=whole_len=${samples}`, `atrim=end_sample=${samples}`];
}

/** True for a clip with sound. */
export function hasSound(item: FilmItem): boolean {
  return item.kind === 'clip' && item.pictures.soundLead !== null;
}

/** Options of the sound of the clips. */
interface SoundOptions {
  readonly ffmpeg: Ffmpeg;
  readonly rate: FrameRate;
  /** Absolute path of the folder to work in. */
  readonly folder: string;
  /** Absolute path of the raw file to write. */
  readonly to: string;
  readonly signal: AbortSignal;
  /** Called after each item. */
  readonly onClip: () => void;
}

/**
 * Writes the sound of the clips, exact to a sample. The sound of a clip starts with its first used frame and ends with its
 * last; without sound there is silence. Crossfades keep the power. Returns null, or the clip that cannot be read with the
 * reason. Throws errors of the file system.
 */
export async function writeSound(
  items: readonly FilmItem[],
  options: SoundOptions,
): Promise<{ readonly name: string; readonly message: string } | null> {
  const { rate, to, onClip } = options;
  const file = await open(to, 'w');
  try {
    // Sound that is not written yet, because the next clip may fade in over it.
    let pending: { at: number; samples: Float32Array } = { at: 0, samples: new Float32Array(0) };
    const read = readAhead(placeItems(items), ({ item, at }, index) => {
      const start = samplesAt(at, rate);
      const count = samplesAt(at + framesOf(item), rate) - start;
      return readSound(item, { ...options, count, raw: `clip-${index}.f32` }).then((sound) => ({
        item,
        start,
        sound,
      }));
    });
    for await (const { item, start, sound } of read) {
      if (!(sound instanceof Float32Array)) return { name: item.name, ...sound };
      const whole = pending.samples.subarray(0, (start - pending.at) * CHANNELS);
      await writeAll(file, whole);
      crossfade(pending.samples.subarray(whole.length), sound);
      pending = { at: start, samples: sound };
      onClip();
    }
    await writeAll(file, pending.samples);
    return null;
  } finally {
    await file.close();
  }
}

/** Number of clips read together: starting a process takes longer than reading a clip. */
const AHEAD = 3;

/** Reads a few items at a time; yields the results in order. */
async function* readAhead<Item, Result>(
  items: readonly Item[],
  read: (item: Item, index: number) => Promise<Result>,
): AsyncGenerator<Result> {
  const underWay: Promise<Result>[] = [];
  try {
    for (const [index, item] of items.entries()) {
      underWay.push(read(item, index));
      const [first] = underWay;
      if (!first || underWay.length < AHEAD) continue;
      underWay.shift();
      yield await first;
    }
    for (let first = underWay.shift(); first; first = underWay.shift()) yield await first;
  } finally {
    // The caller removes the folder next, so every started read must end first.
    await Promise.allSettled(underWay);
  }
}

/** Mixes the end of one sound into the start of the next, in place. */
function crossfade(from: Float32Array, to: Float32Array): void {
  const frames = from.length / CHANNELS;
  for (let index = 0; index < from.length; index++) {
    const angle = (Math.floor(index / CHANNELS) / frames) * (Math.PI / 2);
    to[index] = (from[index] ?? 0) * Math.cos(angle) + (to[index] ?? 0) * Math.sin(angle);
  }
}

/** Reads `count` samples of an item's sound. */
async function readSound(
  item: FilmItem,
  {
    ffmpeg,
    rate,
    folder,
    signal,
    count,
    raw,
  }: SoundOptions & { readonly count: number; readonly raw: string },
): Promise<Float32Array | { readonly message: string }> {
  if (item.kind === 'card' || item.pictures.soundLead === null) return new Float32Array(count * CHANNELS);
  const { ok, message } = await runChild(ffmpeg.path, {
    args: [...readArgs(item, { count, rate }), raw],
    cwd: folder,
    signal,
  });
  if (!ok) return { message };
  const bytes = await readFile(join(folder, raw));
  await rm(join(folder, raw), { force: true });
  if (bytes.length !== count * CHANNELS * 4) return { message: 'its sound cannot be read to its end' };
  return new Float32Array(Uint8Array.from(bytes).buffer);
}

/** Arguments of ffmpeg that read the sound from the first used frame on; gaps become silence. */
function readArgs(
  { path, pictures, from }: FilmClip,
  { count, rate }: { readonly count: number; readonly rate: FrameRate },
): readonly string[] {
  const first = Math.round(((pictures.soundLead ?? 0) + secondsAt(from, rate)) * SAMPLE_RATE);
  const filters = [
    `aresample=${SAMPLE_RATE}:async=1:first_pts=0`,
    'aformat=sample_fmts=flt:channel_layouts=stereo',
    `atrim=start_sample=${first}`,
    'asetpts=N/SR/TB',
    ...exactLength(count),
  ];
  const output = ['-map', '0:a:0', '-vn', '-af', filters.join(','), ...RAW];
  return [...FFMPEG_START, '-i', path, ...output];
}

/** Writes all samples; one call may write only a part. */
async function writeAll(file: FileHandle, samples: Float32Array): Promise<void> {
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  for (let done = 0; done < bytes.length; ) done += (await file.write(bytes, done)).bytesWritten;
}
