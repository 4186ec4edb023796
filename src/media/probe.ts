import { closeSync, fstatSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import {
  CustomSource,
  EncodedPacketSink,
  Input,
  type InputVideoTrack,
  Logging,
  LogLevel,
  MATROSKA,
  MP4,
  QTFF,
  WEBM,
} from 'mediabunny';
import { readImageFacts } from '../base/image-facts.js';
import type { MediaFacts } from './facts.js';
import { kindOfFile } from './file-kind.js';

// Problems with a clip are reported by the caller.
Logging.level = LogLevel.Silent;

/** Facts of a clip and its number of pictures. */
export interface ClipCount {
  readonly facts: MediaFacts;
  readonly frames: number;
}

/**
 * Facts of the file at `path`, mostly from its index; null for a file that is missing, truncated or of no known kind. A
 * file of another kind than video has a length of 0.
 */
export async function probeVideo(path: string): Promise<MediaFacts | null> {
  return (await countFrames(path))?.facts ?? probeOther(path);
}

/** Facts of a whole file that is no video which can be read here, such as a picture; null for any other file. */
function probeOther(path: string): MediaFacts | null {
  try {
    const kind = kindOfFile(path);
    if (!kind?.isWhole || statSync(path).size > LARGEST_OTHER) return null;
    const bytes = readFileSync(path);
    if (!kind.isWhole(bytes) || isTruncated(path)) return null;
    const { width, height } = kind.isPicture ? readImageFacts(bytes) : { width: 0, height: 0 };
    return { duration: 0, width, height, frame_rate: 0, video_codec: kind.ending, audio: null };
  } catch {
    return null;
  }
}

/** A picture or an archive is read whole; a larger one is not. Our choice, bytes. */
const LARGEST_OTHER = 512 * 1024 ** 2;

/** Facts as from `probeVideo`, with the number of pictures. */
function countFrames(path: string): Promise<ClipCount | null> {
  return readVideo(path, readFacts);
}

/** Opens the video at `path` for a reader; null for a file that is missing, truncated or not a video. */
export async function readVideo<T>(
  path: string,
  read: (input: Input) => Promise<T | null>,
): Promise<T | null> {
  let failed = false;
  const source = fileSource(path, () => {
    failed = true;
  });
  if (!source) return null;
  const input = new Input({ source, formats: [MP4, QTFF, WEBM, MATROSKA] });
  try {
    const found = await read(input);
    return failed ? null : found;
  } catch {
    // Every error of the parser means that the bytes are not a video.
    return null;
  } finally {
    input.dispose();
  }
}

/**
 * Colour matrix to assume of a track that names none; null if it names one. Players assume BT.709 for HD. ffmpeg does
 * not, and each clip that is chained to another would shift the colours further.
 */
export async function assumedMatrix(track: InputVideoTrack): Promise<string | null> {
  const { matrix } = await track.getColorSpace();
  const isHd = Math.min(await track.getDisplayWidth(), await track.getDisplayHeight()) >= 720;
  return !matrix && isHd ? 'bt709' : null;
}

/** Bytes of a file that is not truncated, else null. Read synchronously: an index is a few small pieces. */
function fileSource(path: string, handleUnhandledError: () => void): CustomSource | null {
  try {
    if (isTruncated(path)) return null;
    const file = openSync(path, 'r');
    return new CustomSource({
      getSize: () => fstatSync(file).size,
      read: (start, end) => {
        const bytes = Buffer.allocUnsafeSlow(end - start);
        return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, start));
      },
      dispose: () => closeSync(file),
      prefetchProfile: 'fileSystem',
      handleUnhandledError,
    });
  } catch {
    return null;
  }
}

