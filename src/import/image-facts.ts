import { open } from 'node:fs/promises';
import { imageSize } from 'image-size';

/** What an image is by its bytes. */
export interface ImageFacts {
  /** Width by height, as displayed. */
  readonly ratio: number;
  /** Whether the models take this kind of image: jpg, png, bmp and webp, as their documents say. */
  readonly taken: boolean;
}

const TAKEN: ReadonlySet<string> = new Set(['jpg', 'png', 'bmp', 'webp']);

/** Bytes read of an image: dimensions stand within them, behind even a camera's thumbnail and colour profile. */
const HEAD = 512 * 1024;

/** Looks at the beginning of a file; null when it is no image, or cannot be read. */
export async function imageFacts(path: string): Promise<ImageFacts | null> {
  try {
    const { type, width, height, orientation = 1 } = imageSize(await readHead(path));
    // EXIF orientations 5 to 8 are turned by a quarter.
    const ratio = orientation >= 5 ? height / width : width / height;
    return { ratio, taken: TAKEN.has(type ?? '') };
  } catch {
    return null;
  }
}

async function readHead(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const bytes = new Uint8Array(Math.min(size, HEAD));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
