import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { imageSize } from 'image-size';

/** Width by height of the picture at `path`, as displayed; null where it is not there, no picture, or has another SHA-256. */
export async function pictureAspect(path: string, sha256: string): Promise<number | null> {
  try {
    const bytes = await readFile(path);
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) return null;
    const { width, height, orientation = 1 } = imageSize(bytes);
    // EXIF orientations 5 to 8 are turned by a quarter.
    return orientation >= 5 ? height / width : width / height;
  } catch {
    return null;
  }
}

/** Whether the file at `path` is there and begins as a picture does. */
export async function isPicture(path: string): Promise<boolean> {
  try {
    return imageSize(await readFile(path)).width > 0;
  } catch {
    return false;
  }
}
