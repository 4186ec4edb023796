import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { imageSize } from 'image-size';
import { isInside, nullIfMissing } from '../base/files.js';
import { LARGEST_IMAGE } from '../base/limits.js';
import { nearest } from '../base/text.js';
import type { Finding } from './finding.js';
import { pathProblem } from './path-problem.js';
import type { ImageFile } from './shot-list.js';

/** What the models' documents take, by the name `image-size` gives it. */
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  png: 'image/png',
  bmp: 'image/bmp',
  webp: 'image/webp',
};

/** Reads and checks a local image; what is wrong with it comes back as a finding. Its path starts from `folder`, is told from
 * `home`, and leads nowhere out of `tree`. */
export function readImageFile(
  reference: string,
  { folder, home, tree }: { folder: string; home: string; tree: string },
): ImageFile | Finding {
  const wrong = pathProblem(reference);
  if (wrong) return wrong;
  const path = join(folder, reference);
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
    return inspect({ file, reference, bytes: readFileSync(real) });
  } catch (error) {
    if (!isInside(path, tree)) return outside(reference);
    return unreadable(error as NodeJS.ErrnoException, reference, path);
  }
}

function inspect({
  file,
  reference,
  bytes,
}: {
  file: string;
  reference: string;
  bytes: Buffer;
}): ImageFile | Finding {
  if (bytes.length === 0) return { code: 'SL213', message: `${reference} is empty` };
  let facts: ReturnType<typeof imageSize>;
  try {
    facts = imageSize(bytes);
  } catch {
    return notTaken(reference, 'not an image, or a damaged one');
  }
  const type = MEDIA_TYPES[facts.type ?? ''];
  if (!type) return notTaken(reference, `in the ${facts.type?.toUpperCase()} format`);
  if (!isWhole(bytes, type)) {
    return { code: 'SL215', message: `${reference} is cut off: its end is missing`, hint: 'export it again' };
  }
  if (!(facts.width > 0 && facts.height > 0)) {
    return { code: 'SL215', message: `${reference} has no pixels`, hint: 'export it again' };
  }
  // EXIF orientations 5 to 8 are turned by a quarter.
  const turned = (facts.orientation ?? 1) >= 5;
  const [width, height] = turned ? [facts.height, facts.width] : [facts.width, facts.height];
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { kind: 'file', file, sha256, type, bytes: bytes.length, width, height };
}

/** Whether the file reaches to the end that its format marks; a half-copied board would be paid for as it is. */
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

/** Where a JPEG's picture begins; the thumbnail before it has an end marker of its own. */
function startOfScan(bytes: Buffer): number {
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    if (bytes[at + 1] === 0xda) return at;
    // Any number of fill bytes may stand before a marker.
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
  return {
    code: 'SL212',
    message: `${reference} leads out of the shot list’s tree`,
    hint: 'keep images in the list’s git repository, or in its folder where there is none',
  };
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
  const beside = namesIn(dirname(path));
  const name = basename(path);
  // An accent may be one character or two, which look alike; macOS has often written the second.
  const alike = beside.find((other) => other.normalize() === name.normalize());
  if (alike !== undefined) {
    const hint =
      'there is one with its accents encoded another way: rename it, or copy its name from the folder';
    return { code, message, hint };
  }
  const meant = nearest(name, beside);
  if (meant === undefined) return { code, message };
  return { code, message, hint: `did you mean ${join(dirname(reference), meant).split(sep).join('/')}?` };
}

/** Names in a folder, for a hint; none if the folder cannot be listed, as the hint is then left out. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
