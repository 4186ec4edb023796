import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { readImageFacts } from '../base/image-facts.js';

/** Width divided by height of the picture at `path`, as displayed; null for a missing file, another SHA-256, or no picture. */
export async function pictureAspect(path: string, sha256: string): Promise<number | null> {
  try {
    const bytes = await readFile(path);
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) return null;
    const { width, height } = readImageFacts(bytes);
    return width / height;
  } catch {
    return null;
  }
}

/** True if the file at `path` begins like a picture. */
export async function isPicture(path: string): Promise<boolean> {
  try {
    return readImageFacts(await readFile(path)).width > 0;
  } catch {
    return false;
  }
}
