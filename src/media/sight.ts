/** What a clip shows and sounds like, found by decoding all of it. */
export interface Sight {
  /** Pictures that could be decoded, and that the file's index names; what an edit list leaves out is in neither. */
  readonly pictures: number;
  readonly indexed: number;
  /** Whether the decoder had to make up parts of pictures, or whole ones. */
  readonly patched: boolean;
  /** Seconds from the first picture to the end of the last. */
  readonly shown: number;
  /** The longest stretches that are black, and in which nothing moves, seconds. */
  readonly black: number;
  readonly frozen: number;
  /** The loudest sample, full scale being 1; null without sound. */
  readonly peak: number | null;
  /** Seconds from the first picture to the end of the sound; null without sound. */
  readonly heard: number | null;
}
