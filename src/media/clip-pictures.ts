import { type EncodedPacket, EncodedPacketSink, type InputVideoTrack } from 'mediabunny';
import { type AvcConfig, readAvcConfig } from './avc-config.js';
import { exactRate, type FrameRate, secondsAt } from './frame-rate.js';
import { readVideo } from './probe.js';

/** Index of the pictures of a clip. */
export interface ClipPictures {
  /** Pixels, as displayed. */
  readonly width: number;
  readonly height: number;
  readonly codec: string;
  /** Nearest exact frame rate. */
  readonly rate: FrameRate;
  /** True if the pictures follow each other at exactly that rate. */
  readonly isEven: boolean;
  /** Seconds from the beginning of the first picture to the end of the last. */
  readonly seconds: number;
  /** Seconds by which the sound begins before the first picture; 0 if it begins later; null without sound. */
  readonly soundLead: number | null;
  /** Colour matrix, such as `bt709`; null if the clip names none. */
  readonly matrix: string | null;
  /** Decoder configuration of H.264 that can be copied; null for pictures that must be encoded again. */
  readonly avc: AvcConfig | null;
  /**
   * Display position of each picture, in decoding order. Negative for a picture that is decoded but not shown: a clip
   * that was cut without encoding keeps the pictures that its first one depends on.
   */
  readonly shownAt: readonly number[];
  readonly starts: readonly Start[];
}

/** A picture from which decoding can begin. */
export interface Start {
  /** Index in `shownAt`. */
  readonly place: number;
  /** Time in the file, seconds. */
  readonly time: number;
}

/** Largest deviation from an even rate, in pictures: times rounded to a millisecond deviate less. */
const EVEN_WITHIN = 0.25;

/** Reads the index of a clip; null for a file that is not a readable video. */
export function readPictures(path: string): Promise<ClipPictures | null> {
  return readVideo(path, async (input) => {
    const video = await input.getPrimaryVideoTrack();
    if (!video) return null;
    const packets: EncodedPacket[] = [];
    const sink = new EncodedPacketSink(video);
    for await (const packet of sink.packets(undefined, undefined, { metadataOnly: true }))
      packets.push(packet);
    const sorted = packets.toSorted((a, b) => a.timestamp - b.timestamp);
    const shown = sorted.filter((packet) => !isHidden(packet));
    const [first, last] = [shown[0], shown.at(-1)];
    if (!first || !last) return null;
    const seconds = last.timestamp + last.duration - first.timestamp;
    const rate = exactRate(rateOf(shown));
    const hidden = sorted.length - shown.length;
    const places = new Map(sorted.map((packet, place) => [packet, place - hidden]));
    const audio = await input.getPrimaryAudioTrack();
    return {
      width: await video.getDisplayWidth(),
      height: await video.getDisplayHeight(),
      codec: (await video.getCodec()) ?? 'unknown',
      rate,
      isEven: shown.every(
        ({ timestamp }, place) =>
          Math.abs(timestamp - first.timestamp - secondsAt(place, rate)) < EVEN_WITHIN * secondsAt(1, rate),
      ),
      seconds,
      soundLead: audio && Math.max(0, first.timestamp - Math.max(0, await audio.getFirstTimestamp())),
      matrix: (await video.getColorSpace()).matrix ?? null,
      avc: await copyableConfig(video),
      shownAt: packets.map((packet) => places.get(packet) ?? 0),
      starts: await startsIn(packets, sink),
    };
  });
}

/** Number of pictures that are shown. */
export function pictureCount({ shownAt }: Pick<ClipPictures, 'shownAt'>): number {
  return shownAt.filter((place) => place >= 0).length;
}

/** True for a picture that an edit list moved to before time zero; a rounded time may be just before it. */
function isHidden({ timestamp, duration }: EncodedPacket): boolean {
  return timestamp < -EVEN_WITHIN * duration;
}

/** Average rate from the first picture to the last; the duration of the last is often wrong. */
function rateOf(shown: readonly EncodedPacket[]): number {
  const [first, last] = [shown[0], shown.at(-1)];
  if (!first || !last || last.timestamp <= first.timestamp) return 1 / (first?.duration || 1);
  return (shown.length - 1) / (last.timestamp - first.timestamp);
}

/** Decoder configuration of a track that can be copied unchanged: H.264, not rotated, with square pixels. */
async function copyableConfig(video: InputVideoTrack): Promise<AvcConfig | null> {
  if ((await video.getCodec()) !== 'avc') return null;
  const { num, den } = await video.getPixelAspectRatio();
  if (num !== den || (await video.getRotation()) !== 0 || (await video.getFlip())) return null;
  const description = (await video.getDecoderConfig())?.description;
  if (!description) return null;
  const bytes = ArrayBuffer.isView(description)
    ? new Uint8Array(description.buffer, description.byteOffset, description.byteLength)
    : new Uint8Array(description);
  return readAvcConfig(bytes);
}

/** Pictures from which decoding can begin. A key picture of the file counts only if it is an IDR picture. */
async function startsIn(
  packets: readonly EncodedPacket[],
  sink: EncodedPacketSink,
): Promise<readonly Start[]> {
  const starts: Start[] = [];
  for (const [place, packet] of packets.entries()) {
    if (packet.type !== 'key') continue;
    const whole = await sink.getPacket(packet.timestamp);
    if (whole && hasIdr(whole.data)) starts.push({ place, time: packet.timestamp });
  }
  return starts;
}

/** Type of a unit with a picture from which decoding can begin (ITU-T H.264, table 7-1). */
const IDR = 5;

function hasIdr(data: Uint8Array): boolean {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (let at = 0; at + 4 < data.length; at += 4 + view.getUint32(at)) {
    if (((data[at + 4] ?? 0) & 31) === IDR) return true;
  }
  return false;
}
