import { rename, rm, stat } from 'node:fs/promises';
import { EncodedPacketSink, type InputVideoTrack } from 'mediabunny';
import { saysDiskFull } from '../base/files.js';
import { runChild } from './child.js';
import type { DecodedFacts } from './facts.js';
import { assumedMatrix, readVideo } from './probe.js';
import { peakOf, readScan, SCAN } from './scan.js';

/** Facts found by decoding a clip, or the reason why it cannot be decoded. */
export type Inspection =
  | { readonly ok: true; readonly decoded: DecodedFacts }
  /** Reason why it cannot be decoded, a clause without a full stop. */
  | { readonly ok: false; readonly message: string };

/** Paths of the three JPEGs that are kept of a clip. */
export interface StillPaths {
  readonly first: string;
  readonly middle: string;
  readonly last: string;
}

/** Paths of a clip to inspect and of the files to write. */
export interface InspectOptions {
  /** Path of the clip. */
  readonly clip: string;
  /** Paths of the stills, in an existing folder. Each is written whole or not at all. */
  readonly stills: StillPaths;
  /** Path, without extension, of temporary files; they are removed. */
  readonly scratch: string;
  readonly signal?: AbortSignal;
}

/** Longer side of a still, pixels: a page of 500 shots holds 1,500 stills. */
const STILL_SIDE = 640;
/** JPEG quality of ffmpeg, 2 (best) to 31: about 40 kB a still. */
const QUALITY = 4;
/** Seconds before the last picture from which pictures are kept, for a clip with a damaged end. */
const TAIL = 1;
/** Nominal rate of the decoded pictures, per second. */
const EVEN_RATE = 25;
/** Samples per second: enough to distinguish sound from silence. */
const SAMPLE_RATE = 8_000;
/** Time after which ffmpeg counts as hanging, milliseconds: a minute of 4K takes a minute on a slow machine. */
const LONGEST_MS = 600_000;
/** Warning of ffmpeg about a picture that it had to repair (`FF_DECODE_ERROR`), for every codec. */
const PATCHED = /corrupt decoded frame/;

/**
 * Decodes a clip once: writes its first, middle and last picture as stills, and measures black, motion and sound.
 * `ffmpeg` is the path of the program. A bad clip or a failing program is a result; the errors of the file system are
 * thrown.
 */
export async function inspectClip(ffmpeg: string, options: InspectOptions): Promise<Inspection> {
  const { clip, stills, scratch, signal } = options;
  const track = await trackOf(clip);
  if (!track) return { ok: false, message: 'it is not a readable video' };
  const parts = {
    first: `${scratch}.first.jpg`,
    middle: `${scratch}.middle.jpg`,
    last: `${scratch}.last.jpg`,
  };
  const scan = `${scratch}.gray`;
  const sound = `${scratch}.pcm`;
  const hanging = AbortSignal.timeout(LONGEST_MS);
  try {
    const decoding = await runChild(ffmpeg, {
      args: decodeArgs(clip, { track, parts, scan, sound }),
      keepErrors: true,
      signal: signal ? AbortSignal.any([signal, hanging]) : hanging,
    });
    const scanned = await readScan(scan);
    if (!decoding.ok) {
      // ffmpeg decodes what it can of a truncated clip and fails at the end.
      const isNotTheClip = signal?.aborted || hanging.aborted || saysDiskFull(decoding.message);
      if (isNotTheClip || (scanned.pictures === 0 && (await canDecode(ffmpeg, clip)))) {
        return { ok: false, message: decoding.message };
      }
    }
    const peak = track.heard === null ? null : await peakOf(sound);
    for (const which of ['first', 'middle', 'last'] as const)
      await moveIfWritten(parts[which], stills[which]);
    const { indexed, shown, heard } = track;
    const secondsEach = shown / Math.max(indexed, 1);
    const decoded = {
      pictures: scanned.pictures,
      indexed,
      patched: PATCHED.test(decoding.output),
      shown,
      black: scanned.black * secondsEach,
      frozen: scanned.frozen * secondsEach,
      peak,
      heard,
    };
    return { ok: true, decoded };
  } finally {
    for (const path of [...Object.values(parts), scan, sound]) await rm(path, { force: true });
  }
}

/** True if ffmpeg can decode one picture of a clip, or cannot be started: then the clip is not the cause of a failure. */
async function canDecode(ffmpeg: string, clip: string): Promise<boolean> {
  const args = ['-hide_banner', '-nostdin', '-v', 'error', '-i', clip, '-map', '0:v:0', '-frames:v', '1'];
  const signal = AbortSignal.timeout(LONGEST_MS);
  const version = await runChild(ffmpeg, { args: ['-version'], signal });
  return !version.ok || (await runChild(ffmpeg, { args: [...args, '-f', 'null', '-'], signal })).ok;
}

