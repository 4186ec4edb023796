import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { isInside, nullIfMissing } from '../base/files.js';
import { type ImageFacts, readImageFacts } from '../base/image-facts.js';
import { LARGEST_IMAGE } from '../base/limits.js';
import { nearestWord } from '../base/text.js';
import { type CheckedFile, entriesOf } from './check-files.js';
import type { Finding } from './diagnostic.js';
import { inside, type Place, type PlacedFinding } from './document.js';
import { outsideTree, pathAsOnDisk, pathProblem, urlProblem } from './references.js';
import type { Chain, Element, Image, ImageFile, ImageReference, Shot } from './shot-list.js';

/** Media types that the models' documents allow, by the format's name in `image-size`. */
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  png: 'image/png',
  bmp: 'image/bmp',
  webp: 'image/webp',
};

/** Least width and height, pixels, and most extreme shape that other hosts of these models document (2026). */
const LEAST_PIXELS = 300;
const MOST_OBLONG = 2.5;

/** Most pixels that RunComfy's own ComfyUI nodes send (seen 2026). */
const MOST_PIXELS = 32_000_000;

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
  readonly #files = new Map<string, FoundImage>();

  /** `home` is the list's folder, from which images are named; `tree` is the tree that they must be in. */
  constructor({ home, tree }: { home: string; tree: string }) {
    this.#home = home;
    this.#tree = tree;
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
    const image = readImageFile(reference, { folder, home: this.#home, tree: this.#tree });
    return 'code' in image ? { findings: [image] } : { image, findings: sizeWarnings(image) };
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
    const problem = video ? videoProblem(video) : undefined;
    if (problem) report({ place: inside(place, 'video'), ...problem });
    const isUnreadable = (frontal_image && !frontal) || references.length < (reference_images?.length ?? 0);
    elements.set(name, {
      name,
      place,
      reference_images: references,
      ...(frontal && { frontal_image: frontal }),
      ...(video && { video }),
      ...((hasNothing || isUnreadable) && { isBroken: true as const }),
    });
  }
  return elements;
}

function videoProblem(video: string): Finding | undefined {
  if (isUrl(video)) return urlProblem(video);
  const message = 'videos do not travel with a request';
  return { code: 'SL217', message, hint: 'host it and write its https URL' };
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

/** Warnings about an image that a model may refuse, although RunComfy's documents do not forbid it. */
function sizeWarnings({ file, width, height }: ImageFile): readonly Finding[] {
  const reasons: string[] = [];
  if (Math.min(width, height) < LEAST_PIXELS)
    reasons.push(`the model may refuse sides under ${LEAST_PIXELS}`);
  if (Math.max(width / height, height / width) > MOST_OBLONG)
    reasons.push('the model may refuse shapes beyond 1:2.5 or 2.5:1');
  if (width * height > MOST_PIXELS) reasons.push('the service may refuse more than 32 million');
  const size = `${file} has ${width} × ${height} pixels`;
  return reasons.map((reason) => ({ code: 'SL218', severity: 'warning', message: `${size}; ${reason}` }));
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

/** Reads and checks a local image. Its path starts from `folder`, is shown from `home`, and must stay inside `tree`. */
function readImageFile(
  reference: string,
  { folder, home, tree }: { folder: string; home: string; tree: string },
): ImageFile | Finding {
  const wrong = pathProblem(reference);
  if (wrong) return wrong;
  const path = join(folder, pathAsOnDisk(reference, folder));
  try {
    const real = realpathSync.native(path);
    if (!isInside(real, tree)) return outside(reference);
    const stats = statSync(real);
    if (!stats.isFile()) {
      const what = stats.isDirectory() ? 'a folder' : 'no regular file';
      return { code: 'SL213', message: `${reference} is ${what}`, hint: 'name the image itself' };
    }
    if (stats.size > LARGEST_IMAGE) return tooLarge(reference, stats.size);
    const file = relative(home, path).split(sep).join('/');
    return checkImage({ file, reference, bytes: readFileSync(real) });
  } catch (error) {
    if (!isInside(path, tree)) return outside(reference);
    return unreadable(error as NodeJS.ErrnoException, reference, path);
  }
}

function checkImage({
  file,
  reference,
  bytes,
}: Pick<ImageFile, 'file'> & { reference: string; bytes: Buffer }): ImageFile | Finding {
  if (bytes.length === 0) return { code: 'SL213', message: `${reference} is empty` };
  let facts: ImageFacts;
  try {
    facts = readImageFacts(bytes);
  } catch {
    return notTaken(reference, 'not an image, or a damaged one');
  }
  const type = MEDIA_TYPES[facts.format];
  if (!type) return notTaken(reference, `in the ${facts.format.toUpperCase()} format`);
  if (!isWhole(bytes, type)) {
    return { code: 'SL215', message: `${reference} is cut off: its end is missing`, hint: 'export it again' };
  }
  const { width, height } = facts;
  if (!(width > 0 && height > 0)) {
    return { code: 'SL215', message: `${reference} has no pixels`, hint: 'export it again' };
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { kind: 'file', file, sha256, type, bytes: bytes.length, width, height };
}

/** True if the file has the end that its format marks; a half-copied board would be rendered, and paid for. */
function isWhole(bytes: Buffer, type: string): boolean {
  switch (type) {
    case 'image/png':
      return bytes.lastIndexOf('IEND', undefined, 'latin1') >= 0;
    case 'image/jpeg':
      return bytes.lastIndexOf(Buffer.from([0xff, 0xd9])) > startOfScan(bytes);
    case 'image/webp':
      return bytes.length >= 12 && bytes.length >= bytes.readUInt32LE(4) + 8;
    default:
      return bytes.length >= 6 && bytes.length >= bytes.readUInt32LE(2);
  }
}

/** Offset at which a JPEG's picture begins; the thumbnail before it has an end marker of its own. */
function startOfScan(bytes: Buffer): number {
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    if (bytes[at + 1] === 0xda) return at;
    // A marker may follow any number of fill bytes.
    at += bytes[at + 1] === 0xff ? 1 : 2 + bytes.readUInt16BE(at + 2);
  }
  return bytes.length;
}

function notTaken(reference: string, what: string): Finding {
  return {
    code: 'SL213',
    message: `${reference} is ${what}`,
    hint: 'the models take jpg, png, bmp and webp',
  };
}

function outside(reference: string): Finding {
  return outsideTree(
    reference,
    'keep images in the list’s git repository, or in its folder where there is none',
  );
}

function tooLarge(reference: string, bytes: number): Finding {
  const mebibytes = (bytes / 1024 / 1024).toFixed(1);
  return {
    code: 'SL214',
    message: `${reference} has ${mebibytes} MiB; at most 6 MiB travel with a request`,
    hint: 'make it smaller, or host it and write its https URL',
  };
}

function unreadable(error: NodeJS.ErrnoException, reference: string, path: string): Finding {
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return missing(reference, path);
    case 'ENAMETOOLONG':
      return { code: 'SL211', message: 'no path is that long' };
    case 'ELOOP':
      return { code: 'SL211', message: `${reference} is a link that leads back to itself` };
    case 'EACCES':
    case 'EPERM':
      return {
        code: 'SL211',
        message: `reading ${reference} is not permitted`,
        hint: 'check its permissions',
      };
    default:
      return { code: 'SL211', message: `${reference} cannot be read: ${error.message}` };
  }
}

function missing(reference: string, path: string): Finding {
  const code = 'SL211';
  if (nullIfMissing(() => lstatSync(path)))
    return { code, message: `${reference} is a link to a file that is not there` };
  const message = `there is no file \`${reference}\``;
  const [, bare] = /^[“”„‟«‘‚]\s*(.+?)\s*[“”‟»’‘]$/.exec(reference) ?? [];
  if (bare !== undefined) {
    const hint = `YAML takes these quotation marks for a part of the name: write ${bare}, or straight quotes`;
    return { code, message, hint };
  }
  const beside = namesIn(dirname(path));
  const name = basename(path);
  // An accented letter may be one character or two that look the same; macOS often writes two.
  const alike = beside.find((other) => other.normalize() === name.normalize());
  if (alike !== undefined) {
    const hint =
      'there is one with its accents encoded another way: rename it, or copy its name from the folder';
    return { code, message, hint };
  }
  const meant = nearestWord(name, beside);
  if (meant === undefined) return { code, message };
  return { code, message, hint: `did you mean ${join(dirname(reference), meant).split(sep).join('/')}?` };
}

/** Names in a folder, for a hint; none if the folder cannot be listed. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
