/** What a video file is, read from the file itself. */
export interface MediaFacts {
  /** Seconds, to the millisecond. */
  readonly duration: number;
  /** Pixels, as displayed (rotation applied). */
  readonly width: number;
  readonly height: number;
  /** Frames per second, averaged over the track. */
  readonly frame_rate: number;
  /** Short name such as `avc`, `hevc`, `av1`, `vp9`. */
  readonly video_codec: string;
  readonly audio: AudioFacts | null;
}

export interface AudioFacts {
  /** Short name such as `aac`. */
  readonly codec: string;
  readonly channels: number;
  /** Hertz. */
  readonly sample_rate: number;
}
