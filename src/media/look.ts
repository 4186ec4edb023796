import { rename, rm, stat } from 'node:fs/promises';
import { EncodedPacketSink, type InputVideoTrack } from 'mediabunny';
import { saysFull } from '../base/files.js';
import { runChild } from './child.js';
import { readVideo } from './probe.js';
import { peakOf, readScan } from './read-scan.js';
import { SCAN } from './scan.js';
import type { Sight } from './sight.js';

export type Look =
  | { readonly ok: true; readonly sight: Sight }
  /** Why it cannot be decoded, in words without an end. */
  | { readonly ok: false; readonly message: string };

/** Paths of the JPEGs that are kept of a clip. */
export interface StillPaths {
  readonly first: string;
  readonly middle: string;
  readonly last: string;
}

export interface LookOptions {
  /** Path of the clip. */
  readonly clip: string;
  /** Where its stills are put; the folder exists. Each is there whole or not at all. */
  readonly stills: StillPaths;
  /** Path of files that may be written and are removed again, without their ending. */
  readonly scratch: string;
  readonly signal?: AbortSignal;
}

/** The longer side of a still, pixels: a page of 500 shots holds 1,500 of them. */
const STILL = 640;
/** ffmpeg's JPEG quality, of 2 to 31: some 40 kB a still. */
const QUALITY = 4;
/** How much before the last picture decoding is kept, seconds, for a clip whose end is damaged. */
const TAIL = 1;
/** Pictures a second that are pretended. */
const EVEN = 25;
/** Samples a second: enough to tell sound from silence. */
const RATE = 8_000;
/** A minute of 4K takes a minute on a slow machine; what takes this long hangs. */
const LONGEST_MS = 600_000;
/** How ffmpeg warns of a picture that it had to mend (`FF_DECODE_ERROR`), whatever the coder. */
const PATCHED = /corrupt decoded frame/;

/**
 * Decodes a clip once: takes its first, middle and last picture as stills, and finds out whether it is black, frozen or
 * silent. `ffmpeg` is the program's path. Never throws for a bad clip or a program that fails; throws the file system's
 * own errors.
 */
export async function lookAt(ffmpeg: string, options: LookOptions): Promise<Look> {
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
    const decoded = await runChild(ffmpeg, {
      args: decodeArgs(clip, { track, parts, scan, sound }),
      keepErrors: true,
      signal: signal ? AbortSignal.any([signal, hanging]) : hanging,
    });
    const seen = await readScan(scan);
    if (!decoded.ok) {
      // Of a clip that is cut off, ffmpeg does what it can and fails at the end.
      const isOurs = signal?.aborted || hanging.aborted || saysFull(decoded.message);
      if (isOurs || (seen.pictures === 0 && (await canDecode(ffmpeg, clip)))) {
        return { ok: false, message: decoded.message };
      }
    }
    const peak = track.heard === null ? null : await peakOf(sound);
    for (const which of ['first', 'middle', 'last'] as const) await put(parts[which], stills[which]);
    const each = track.shown / Math.max(track.indexed, 1);
    const { pictures, black, frozen } = seen;
    const { indexed, shown, heard } = track;
    const sight = { pictures, indexed, patched: PATCHED.test(decoded.output), shown, peak, heard };
    return { ok: true, sight: { ...sight, black: black * each, frozen: frozen * each } };
  } finally {
    for (const path of [...Object.values(parts), scan, sound]) await rm(path, { force: true });
  }
}

/** Whether ffmpeg gets one picture out of a clip, written nowhere: then what failed was not the clip. */
async function canDecode(ffmpeg: string, clip: string): Promise<boolean> {
  const args = ['-hide_banner', '-nostdin', '-v', 'error', '-i', clip, '-map', '0:v:0', '-frames:v', '1'];
  const signal = AbortSignal.timeout(LONGEST_MS);
  // That it could not be started is nothing about the clip either.
  const version = await runChild(ffmpeg, { args: ['-version'], signal });
  return !version.ok || (await runChild(ffmpeg, { args: [...args, '-f', 'null', '-'], signal })).ok;
}

