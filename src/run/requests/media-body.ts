import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '../../base/json.js';
import { LARGEST_REQUEST } from '../../base/limits.js';
import { mebibytes } from '../../base/units.js';
import type { ShrinkOptions } from '../../media/shrink-picture.js';
import type { MadePicture } from '../../media/small-jpeg.js';
import {
  type ChainedFrame,
  isLocalMedia,
  isVersionedUrl,
  type LocalMedia,
  type NativeInput,
  resolveMedia,
  type VersionedUrl,
} from '../../models/native-input.js';
import { shrunkSize } from '../../plan/request-size.js';
import { isTaken } from '../chains.js';
import { frameFile } from '../clips/frames.js';

/** Body of a POST and the input as it is recorded, or why it cannot be made, in words. */
export type MediaBody =
  | { readonly ok: true; readonly body: JsonObject; readonly input: NativeInput }
  | { readonly ok: false; readonly message: string };

/** Makes a smaller copy of a picture. */
export type Shrink = (options: ShrinkOptions) => Promise<MadePicture>;

interface MediaOptions {
  /** Absolute path of the shot list's folder, for local files. */
  readonly list: string;
  /** Absolute path of the run directory, for chained frames. */
  readonly run: string;
  /** Makes smaller copies of images that are too large; null to send all as they are. */
  readonly shrink: Shrink | null;
}

/** Bytes that stand for a local file or a frame in a body. */
interface Medium {
  readonly file: string;
  readonly type: string;
  readonly bytes: Buffer;
}

type Media = ReadonlyMap<LocalMedia | ChainedFrame, Medium>;

/** Most bytes of files that are read for one request, to be shrunk. A request is made in memory. Our choice. */
const LARGEST_TO_SHRINK = 1024 * 1024 * 1024;

/**
 * Makes the JSON body of a POST: the input with local files and chained frames as data URIs. Files are hashed again, so
 * that what is sent is what was planned and priced. A changed file, a missing file or a body above 64 MiB is a failure in
 * words. In the recorded input, a file with a smaller copy has facts of both.
 */
export async function mediaBody(input: NativeInput, options: MediaOptions): Promise<MediaBody> {
  try {
    const media = await readMedia(input, options);
    const copies = options.shrink ? await shrinkLarge(media, options.shrink) : new Map();
    const body = resolveMedia(input, (reference) => {
      if (isVersionedUrl(reference)) return reference.$url;
      const { type, bytes } = copies.get(reference) ?? (media.get(reference) as Medium);
      return `data:${type};base64,${bytes.toString('base64')}`;
    }) as JsonObject;
    const size = Buffer.byteLength(JSON.stringify(body));
    if (size > LARGEST_REQUEST) throw new MediaProblem(tooLarge(size, options.shrink));
    return { ok: true, body, input: copies.size === 0 ? input : withCopies(input, copies) };
  } catch (error) {
    if (error instanceof MediaProblem) return { ok: false, message: error.message };
    throw error;
  }
}

class MediaProblem extends Error {}

function tooLarge(bytes: number, shrink: Shrink | null): string {
  const size = `Its files make a request of ${mebibytes(bytes)}; the service takes ${mebibytes(LARGEST_REQUEST)}.`;
  const host = 'write the https URLs of some files instead.';
  return shrink ? `${size} Use smaller files, or ${host}` : `${size} Run again with --shrink, or ${host}`;
}

/** Reads all files of an input, one after the other, and checks their hashes. */
async function readMedia(input: NativeInput, { list, run, shrink }: MediaOptions): Promise<Media> {
  const references: (LocalMedia | ChainedFrame)[] = [];
  resolveMedia(input, (reference) => {
    if (!isVersionedUrl(reference)) references.push(reference);
    return null;
  });
  const media = new Map<LocalMedia | ChainedFrame, Medium>();
  let left = shrink ? LARGEST_TO_SHRINK : LARGEST_REQUEST;
  for (const reference of references) {
    const { path, file, sha256, type, missing, changed } = sourceOf(reference, { list, run });
    const bytes = await readWhole(path, { file, missing, most: left, shrink });
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) throw new MediaProblem(changed);
    left -= bytes.length;
    media.set(reference, { file, type, bytes });
  }
  return media;
}

function sourceOf(
  reference: LocalMedia | ChainedFrame,
  { list, run }: Pick<MediaOptions, 'list' | 'run'>,
): { path: string; file: string; sha256: string; type: string; missing: string; changed: string } {
  if (isLocalMedia(reference)) {
    const { $file: file, sha256, type } = reference;
    const changed = `${file} has changed since the plan was made. Run again to send it as it is now.`;
    return { path: join(list, file), file, sha256, type, missing: 'Put it back and run again.', changed };
  }
  if (!isTaken(reference)) throw new Error(`the last frame of ${reference.$last_frame_of} was not taken`);
  const file = frameFile(reference);
  const { sha256, type } = reference;
  const changed = `${file} has changed since it was taken. Run again to take it again.`;
  return { path: join(run, file), file, sha256, type, missing: 'Run again to take it again.', changed };
}

async function readWhole(
  path: string,
  { file, missing, most, shrink }: { file: string; missing: string; most: number; shrink: Shrink | null },
): Promise<Buffer> {
  try {
    const handle = await open(path, 'r');
    try {
      const { size } = await handle.stat();
      if (size > most) throw new MediaProblem(tooLarge(LARGEST_REQUEST - most + size, shrink));
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof MediaProblem) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new MediaProblem(`${file} cannot be read${code ? ` (${code})` : ''}. ${missing}`);
  }
}

/** Smaller copies of the images that are too large for their request. */
async function shrinkLarge(media: Media, shrink: Shrink): Promise<Media> {
  const most = shrunkSize([...media.values()].map(({ type, bytes }) => ({ type, bytes: bytes.length })));
  const copies = new Map<LocalMedia | ChainedFrame, Medium>();
  // The same board may be in several places.
  const made = new Map<string, Medium>();
  for (const [reference, { file, type, bytes }] of media) {
    if (!isLocalMedia(reference) || !type.startsWith('image/') || bytes.length <= most) continue;
    const { sha256 } = reference;
    if (!made.has(sha256)) {
      const copy = await shrink({ bytes, most });
      if (!copy.ok) throw new MediaProblem(`No smaller copy of ${file} could be made: ${copy.message}.`);
      made.set(sha256, { file, ...copy.picture });
    }
    copies.set(reference, made.get(sha256) as Medium);
  }
  return copies;
}

/** The input with the facts of the copies that are sent. */
function withCopies(input: NativeInput, copies: Media): NativeInput {
  return resolveMedia(input, (reference) => {
    const copy = isLocalMedia(reference) ? copies.get(reference) : undefined;
    if (!copy) return { ...(reference as LocalMedia | VersionedUrl) };
    const sha256 = createHash('sha256').update(copy.bytes).digest('hex');
    return { ...(reference as LocalMedia), sent: { sha256, type: copy.type, bytes: copy.bytes.length } };
  }) as NativeInput;
}
