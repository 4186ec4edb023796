import { createHash } from 'node:crypto';
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isPublicHost } from '../base/addresses.js';
import { writeDurably } from '../base/durable-file.js';
import { readImageData } from '../base/image-data.js';
import { readImageFacts } from '../base/image-facts.js';
import type { Json, JsonObject } from '../base/json.js';
import type { Model } from '../models/catalog.js';
import type { FieldProblem } from './answers.js';

/** A picture from a data URI, stored in the folder of the emulator. */
export interface StoredPicture {
  readonly kind: 'stored';
  /** Path relative to the folder of the emulator, with forward slashes. */
  readonly file: string;
  /** Pixels, as displayed. */
  readonly width: number;
  readonly height: number;
}

/** An input with references in place of data URIs, and the files for these references, not yet written. */
export interface Extracted {
  readonly input: Json;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly problems: readonly FieldProblem[];
}

/** Extensions of the formats that the API documents, by the names of image-size. */
const EXTENSIONS: Readonly<Record<string, string>> = { jpg: 'jpg', png: 'png', bmp: 'bmp', webp: 'webp' };

const NOT_A_PICTURE = 'the picture is not jpg, png, bmp or webp';

const FOLDER = 'pictures';

/** Kind of media that a field takes. */
type Kind = 'image' | 'video';

/**
 * Replaces the data URIs in the media fields of an input by references: megabytes of base64 must not be in the ledger or in
 * memory. Other media are links, which the service must be able to fetch; a rehearsal does not fetch them.
 */
export function extractMedia(model: Model, input: JsonObject): Extracted {
  const files = new Map<string, Uint8Array>();
  const problems: FieldProblem[] = [];
  const kinds = kindsOf(model);
  const readText = (value: string, path: readonly (string | number)[], field: Kind | undefined): Json => {
    // Models of the catalog may have media fields that have no name here.
    const kind = field ?? (/^data:(image|video)\/[^,]+;base64,/.exec(value)?.[1] as Kind | undefined);
    if (!kind) return value;
    const read = /^data:/i.test(value) ? readDataUri(value, kind) : linkProblem(value);
    if (typeof read === 'string') problems.push({ path, message: read });
    if (read === null || typeof read === 'string') return value;
    const { bytes, ...reference } = read;
    files.set(read.$stored, bytes);
    return reference;
  };
  const walk = (value: Json, path: readonly (string | number)[], field?: Kind): Json => {
    if (typeof value === 'string') return readText(value, path, field);
    if (Array.isArray(value)) return value.map((item: Json, index) => walk(item, [...path, index], field));
    if (value === null || typeof value !== 'object') return value;
    const parts = Object.entries(value);
    return Object.fromEntries(parts.map(([key, item]) => [key, walk(item, [...path, key], kinds.get(key))]));
  };
  return { input: walk(input, []), files, problems };
}

/** Media fields of a model and of its elements. */
function kindsOf({ fields, element }: Model): ReadonlyMap<string | undefined, Kind> {
  const images = [fields.start_image, fields.end_image, element?.frontal_image, element?.reference_images];
  return new Map([...images.map((name) => [name, 'image'] as const), [element?.video, 'video'] as const]);
}

/** Reason why the service cannot fetch a link, judged by its text alone; null if there is none. */
function linkProblem(link: string): string | null {
  if (!/^https:\/\/[^/\s]\S*$/i.test(link) || !URL.canParse(link))
    return 'it is neither an https URL nor a data URI';
  const { hostname, username, password } = new URL(link);
  if (username || password) return 'the URL holds a login';
  return isPublicHost(hostname) ? null : `the service cannot reach ${hostname}`;
}

/** Stored picture of a reference that `extractMedia` made; undefined for any other value. */
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

/** Reference to the file in a data URI, with its bytes, or the reason why it cannot be used. */
function readDataUri(
  uri: string,
  kind: Kind,
): { $stored: string; width?: number; height?: number; bytes: Uint8Array } | string {
  const comma = uri.indexOf(',');
  if (comma < 0 || !/;base64$/i.test(uri.slice(0, comma))) return 'the data URI is not base64';
  const bytes = Buffer.from(uri.slice(comma + 1), 'base64');
  const name = `${FOLDER}/${createHash('sha256').update(bytes).digest('hex')}`;
  if (kind === 'video') {
    const isMp4 = bytes.subarray(4, 8).toString('latin1') === 'ftyp';
    return isMp4 ? { $stored: `${name}.mp4`, bytes } : 'the video is not MP4';
  }
  try {
    const { format, width, height } = readImageFacts(bytes);
    const extension = EXTENSIONS[format];
    if (!extension || !width || !height) return NOT_A_PICTURE;
    const { damage, animated } = readImageData(bytes, format);
    if (damage !== null) return `the picture ${damage}`;
    if (animated) return 'the picture is animated';
    return { $stored: `${name}.${extension}`, width, height, bytes };
  } catch {
    return NOT_A_PICTURE;
  }
}
