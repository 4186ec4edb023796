import { createHash } from 'node:crypto';
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '../base/durable-file.js';
import { readImageFacts } from '../base/image-facts.js';
import type { Json } from '../base/json.js';

/** A picture from a data URI, stored in the folder of the emulator. */
export interface StoredPicture {
  readonly kind: 'stored';
  /** Path relative to the folder of the emulator, with forward slashes. */
  readonly file: string;
  /** Pixels, as displayed. */
  readonly width: number;
  readonly height: number;
}

/** A problem with one string of an input. */
export interface PictureProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** An input with references in place of data URIs, and the files for these references, not yet written. */
export interface Extracted {
  readonly input: Json;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly problems: readonly PictureProblem[];
}

/** Extensions of the formats that the API documents, by the names of image-size. */
const EXTENSIONS: Readonly<Record<string, string>> = { jpg: 'jpg', png: 'png', bmp: 'bmp', webp: 'webp' };

const NOT_A_PICTURE = 'the picture is not jpg, png, bmp or webp';

const FOLDER = 'pictures';

/** Replaces the data URIs of an input by references: megabytes of base64 must not be in the ledger or in memory. */
export function extractPictures(input: Json): Extracted {
  const files = new Map<string, Uint8Array>();
  const problems: PictureProblem[] = [];
  const walk = (value: Json, path: readonly (string | number)[]): Json => {
    if (typeof value === 'string') {
      if (!/^data:/i.test(value)) return value;
      const read = readDataUri(value, { video: /video/.test(String(path.at(-1))) });
      if (typeof read === 'string') {
        problems.push({ path, message: read });
        return null;
      }
      files.set(read.picture.file, read.bytes);
      return { $stored: read.picture.file, width: read.picture.width, height: read.picture.height };
    }
    if (Array.isArray(value)) return value.map((item: Json, index) => walk(item, [...path, index]));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key])]));
  };
  return { input: walk(input, []), files, problems };
}

/** Stored picture of a reference that `extractPictures` made; undefined for any other value. */
export function storedPicture(value: Json): StoredPicture | undefined {
  if (value === null || typeof value !== 'object' || !('$stored' in value)) return undefined;
  return {
    kind: 'stored',
    file: String(value.$stored),
    width: Number(value.width),
    height: Number(value.height),
  };
}

/** Writes extracted files, which are named by their content, below `folder`. Throws the error of the file system. */
export async function storePictures(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  if (files.size === 0) return;
  await mkdir(join(folder, FOLDER), { recursive: true });
  for (const [file, bytes] of files) {
    const path = join(folder, file);
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (!isThere) await writeDurably(path, bytes);
  }
}

/** The picture of a data URI, or the MP4 where the field is one for a video; no rehearsal shows it. */
function readDataUri(
  uri: string,
  { video }: { video: boolean },
): { picture: StoredPicture; bytes: Uint8Array } | string {
  const comma = uri.indexOf(',');
  if (comma < 0 || !/;base64$/i.test(uri.slice(0, comma))) return 'the data URI is not base64';
  const bytes = Buffer.from(uri.slice(comma + 1), 'base64');
  const stored = (extension: string, size: { width: number; height: number }) => {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const picture = { kind: 'stored', file: `${FOLDER}/${sha256}.${extension}`, ...size } as const;
    return { picture, bytes };
  };
  if (video) {
    const isMp4 = bytes.toString('latin1', 4, 8) === 'ftyp';
    return isMp4 ? stored('mp4', { width: 0, height: 0 }) : 'the video is not MP4';
  }
  try {
    const { format, width, height } = readImageFacts(bytes);
    const extension = EXTENSIONS[format];
    if (!extension || !width || !height) return NOT_A_PICTURE;
    return stored(extension, { width, height });
  } catch {
    return NOT_A_PICTURE;
  }
}
