import type { Finding } from './finding.js';
import { readImageFile } from './image-file.js';
import { isUrl, urlProblem } from './image-url.js';
import type { Image, ImageReference } from './shot-list.js';

/** Finds the images a list names; each file is read once, however many shots share it. */
export class ImageFinder {
  readonly #place: { folder: string; tree: string };
  readonly #files = new Map<string, ReturnType<typeof readImageFile>>();

  constructor(place: { folder: string; tree: string }) {
    this.#place = place;
  }

  /** The image, or what is wrong with it. */
  async find(reference: ImageReference): Promise<Image | Finding> {
    if (typeof reference === 'object') {
      const version = String(reference.version);
      return urlProblem(reference.url) ?? { kind: 'url', url: reference.url, version };
    }
    if (isUrl(reference)) return urlProblem(reference) ?? { kind: 'url', url: reference };
    let file = this.#files.get(reference);
    if (!file) {
      file = readImageFile(reference, this.#place);
      this.#files.set(reference, file);
    }
    return file;
  }
}

/** Least width and height, pixels, and most extreme shape, that other hosts of these models note as taken (2026). */
const LEAST_PIXELS = 300;
const MOST_OBLONG = 2.5;

/** Most pixels that RunComfy's own ComfyUI nodes send. */
const MOST_PIXELS = 32_000_000;

/** What a model may dislike about an image that RunComfy's documents do not forbid. */
export function imageDoubts(image: Image): readonly Finding[] {
  if (image.kind === 'url') return [];
  const { file, width, height } = image;
  const doubts: Finding[] = [];
  const doubt = (message: string): Finding => ({ code: 'SL218', severity: 'warning', message });
  if (Math.min(width, height) < LEAST_PIXELS) {
    doubts.push(
      doubt(`${file} has ${width} × ${height} pixels; the model may refuse sides under ${LEAST_PIXELS}`),
    );
  }
  if (Math.max(width / height, height / width) > MOST_OBLONG) {
    doubts.push(
      doubt(`${file} has ${width} × ${height} pixels; the model may refuse shapes beyond 1:2.5 or 2.5:1`),
    );
  }
  if (width * height > MOST_PIXELS) {
    doubts.push(
      doubt(`${file} has ${width} × ${height} pixels; the service may refuse more than 32 million`),
    );
  }
  return doubts;
}
