import type { Finding } from './finding.js';
import { readImageFile } from './image-file.js';
import { isUrl, urlProblem } from './image-url.js';
import type { Chain, Image, ImageReference } from './shot-list.js';

/** An image if it is there, and what there is to say about it. */
export interface FoundImage {
  readonly image?: Image | Chain;
  readonly findings: readonly Finding[];
}

/** Finds the images a list names; each file is read once and each URL looked at once, however many shots share it. */
export class ImageFinder {
  readonly #home: string;
  readonly #tree: string;
  readonly #files = new Map<string, FoundImage>();
  readonly #urls = new Map<string, FoundImage>();

  /** `home` is the list's folder, which found files are named from; `tree` bounds where they may be. */
  constructor({ home, tree }: { home: string; tree: string }) {
    this.#home = home;
    this.#tree = tree;
  }

  /** `folder` is where the file that names the image is. */
  find(reference: ImageReference, folder: string): FoundImage {
    if (typeof reference === 'object') {
      if ('last_frame_of' in reference)
        return { image: { kind: 'chain', shot: reference.last_frame_of }, findings: [] };
      // Resolved once all shots are known.
      if ('end_image_of' in reference) return { findings: [] };
      return foundUrl(reference.url, String(reference.version));
    }
    if (isUrl(reference)) {
      const found = this.#urls.get(reference) ?? foundUrl(reference);
      this.#urls.set(reference, found);
      return found;
    }
    const key = `${folder}\0${reference}`;
    let file = this.#files.get(key);
    if (!file) {
      file = this.#read(reference, folder);
      this.#files.set(key, file);
    }
    return file;
  }

  #read(reference: string, folder: string): FoundImage {
    const image = readImageFile(reference, { folder, home: this.#home, tree: this.#tree });
    return 'code' in image ? { findings: [image] } : { image, findings: imageDoubts(image) };
  }
}

function foundUrl(url: string, version?: string): FoundImage {
  const problem = urlProblem(url);
  if (problem) return { findings: [problem] };
  return { image: { kind: 'url', url, ...(version !== undefined && { version }) }, findings: [] };
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