/** Facts of the tracks that decoding needs. */
interface Track {
  readonly indexed: number;
  /** Seconds from the first picture to the end of the last. */
  readonly shown: number;
  /** Seconds from the first picture to the beginning of the last. */
  readonly last: number;
  /** Seconds from the first picture to the end of the sound; null without sound. */
  readonly heard: number | null;
  /** Colour matrix to assume; null if the clip names its own. */
  readonly matrix: string | null;
}

function trackOf(clip: string): Promise<Track | null> {
  return readVideo(clip, async (input) => {
    const track = await input.getPrimaryVideoTrack();
    if (!track) return null;
    const pictures = await presentedIn(track);
    if (!pictures) return null;
    const { start, last, indexed } = pictures;
    const sound = await input.getPrimaryAudioTrack();
    const heard = sound && (await sound.computeDuration()) - start;
    const shown = (await track.computeDuration()) - start;
    return { indexed, shown, last: last - start, heard, matrix: await assumedMatrix(track) };
  });
}

/** Times and number of the pictures that are shown. Those before time 0 are hidden by an edit list. */
async function presentedIn(
  track: InputVideoTrack,
): Promise<{ readonly start: number; readonly last: number; readonly indexed: number } | null> {
  const times: number[] = [];
  const packets = new EncodedPacketSink(track).packets(undefined, undefined, { metadataOnly: true });
  // A rounded time may be just before 0.
  for await (const { timestamp } of packets) if (timestamp >= -0.001) times.push(timestamp);
  if (times.length === 0) return null;
  const start = times.reduce((one, other) => Math.min(one, other));
  const last = times.reduce((one, other) => Math.max(one, other));
  return { start, last, indexed: times.length };
}

function decodeArgs(
  clip: string,
  options: {
    readonly track: Track;
    readonly parts: StillPaths;
    readonly scan: string;
    readonly sound: string;
  },
): string[] {
  const { track, parts, scan, sound } = options;
  const fit = `min(1\\,${STILL_SIDE}/max(iw\\,ih))`;
  const from = track.matrix ? `:in_color_matrix=${track.matrix}` : '';
  // JPEG uses BT.601 in full range.
  const still = [
    `scale=w=max(2\\,trunc(iw*${fit}/2)*2):h=max(2\\,trunc(ih*${fit}/2)*2):flags=area${from}`,
    'format=yuvj420p',
  ];
  // With the same rate for input and output, ffmpeg drops and doubles no picture.
  const even = `setpts=N/${EVEN_RATE}/TB`;
  const rate = ['-r', String(EVEN_RATE)];
  const pick = (when: string, name: string) => `${[`select=${when}`, even, ...still].join(',')}[${name}]`;
  const graph = [
    '[0:v:0]setpts=PTS-STARTPTS,split=4[a][b][c][d]',
    `[a]${pick('eq(n\\,0)', 'first')}`,
    `[b]${pick(`gte(t\\,${(track.last / 2 - 0.001).toFixed(6)})`, 'middle')}`,
    `[c]${pick(`gte(t\\,${(track.last - TAIL).toFixed(6)})`, 'last')}`,
    `[d]scale=${SCAN.width}:${SCAN.height}:flags=area,format=gray,${even}[scan]`,
  ];
  const jpeg = [...rate, '-c:v', 'mjpeg', '-q:v', String(QUALITY), '-f', 'image2', '-update', '1'];
  const input = ['-hide_banner', '-nostdin', '-v', 'warning', '-y', '-i', clip];
  const first = ['-map', '[first]', '-frames:v', '1', ...jpeg, parts.first];
  const middle = ['-map', '[middle]', '-frames:v', '1', ...jpeg, parts.middle];
  // Each picture overwrites the one before: the last that could be decoded remains.
  const last = ['-map', '[last]', ...jpeg, parts.last];
  const raw = ['-map', '[scan]', ...rate, '-c:v', 'rawvideo', '-f', 'rawvideo', scan];
  const samples = ['-map', '0:a:0', '-ac', '1', '-ar', String(SAMPLE_RATE), '-f', 's16le', sound];
  const outputs = [...first, ...middle, ...last, ...raw, ...(track.heard === null ? [] : samples)];
  return [...input, '-filter_complex', graph.join(';'), ...outputs];
}

/** Moves a still that was written whole to its path; a damaged clip may lack one. */
async function moveIfWritten(from: string, to: string): Promise<void> {
  const there = await stat(from).catch(() => null);
  if (there && there.size > 0) await rename(from, to);
}
