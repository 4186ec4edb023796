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

/** Consecutive pictures of a clip that are copied without encoding. */
export interface Stretch {
  readonly path: string;
  /** Time in the file of the first picture in decoding order, seconds; decoding can begin with it. */
  readonly start: number;
  /** Display position in the stretch of each picture, in decoding order. */
  readonly order: readonly number[];
}

/** Properties of the new track, which all its pictures share. */
export interface PictureTrack {
  readonly rate: FrameRate;
  readonly width: number;
  readonly height: number;
  readonly config: AvcConfig;
}

/**
 * Writes an MP4 without sound from the pictures of the stretches, one after the other, at exactly the rate of the track.
 * Returns the number of pictures written; it is too small if a file has changed. Throws the errors of the file system.
 */
export async function joinPictures(
  to: string,
  { track, stretches }: { readonly track: PictureTrack; readonly stretches: readonly Stretch[] },
): Promise<number> {
  const { rate, width, height, config } = track;
  // The index comes last; in front of the pictures, it would need all of them in memory.
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

/** Place in the new track where a stretch is added. */
interface Joint {
  readonly source: EncodedVideoPacketSource;
  readonly decoderConfig: VideoDecoderConfig;
  readonly rate: FrameRate;
  /** Index in the new track of the first picture of the stretch. */
  readonly frame: number;
}

/** Copies a stretch; returns the number of pictures copied. */
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
        // `readVideo` treats an error as a bad clip, but this one is about the file that is written.
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
