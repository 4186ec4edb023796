import { imageSize } from 'image-size';

/** Facts about an image, from its bytes. */
export interface ImageFacts {
  /** Format as `image-size` names it, such as `jpg`; empty if it is unknown. */
  readonly format: string;
  /** Pixels, as displayed. */
  readonly width: number;
  readonly height: number;
  /** True if EXIF data turn or mirror it; some programs ignore them. */
  readonly turned: boolean;
}

/** Reads the facts of an image; the beginning of its bytes is enough. Throws if they are not an image. */
export function readImageFacts(bytes: Uint8Array): ImageFacts {
  const { type: format = '', width, height, orientation = 1 } = imageSize(bytes);
  const turned = orientation !== 1;
  // EXIF orientations 5 to 8 are rotated by 90 degrees.
  return orientation >= 5
    ? { format, width: height, height: width, turned }
    : { format, width, height, turned };
}
