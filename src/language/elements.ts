import { inside, type Place, type PlacedFinding } from './document.js';
import type { Finding } from './finding.js';
import { isUrl, urlProblem } from './image-url.js';
import type { ImageFinder } from './images.js';
import { type CheckedFile, named, type RawElement } from './shared.js';
import type { Element, Image, ImageReference } from './shot-list.js';

type Report = (finding: PlacedFinding) => void;

/** Finds every element's images; one that is written wrongly is known by its name alone. */
export function loadElements(
  files: readonly CheckedFile[],
  { images, report }: { images: ImageFinder; report: Report },
): ReadonlyMap<string, Element> {
  const found = new Map<string, Element>();
  for (const [name, { value, file, place }] of named(files, 'elements')) {
    const isBroken = file.structure.broken.has(`elements/${name}`);
    const element = isBroken
      ? { name, place, reference_images: [] }
      : new ElementLoader({ images, report, folder: file.folder }).load(name, value, place);
    found.set(name, element);
  }
  return found;
}

class ElementLoader {
  readonly #images: ImageFinder;
  readonly #report: Report;
  readonly #folder: string;

  constructor({ images, report, folder }: { images: ImageFinder; report: Report; folder: string }) {
    this.#images = images;
    this.#report = report;
    this.#folder = folder;
  }

  load(name: string, raw: RawElement, place: Place): Element {
    if (!raw.frontal_image && !raw.reference_images?.length && !raw.video) {
      const message = `\`${name}\` has no image and no video`;
      this.#report({ place, code: 'SL103', about: 'key', message, hint: 'give it a `frontal_image`' });
    }
    const frontal = this.#image(raw.frontal_image, inside(place, 'frontal_image'));
    const references: Image[] = [];
    for (const [index, reference] of (raw.reference_images ?? []).entries()) {
      const image = this.#image(reference, inside(place, 'reference_images', index));
      if (image) references.push(image);
    }
    this.#checkVideo(raw.video, inside(place, 'video'));
    return {
      name,
      place,
      reference_images: references,
      ...(frontal && { frontal_image: frontal }),
      ...(raw.video && { video: raw.video }),
    };
  }

  #image(reference: ImageReference | null | undefined, place: Place): Image | undefined {
    if (reference === null || reference === undefined) return undefined;
    const { image, findings } = this.#images.find(reference, this.#folder);
    for (const finding of findings) this.#report({ place, ...finding });
    // An element's images are no other shot's; the schema says so.
    return image?.kind === 'chain' ? undefined : image;
  }

  #checkVideo(video: string | null | undefined, place: Place): void {
    if (!video) return;
    const local: Finding = {
      code: 'SL217',
      message: 'videos do not travel with a request',
      hint: 'host it and write its https URL',
    };
    const problem = isUrl(video) ? urlProblem(video) : local;
    if (problem) this.#report({ place, ...problem });
  }
}
