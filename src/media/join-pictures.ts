import {
  EncodedPacketSink,
  EncodedVideoPacketSource,
  FilePathTarget,
  Mp4OutputFormat,
  Output,
} from 'mediabunny';
import { type AvcConfig, writeAvcConfig } from './avc-config.js';
import { type FrameRate, secondsAt } from './frame-rate.js';
import { readVideo } from './probe.js';

/** Consecutive stored pictures of a clip, to be taken as they are. */
export interface Stretch {
  readonly path: string;
  /** Time in the file, seconds, of the first one to be decoded: decoding can begin with it. */
  readonly start: number;
  /** For each picture from there on, in the order of decoding: its place in the stretch as it is shown. */
  readonly order: readonly number[];
}

/** A track of pictures, in the size and with the parameter sets of all of them. */
export interface PictureTrack {
  readonly rate: FrameRate;
  readonly width: number;
  readonly height: number;
  readonly config: AvcConfig;
}

/**
 * Writes an MP4 without sound: the stretches' pictures, one after the other, each exactly its share of a second after the
 * one before. Returns how many pictures were written, fewer than there should be where a file is not what it was; throws
 * the file system's own errors.
 */
export async function joinPictures(
  to: string,
  { track, stretches }: { readonly track: PictureTrack; readonly stretches: readonly Stretch[] },
): Promise<number> {
  const { rate, width, height, config } = track;
  // The index comes at the end: before the pictures, all of them would have to be kept until it is known.
  const output = new Output({
    format: new Mp4OutputFormat({ fastStart: false }),
    target: new FilePathTarget(to),
  });
  const source = new EncodedVideoPacketSource('avc');
  output.addVideoTrack(source, { frameRate: rate.num / rate.den });
  await output.start();
  const two = (value: number) => value.toString(16).padStart(2, '0');
  const codec = `avc1.${two(config.profile)}${two(config.compatibility)}${two(config.level)}`;
  const description = writeAvcConfig(config);
  const decoderConfig = { codec, codedWidth: width, codedHeight: height, description };
  let frame = 0;
  try {
    for (const stretch of stretches) {
      frame += await copy(stretch, { source, decoderConfig, rate, frame });
    }
    await output.finalize();
  } catch (error) {
    await output.cancel();
    throw error;
  }
  return frame;
}

interface Joint {
  readonly source: EncodedVideoPacketSource;
  readonly decoderConfig: VideoDecoderConfig;
  readonly rate: FrameRate;
  /** The film's picture with which the stretch begins. */
  readonly frame: number;
}

/** How many pictures were copied. */
async function copy({ path, start, order }: Stretch, joint: Joint): Promise<number> {
  const { source, decoderConfig, rate, frame } = joint;
  let copied = 0;
  let failed: unknown = null;
  await readVideo(path, async (input) => {
    const video = await input.getPrimaryVideoTrack();
    const sink = video && new EncodedPacketSink(video);
    const first = await sink?.getKeyPacket(start);
    if (!sink || !first) return null;
    for await (const packet of sink.packets(first)) {
      const shown = order[copied];
      if (shown === undefined) break;
      const timestamp = secondsAt(frame + shown, rate);
      try {
        await source.add(packet.clone({ timestamp, duration: secondsAt(1, rate) }), { decoderConfig });
      } catch (error) {
        // What the reader throws means a bad clip; this is about the file that is written.
        failed = error;
        break;
      }
      copied += 1;
    }
    return copied;
  });
  if (failed instanceof Error) throw failed;
  return copied;
}
