import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { beginningOf, isInside, nullIfMissing } from '../base/files.js';
import { type ImageData, readImageData } from '../base/image-data.js';
import { type ImageFacts, readImageFacts } from '../base/image-facts.js';
import { LARGEST_IMAGE, LARGEST_SENT_VIDEO, USUAL_IMAGE, USUAL_PIXELS } from '../base/limits.js';
import { nearestWord, shellWord } from '../base/text.js';
import { mebibytes } from '../base/units.js';
import type { Finding } from './diagnostic.js';
import { animation, otherFile } from './other-file.js';
import { outsideTree, pathAsOnDisk, pathProblem } from './references.js';
import type { ImageFile, VideoFile } from './shot-list.js';

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

/** Bytes from which a file is recognised. */
const HEAD = 1024;

/** A local file that passed all checks, if it did, and the findings about it. */
export interface FoundFile<File> {
  readonly file?: File;
  readonly findings: readonly Finding[];
}

/** Place of a path: it starts from `folder`, is shown from `home`, and must stay inside `tree`. */
export interface FileOptions {
  readonly folder: string;
  readonly home: string;
  readonly tree: string;
  /** True if a smaller copy of a large image is sent. */
  readonly shrink: boolean;
}

/** A regular file inside the tree. */
interface LocalFile {
  /** Path as the list has it, and relative to the list's folder. */
  readonly reference: string;
  readonly file: string;
  /** Absolute path, links resolved. */
  readonly path: string;
  readonly bytes: number;
}

/** Reads a local image to its end and checks it. */
export function readImageFile(reference: string, options: FileOptions): FoundFile<ImageFile> {
  return readLocal(reference, options, (local) => {
    if (local.bytes > LARGEST_IMAGE && !options.shrink) return refused(largeOrOther(local, 'image'));
    const bytes = readFileSync(local.path);
    const checked = checkImage(local, bytes);
    if ('code' in checked) return refused(checked);
    const { facts, data, type } = checked;
    const { file } = local;
    const { width, height } = facts;
    const image: ImageFile = { kind: 'file', file, ...hashed(bytes), type, width, height };
    const large = options.shrink ? [] : largeWarnings(image);
    return {
      file: image,
      findings: [...sizeWarnings(image), ...large, ...lookWarnings(file, { facts, data })],
    };
  });
}

/** Checks a local video: an MP4 whose boxes are whole. */
export function readVideoFile(reference: string, options: FileOptions): FoundFile<VideoFile> {
  return readLocal(reference, options, (local) => {
    if (local.bytes > LARGEST_SENT_VIDEO) return refused(largeOrOther(local, 'video'));
    const bytes = readFileSync(local.path);
    const problem = videoProblem(local, bytes);
    if (problem) return refused(problem);
    return { file: { kind: 'file', file: local.file, ...hashed(bytes), type: 'video/mp4' }, findings: [] };
  });
}

function refused(finding: Finding): { findings: readonly Finding[] } {
  return { findings: [finding] };
}

