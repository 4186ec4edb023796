import { type CheckedFile, entriesOf } from './check-files.js';
import type { Finding } from './diagnostic.js';
import { inside, type Place, type PlacedFinding } from './document.js';
import { type FileOptions, type FoundFile, readImageFile, readVideoFile } from './media-file.js';
import { urlProblem } from './references.js';
import type { Chain, Element, Image, ImageReference, Shot, VideoFile } from './shot-list.js';

/** Largest difference between two boards' ratios that does not show in a cut: 2 %, about 14 lines in 720. Our choice. */
const ASPECT_TOLERANCE = 0.02;

/** An image, if there is a usable one, and the findings about it. */
export interface FoundImage {
  readonly image?: Image | Chain;
  readonly findings: readonly Finding[];
}

/** Finds the images a list names; reads each file once, however many shots share it. */
export class ImageFinder {
  readonly #home: string;
  readonly #tree: string;
  readonly #shrink: boolean;
  readonly #files = new Map<string, FoundImage>();

  /**
   * `home` is the list's folder, from which images are named; `tree` is the tree that they must be in. With `shrink`, smaller
   * copies of large images are sent.
   */
  constructor({ home, tree, shrink }: { home: string; tree: string; shrink: boolean }) {
    this.#home = home;
    this.#tree = tree;
    this.#shrink = shrink;
  }

  /** `folder` holds the file that names the image. */
  find(reference: ImageReference, folder: string): FoundImage {
    if (typeof reference === 'object') {
      if ('last_frame_of' in reference)
        return { image: { kind: 'chain', shot: reference.last_frame_of }, findings: [] };
      // `makeShots` resolves it once all shots are made.
      if ('end_image_of' in reference) return { findings: [] };
      return foundUrl(reference.url, String(reference.version));
    }
    if (isUrl(reference)) return foundUrl(reference);
    const key = `${folder}\0${reference}`;
    const found = this.#files.get(key) ?? this.#read(reference, folder);
    this.#files.set(key, found);
    return found;
  }

  #read(reference: string, folder: string): FoundImage {
    const { file, findings } = readImageFile(reference, this.#place(folder));
    return { ...(file && { image: file }), findings };
  }

  /** A video beside the list, or the URL itself. */
  findVideo(reference: string, folder: string): FoundFile<string | VideoFile> {
    if (!isUrl(reference)) return readVideoFile(reference, this.#place(folder));
    const problem = urlProblem(reference);
    return problem ? { findings: [problem] } : { file: reference, findings: [] };
  }

  #place(folder: string): FileOptions {
    return { folder, home: this.#home, tree: this.#tree, shrink: this.#shrink };
  }
}

/** Loads the elements of all files; a broken one has a name and no images. */
export function loadElements(
  files: readonly CheckedFile[],
  { images, report }: { images: ImageFinder; report: (finding: PlacedFinding) => void },
): ReadonlyMap<string, Element> {
  const find = (reference: ImageReference, folder: string, place: Place): Image[] => {
    const { image, findings } = images.find(reference, folder);
    for (const finding of findings) report({ place, ...finding });
    // The schema refuses another shot's image in an element.
    return image === undefined || image.kind === 'chain' ? [] : [image];
  };
  const findVideo = (reference: string, folder: string, place: Place) => {
    const { file, findings } = images.findVideo(reference, folder);
    for (const finding of findings) report({ place, ...finding });
    return file;
  };
  const elements = new Map<string, Element>();
  for (const [name, { value, file, place }] of entriesOf(files, 'elements')) {
    if (file.broken.has(`elements/${name}`)) {
      elements.set(name, { name, place, reference_images: [], isBroken: true });
      continue;
    }
    const { frontal_image, reference_images, video } = value;
    const hasNothing = !frontal_image && !reference_images?.length && !video;
    if (hasNothing) {
      const message = `\`${name}\` has no image and no video`;
      report({ place, code: 'SL103', about: 'key', message, hint: 'give it a `frontal_image`' });
    }
    const [frontal] = frontal_image ? find(frontal_image, file.folder, inside(place, 'frontal_image')) : [];
    const references = (reference_images ?? []).flatMap((reference, index) =>
      find(reference, file.folder, inside(place, 'reference_images', index)),
    );
    const motion = video ? findVideo(video, file.folder, inside(place, 'video')) : undefined;
    const isUnreadable = (frontal_image && !frontal) || references.length < (reference_images?.length ?? 0);
    const isLacking = isUnreadable || (video && !motion);
    elements.set(name, {
      name,
      place,
      reference_images: references,
      ...(frontal && { frontal_image: frontal }),
      ...(motion && { video: motion }),
      ...((hasNothing || isLacking) && { isBroken: true as const }),
    });
  }
  return elements;
}

/**
 * Warnings about boards whose shape differs from `aspect` (such as `16:9`), or from the first board if `aspect` is
 * null: their clips would not cut together.
 */
export function aspectWarnings(shots: readonly Shot[], aspect: string | null): readonly PlacedFinding[] {
  const warnings: PlacedFinding[] = [];
  const reported = new Set<string>();
  let wanted = aspect ? { name: aspect, ratio: ratioOf(aspect) } : undefined;
  for (const shot of shots) {
    for (const field of ['start_image', 'end_image'] as const) {
      const board = shot.images[field];
      if (board?.kind !== 'file') continue;
      const ratio = board.width / board.height;
      wanted ??= { name: `the shape of ${board.file} (${board.width} × ${board.height})`, ratio };
      if (Math.abs(ratio / wanted.ratio - 1) <= ASPECT_TOLERANCE || reported.has(board.file)) continue;
      // If this shot ignores the warning, another shot with the same board may not.
      if (!shot.ignores.some(({ code }) => code === 'SL219')) reported.add(board.file);
      warnings.push({
        place: shot.origin(field),
        ignores: shot.ignores,
        code: 'SL219',
        severity: 'warning',
        message: `${board.file} has ${board.width} × ${board.height} pixels, which is not ${wanted.name}`,
      });
    }
  }
  return warnings;
}

function ratioOf(aspect: string): number {
  const [width, height] = aspect.split(':').map(Number) as [number, number];
  return width / height;
}

/** True if a reference is written as a URL and not as a path; `C:\boards` is a path. */
function isUrl(reference: string): boolean {
  return /^[a-z][a-z0-9+.-]+:/i.test(reference) || reference.startsWith('//') || /^www\./i.test(reference);
}

function foundUrl(url: string, version?: string): FoundImage {
  const problem = urlProblem(url);
  if (problem) return { findings: [problem] };
  return { image: { kind: 'url', url, ...(version !== undefined && { version }) }, findings: [] };
}