async function readFacts(input: Input): Promise<ClipCount | null> {
  const video = await input.getPrimaryVideoTrack();
  if (!video) return null;
  const [duration, packets, audio] = await Promise.all([
    input.computeDuration(),
    video.computePacketStats(),
    input.getPrimaryAudioTrack(),
  ]);
  // A truncated file may have a header without pictures.
  if (packets.packetCount === 0 || !(duration > 0)) return null;
  // The index may name pictures whose bytes are missing: then the last one cannot be read.
  const last = await new EncodedPacketSink(video).getPacket(Number.POSITIVE_INFINITY);
  if (last === null) return null;
  const facts: MediaFacts = {
    duration: round(duration, 3),
    width: await video.getDisplayWidth(),
    height: await video.getDisplayHeight(),
    frame_rate: round(packets.averagePacketRate, 3),
    video_codec: (await video.getCodec()) ?? 'unknown',
    audio: audio && {
      codec: (await audio.getCodec()) ?? 'unknown',
      channels: await audio.getNumberOfChannels(),
      sample_rate: await audio.getSampleRate(),
    },
  };
  return { facts, frames: packets.packetCount };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** Types of the first box of an MP4 or MOV (ISO/IEC 14496-12; QuickTime File Format). */
const FIRST_BOXES: ReadonlySet<string> = new Set(['ftyp', 'moov', 'mdat', 'wide', 'free', 'skip', 'pnot']);
/** Most boxes that are read: an hour in fragments of one picture each has fewer. */
const MOST_BOXES = 200_000;

interface Box {
  readonly type: string;
  /** Bytes with the header; Infinity for a box that ends with the file. */
  readonly length: number;
}

/** Id of the element that holds a whole WebM or Matroska file (RFC 9559, 5.1). */
const SEGMENT = 0x18538067;

/** True for a WebM or Matroska file whose segment runs past its end. A file that is still being written names no length. */
function lacksSegmentEnd(file: number, size: number): boolean {
  const head = Buffer.alloc(200);
  const bytes = head.subarray(0, readSync(file, head, 0, head.length, 0));
  const first = ebmlSize(bytes, 4);
  const at = first ? first.end + first.size : bytes.length;
  if (!first || at + 12 > bytes.length || bytes.readUInt32BE(at) !== SEGMENT) return false;
  const segment = ebmlSize(bytes, at + 4);
  return segment !== null && segment.end + segment.size > size;
}

/** Size of an EBML element, and the place after it (RFC 8794, 4); null for one of unknown size. */
function ebmlSize(bytes: Buffer, at: number): { readonly size: number; readonly end: number } | null {
  const length = Math.clz32(bytes[at] ?? 0) - 23;
  if (length > 8 || at + length > bytes.length) return null;
  let size = (bytes[at] ?? 0) & (0xff >> length);
  let isUnknown = size === 0xff >> length;
  for (const byte of bytes.subarray(at + 1, at + length)) {
    size = size * 256 + byte;
    isUnknown &&= byte === 0xff;
  }
  return isUnknown ? null : { size, end: at + length };
}

/**
 * True for a file that is truncated: a box of an MP4 or MOV, or the segment of a WebM, runs past the end of the file, or the
 * pictures of the index are missing. False for any other file. The index alone does not tell: it may be at the beginning and
 * name pictures that are missing. Reads a few bytes of each top-level box. Throws the error of the file system.
 */
function isTruncated(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    return lacksEnd(file, size) || lacksSegmentEnd(file, size);
  } finally {
    closeSync(file);
  }
}

function lacksEnd(file: number, size: number): boolean {
  const seen = new Set<string>();
  let last = '';
  let at = 0;
  for (let count = 0; at < size; count += 1) {
    const box = count < MOST_BOXES ? boxAt(file, at) : 'half a header';
    if (count === 0 && (typeof box === 'string' || !FIRST_BOXES.has(box.type))) return false;
    if (box === 'padding') break;
    if (box === 'half a header') return true;
    seen.add(box.type);
    if (box.type === 'moof' || box.type === 'mdat') last = box.type;
    if (box.length === Number.POSITIVE_INFINITY) break;
    at += box.length;
    if (at > size) return true;
  }
  return seen.has('moov') && (!seen.has('mdat') || last === 'moof');
}

/** Box that begins at a position; `padding` if only zeros, or no box, follow. */
function boxAt(file: number, at: number): Box | 'padding' | 'half a header' {
  const buffer = Buffer.alloc(16);
  const head = buffer.subarray(0, readSync(file, buffer, 0, 16, at));
  // Some programs end a file with a few zeros.
  if (head.every((byte) => byte === 0)) return 'padding';
  if (head.length < 8) return 'half a header';
  const type = head.toString('latin1', 4, 8);
  const length = head.readUInt32BE(0);
  if (length === 0) return { type, length: Number.POSITIVE_INFINITY };
  // A length of 1 means that a length of 64 bits follows the type.
  if (length !== 1) return length < 8 ? 'padding' : { type, length };
  if (head.length < 16) return 'half a header';
  const long = Number(head.readBigUInt64BE(8));
  return long < 16 ? 'padding' : { type, length: long };
}

/** Properties that a rendered clip must have. */
export interface ExpectedClip {
  readonly width: number;
  readonly height: number;
  /** Exact number of pictures. */
  readonly frames: number;
  /** Pictures per second. */
  readonly frameRate: number;
  readonly audio: boolean;
}

/**
 * Difference between a rendered clip and the expected one, in words; null for none. An exit code of 0 is no proof:
 * ffmpeg also exits with 0 if the disk is full at the last write, or a filter has no input.
 */
export async function checkClip(path: string, expected: ExpectedClip): Promise<string | null> {
  const clip = await countFrames(path);
  if (!clip) return 'what was written is not a readable video';
  const { facts, frames } = clip;
  if (frames !== expected.frames) return `it has ${frames} frames instead of ${expected.frames}`;
  if (facts.width !== expected.width || facts.height !== expected.height) {
    return `it is ${facts.width}×${facts.height} instead of ${expected.width}×${expected.height}`;
  }
  const seconds = expected.frames / expected.frameRate;
  // AAC has blocks of 1,024 samples and a lead-in: sound may be longer by a few hundredths of a second.
  if (Math.abs(facts.duration - seconds) > 0.1) return `it lasts ${facts.duration} s instead of ${seconds} s`;
  if (expected.audio !== (facts.audio !== null))
    return expected.audio ? 'it has no sound' : 'it has sound, unasked';
  return null;
}
