/** Facts of a video file, from its index; of a file that is no video, its pixels, and 0 for what it does not have. */
export interface MediaFacts {
  /** Seconds, to the millisecond. */
  readonly duration: number;
  /** Pixels, as displayed (rotation applied). */
  readonly width: number;
  readonly height: number;
  /** Frames per second, averaged over the track. */
  readonly frame_rate: number;
  /** Short name such as `avc`, `hevc`, `av1`, `vp9`; the ending of a file that is no video, such as `png`. */
  readonly video_codec: string;
  readonly audio: AudioFacts | null;
}

/** True for a video. What the service sent instead, such as a picture or an archive, has no length. */
export function isVideo({ duration }: Pick<MediaFacts, 'duration'>): boolean {
  return duration > 0;
}

/** Words for a file that is no video, such as `a PNG file`. */
export function kindWords({ video_codec }: Pick<MediaFacts, 'video_codec'>): string {
  return `${/^a/.test(video_codec) ? 'an' : 'a'} ${video_codec.toUpperCase()} file`;
}

/** Facts of the sound of a video file. */
export interface AudioFacts {
  /** Short name such as `aac`. */
  readonly codec: string;
  readonly channels: number;
  /** Hertz. */
  readonly sample_rate: number;
}

/** Facts of a video that only decoding all of it can tell. */
export interface DecodedFacts {
  /** Number of pictures that were decoded, and that the index names; both without those that an edit list hides. */
  readonly pictures: number;
  readonly indexed: number;
  /** True if the decoder had to invent parts of pictures, or whole pictures. */
  readonly patched: boolean;
  /** Seconds from the first picture to the end of the last. */
  readonly shown: number;
  /** Longest stretch of black, and longest stretch without motion, seconds. */
  readonly black: number;
  readonly frozen: number;
  /** Loudest sample, full scale 1; null without sound. */
  readonly peak: number | null;
  /** Seconds from the first picture to the end of the sound; null without sound. */
  readonly heard: number | null;
}