function hashed(bytes: Buffer): { sha256: string; bytes: number } {
  return { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
}

/** Finds a local file, and reads it with `read`; the findings say why it cannot be read. */
function readLocal<File>(
  reference: string,
  { folder, home, tree }: FileOptions,
  read: (local: LocalFile) => FoundFile<File>,
): FoundFile<File> {
  const wrong = pathProblem(reference);
  if (wrong) return refused(wrong);
  const path = join(folder, pathAsOnDisk(reference, folder));
  try {
    const real = realpathSync.native(path);
    if (!isInside(real, tree)) return refused(outside(reference));
    const stats = statSync(real);
    if (!stats.isFile()) {
      const what = stats.isDirectory() ? 'a folder' : 'no regular file';
      return refused({ code: 'SL213', message: `${reference} is ${what}`, hint: 'name the file itself' });
    }
    if (stats.size === 0)
      return refused({ code: 'SL213', message: `${reference} is empty`, hint: 'copy or export it again' });
    const file = relative(home, path).split(sep).join('/');
    return read({ reference, file, path: real, bytes: stats.size });
  } catch (error) {
    const { syscall } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    if (!isInside(path, tree)) return refused(outside(reference));
    return refused(unreadable(error as NodeJS.ErrnoException, reference, path));
  }
}

function checkImage(
  { reference }: LocalFile,
  bytes: Buffer,
): Finding | { facts: ImageFacts; data: ImageData; type: string } {
  let facts: ImageFacts | null = null;
  try {
    facts = readImageFacts(bytes);
  } catch {
    // The bytes say below what it is.
  }
  const type = MEDIA_TYPES[facts?.format ?? ''];
  if (!facts || !type) {
    const other = otherFile(bytes, reference);
    // Its header cannot be read, but its data say more: a JPEG without its end, or of a kind that few programs read.
    const damage =
      !facts && bytes[0] === 0xff && bytes[1] === 0xd8 ? readImageData(bytes, 'jpg').damage : null;
    if (damage !== null) return damaged(reference, damage);
    const is = facts ? `is in the ${facts.format.toUpperCase()} format` : 'is not an image, or a damaged one';
    return notTaken(reference, other ?? { is, hint: 'the models take jpg, png, bmp and webp' });
  }
  if (!(facts.width > 0 && facts.height > 0)) return damaged(reference, 'has no pixels');
  const data = readImageData(bytes, facts.format);
  if (data.damage !== null) return damaged(reference, data.damage);
  if (data.animated) return notTaken(reference, animation(facts.format, reference));
  return { facts, data, type };
}

function notTaken(reference: string, { is, hint }: { is: string; hint: string }): Finding {
  return { code: 'SL213', message: `${reference} ${is}`, hint };
}

function damaged(reference: string, damage: string): Finding {
  return { code: 'SL215', message: `${reference} ${damage}`, hint: 'export or copy it again' };
}

/** Finding about a file that is too large to read: its kind, if another one is the cause. */
function largeOrOther(local: LocalFile, kind: 'image' | 'video'): Finding {
  const { reference, bytes } = local;
  const other = kind === 'image' ? otherFile(beginningOf(local.path, HEAD), reference) : undefined;
  if (other) return notTaken(reference, other);
  const [code, most, hint] =
    kind === 'image'
      ? (['SL214', LARGEST_IMAGE, '`--shrink` sends a smaller copy; or make one yourself'] as const)
      : ([
          'SL217',
          LARGEST_SENT_VIDEO,
          'make it shorter or smaller, or host it and write its https URL',
        ] as const);
  const takes = kind === 'image' ? 'the service takes at most' : 'a request takes at most';
  return { code, message: `${reference} has ${mebibytes(bytes)}; ${takes} ${mebibytes(most)}`, hint };
}

function videoProblem({ reference }: LocalFile, bytes: Buffer): Finding | undefined {
  const code = 'SL217';
  const isMp4 = bytes.toString('latin1', 4, 8) === 'ftyp' && bytes.toString('latin1', 8, 10) !== 'qt';
  if (isMp4) {
    const damage = boxDamage(bytes);
    return damage === null ? undefined : { ...damaged(reference, damage), code };
  }
  const other = otherFile(bytes, reference);
  if (other && other.is !== 'is a video') return { ...notTaken(reference, other), code };
  const message = `${reference} is not an MP4, the only video that travels with a request`;
  if (!other) return { code, message, hint: 'name an MP4 file, or the https URL of a video' };
  const converted = `${reference.replace(/\.[^./]*$/, '')}-converted.mp4`;
  return { code, message, hint: `convert it: ffmpeg -i ${shellWord(reference)} ${shellWord(converted)}` };
}

/** Damage of an MP4, as the end of a sentence: its boxes fill the file, and one of them lists the pictures (ISO 14496-12). */
function boxDamage(bytes: Buffer): string | null {
  const cutOff = 'is cut off: its end is missing';
  let hasPictures = false;
  for (let at = 0; at < bytes.length; ) {
    if (at + 8 > bytes.length) return cutOff;
    hasPictures ||= bytes.toString('latin1', at + 4, at + 8) === 'moov';
    const size = bytes.readUInt32BE(at);
    // 0 is the rest of the file; 1 is a longer number behind the name.
    if (size === 0) break;
    if (size === 1 && at + 16 > bytes.length) return cutOff;
    const length = size === 1 ? Number(bytes.readBigUInt64BE(at + 8)) : size;
    if (length < 8) return 'has damaged data';
    at += length;
    if (at > bytes.length) return cutOff;
  }
  return hasPictures ? null : 'has no list of its pictures: its recording did not end well';
}

/** Warnings about an image that a model may refuse, although RunComfy's documents do not forbid it. */
function sizeWarnings({ file, width, height }: ImageFile): readonly Finding[] {
  const reasons: string[] = [];
  if (Math.min(width, height) < LEAST_PIXELS)
    reasons.push(`the model may refuse sides under ${LEAST_PIXELS}`);
  if (Math.max(width / height, height / width) > MOST_OBLONG)
    reasons.push('the model may refuse shapes beyond 1:2.5 or 2.5:1');
  if (width * height > USUAL_PIXELS) reasons.push('the service may refuse more than 32 million');
  const size = `${file} has ${width} × ${height} pixels`;
  return reasons.map((reason) => ({ code: 'SL218', severity: 'warning', message: `${size}; ${reason}` }));
}

function largeWarnings({ file, bytes }: ImageFile): readonly Finding[] {
  if (bytes <= USUAL_IMAGE) return [];
  const message = `${file} has ${mebibytes(bytes)}; RunComfy’s own programs send at most ${mebibytes(USUAL_IMAGE)}`;
  return [{ code: 'SL223', severity: 'warning', message, hint: '`--shrink` sends a smaller copy' }];
}

/** Warnings about an image that the service may see in another way than people do. */
function lookWarnings(
  file: string,
  { facts, data }: { facts: ImageFacts; data: ImageData },
): readonly Finding[] {
  const findings: Finding[] = [];
  const path = shellWord(file);
  if (data.cmyk) {
    const message = `${file} is in CMYK, the colours of print: on a screen they will differ`;
    const hint = `convert it: magick ${path} -colorspace sRGB ${path}`;
    findings.push({ code: 'SL224', severity: 'warning', message, hint });
  }
  if (data.transparent) {
    const message = `${file} is transparent in places, and what the service puts behind it is not known`;
    const hint = `put a colour behind it, as a rehearsal puts white: magick ${path} -background white -alpha remove ${path}`;
    findings.push({ code: 'SL225', severity: 'warning', message, hint });
  }
  if (facts.turned) {
    const message = `${file} is turned by its EXIF data, which the service may ignore`;
    const hint = `save it as it is seen: magick ${path} -auto-orient ${path}`;
    findings.push({ code: 'SL226', severity: 'warning', message, hint });
  }
  return findings;
}

function outside(reference: string): Finding {
  return outsideTree(
    reference,
    'keep files in the list’s git repository, or in its folder where there is none',
  );
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
