import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import {
  CustomSource,
  EncodedPacketSink,
  Input,
  Logging,
  LogLevel,
  MATROSKA,
  MP4,
  QTFF,
  WEBM,
} from 'mediabunny';
import { isCutOff } from './cut-off.js';
import type { MediaFacts } from './facts.js';

// What is wrong with a clip is told by who asked, in its own words.
Logging.level = LogLevel.Silent;

/** The facts of a clip and how many pictures it holds. */
export interface ClipCount {
  readonly facts: MediaFacts;
  readonly frames: number;
}

/** What the video at `path` is; null for what is not a video, is cut off or is not there. Reads little but its index. */
export async function probeVideo(path: string): Promise<MediaFacts | null> {
  return (await countFrames(path))?.facts ?? null;
}

/** As `probeVideo`, with the number of pictures. Never throws for bad bytes. */
export function countFrames(path: string): Promise<ClipCount | null> {
  return readVideo(path, read);
}

/** Opens the video at `path` for a reader; null for what is not a video, is cut off or is not there. */
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
    // Whatever a parser says of bytes that are no video, the answer is the same.
    return null;
  } finally {
    input.dispose();
  }
}

/**
 * The bytes of a file that is whole; null for another. Read synchronously: an index is a few small pieces, and to wait
 * for each of them takes many times longer.
 */
function fileSource(path: string, handleUnhandledError: () => void): CustomSource | null {
  try {
    if (isCutOff(path)) return null;
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

async function read(input: Input): Promise<ClipCount | null> {
  const video = await input.getPrimaryVideoTrack();
  if (!video) return null;
  const [duration, packets, audio] = await Promise.all([
    input.computeDuration(),
    video.computePacketStats(),
    input.getPrimaryAudioTrack(),
  ]);
  // A header without pictures, as a cut-off file leaves it, is no video.
  if (packets.packetCount === 0 || !(duration > 0)) return null;
  // The index may name pictures whose bytes are not there: then the last one cannot be had.
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
