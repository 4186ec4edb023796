import { type EncodedPacket, EncodedPacketSink, type InputVideoTrack } from 'mediabunny';
import { type AvcConfig, readAvcConfig } from './avc-config.js';
import { exactRate, type FrameRate, secondsAt } from './frame-rate.js';
import { readVideo } from './probe.js';

/** A clip's pictures as they are stored, without the pictures themselves. */
export interface ClipPictures {
  /** Pixels, as displayed. */
  readonly width: number;
  readonly height: number;
  readonly codec: string;
  /** What it comes nearest to. */
  readonly rate: FrameRate;
  /** Whether the pictures follow each other at exactly that rate. */
  readonly isEven: boolean;
  /** Seconds from the first picture's beginning to the last one's end. */
  readonly seconds: number;
  /** Seconds by which the sound begins before the first picture, 0 where it begins later; null without sound. */
  readonly soundLead: number | null;
  /** How its colours are to be read, such as `bt709`; null where it does not say. */
  readonly matrix: string | null;
  /** What H.264 needs to be copied; null for what cannot be. */
  readonly avc: AvcConfig | null;
  /**
   * For each picture in the order it is decoded in: its place in the order it is shown in. Below zero for one that is only
   * decoded: a clip that was cut without encoding it anew keeps what its first picture needs.
   */
  readonly shownAt: readonly number[];
  readonly starts: readonly Start[];
}

/** A picture from which decoding can begin. */
export interface Start {
  /** Its place in `shownAt`. */
  readonly place: number;
  /** Its time in the file, seconds. */
  readonly time: number;
}

/** A quarter of a picture: times that are rounded to a millisecond stay well within. */
const EVEN_WITHIN = 0.25;

/** Reads a clip's index; null for what is no readable video. */
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

/** Pictures that are shown. */
export function pictureCount({ shownAt }: Pick<ClipPictures, 'shownAt'>): number {
  return shownAt.filter((place) => place >= 0).length;
}

/** An edit list moves what is not to be seen to before time zero; what is rounded may lie just before it. */
function isHidden({ timestamp, duration }: EncodedPacket): boolean {
  return timestamp < -EVEN_WITHIN * duration;
}

/** By the time from the first picture to the last: how long the last one lasts is often wrong. */
function rateOf(shown: readonly EncodedPacket[]): number {
  const [first, last] = [shown[0], shown.at(-1)];
  if (!first || !last || last.timestamp <= first.timestamp) return 1 / (first?.duration || 1);
  return (shown.length - 1) / (last.timestamp - first.timestamp);
}

/** The decoder's configuration of what another track can take over as it is: H.264, upright, of square pixels. */
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

/** What the file calls a key picture may be one that only playing on passes over: a decoder starts at IDR pictures. */
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

/** The kind of unit that holds a picture from which decoding can begin (ITU-T H.264, table 7-1). */
const IDR = 5;

function hasIdr(data: Uint8Array): boolean {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (let at = 0; at + 4 < data.length; at += 4 + view.getUint32(at)) {
    if (((data[at + 4] ?? 0) & 31) === IDR) return true;
  }
  return false;
}