interface Track {
  readonly indexed: number;
  /** Seconds. */
  readonly shown: number;
  /** Seconds from the first picture to the one shown last. */
  readonly last: number;
  /** Seconds from the first picture to the end of the sound; null without sound. */
  readonly heard: number | null;
  /** The matrix to read its colours by, where the clip does not say. */
  readonly matrix: string | null;
}

function trackOf(clip: string): Promise<Track | null> {
  return readVideo(clip, async (input) => {
    const track = await input.getPrimaryVideoTrack();
    if (!track) return null;
    const pictures = await presentedIn(track);
    if (!pictures) return null;
    const { start, last, indexed } = pictures;
    const { matrix } = await track.getColorSpace();
    // Players read HD that does not say as BT.709; ffmpeg would not.
    const isHd = Math.min(await track.getDisplayWidth(), await track.getDisplayHeight()) >= 720;
    const sound = await input.getPrimaryAudioTrack();
    const heard = sound && (await sound.computeDuration()) - start;
    const shown = (await track.computeDuration()) - start;
    return { indexed, shown, last: last - start, heard, matrix: !matrix && isHd ? 'bt709' : null };
  });
}

/** The pictures that are shown: those before the time 0 are there for others to be decoded, as an edit list has it. */
async function presentedIn(
  track: InputVideoTrack,
): Promise<{ readonly start: number; readonly last: number; readonly indexed: number } | null> {
  const times: number[] = [];
  const packets = new EncodedPacketSink(track).packets(undefined, undefined, { metadataOnly: true });
  // A rounding error is not before the beginning.
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
  const fit = `min(1\\,${STILL}/max(iw\\,ih))`;
  const from = track.matrix ? `:in_color_matrix=${track.matrix}` : '';
  // JPEG is BT.601 in full range, whatever the clip is.
  const still = [
    `scale=w=max(2\\,trunc(iw*${fit}/2)*2):h=max(2\\,trunc(ih*${fit}/2)*2):flags=area${from}`,
    'format=yuvj420p',
  ];
  // At one rate in and out, nothing is dropped or doubled, whatever the clip's own rate is or how uneven.
  const even = `setpts=N/${EVEN}/TB`;
  const rate = ['-r', String(EVEN)];
  const pick = (when: string, name: string) => `${[`select=${when}`, even, ...still].join(',')}[${name}]`;
  const graph = [
    '[0:v:0]setpts=PTS-STARTPTS,split=4[a][b][c][d]',
    `[a]${pick('eq(n\\,0)', 'first')}`,
    `[b]${pick(`gte(t\\,${(track.last / 2 - 0.001).toFixed(6)})`, 'middle')}`,
    `[c]${pick(`gte(t\\,${(track.last - TAIL).toFixed(6)})`, 'last')}`,
    `[d]scale=${SCAN.width}:${SCAN.height}:flags=area,format=gray,${even}[scan]`,
  ];
  const jpeg = [...rate, '-c:v', 'mjpeg', '-q:v', String(QUALITY), '-f', 'image2', '-update', '1'];
  return [
    ...['-hide_banner', '-nostdin', '-v', 'warning', '-y', '-i', clip, '-filter_complex', graph.join(';')],
    ...['-map', '[first]', '-frames:v', '1', ...jpeg, parts.first],
    ...['-map', '[middle]', '-frames:v', '1', ...jpeg, parts.middle],
    // Each is written over the one before: what stays is the last that could be decoded.
    ...['-map', '[last]', ...jpeg, parts.last],
    ...['-map', '[scan]', ...rate, '-c:v', 'rawvideo', '-f', 'rawvideo', scan],
    ...(track.heard !== null ? ['-map', '0:a:0', '-ac', '1', '-ar', String(RATE), '-f', 's16le', sound] : []),
  ];
}

/** A still that was written whole takes its place; of a damaged clip one may be missing. */
async function put(from: string, to: string): Promise<void> {
  const there = await stat(from).catch(() => null);
  if (there && there.size > 0) await rename(from, to);
}
