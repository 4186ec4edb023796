import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Json, JsonObject } from '../../base/json.js';
import { LARGEST_REQUEST } from '../../base/limits.js';
import {
  type ChainedFrame,
  isChainedFrame,
  isLocalMedia,
  isVersionedUrl,
  type LocalMedia,
  type NativeInput,
  type NativeValue,
} from '../../models/native-input.js';
import { isTaken } from '../chains.js';
import { frameFile } from '../clips/frames.js';

/** Body of a POST, or why it cannot be made, in words. */
export type MediaBody =
  | { readonly ok: true; readonly body: JsonObject }
  | { readonly ok: false; readonly message: string };

/** Absolute paths of the folders that media are in. */
export interface MediaFolders {
  /** The shot list's, for local files. */
  readonly list: string;
  /** The run directory, for chained frames. */
  readonly run: string;
}

/**
 * Makes the JSON body of a POST: the input with local files and chained frames as data URIs. Files are hashed again, so
 * that what is sent is what was planned and priced. A changed file, a missing file or a body above 64 MiB is a failure in
 * words.
 */
export async function mediaBody(input: NativeInput, folders: MediaFolders): Promise<MediaBody> {
  const reader = new MediaReader(folders);
  try {
    const body = await reader.object(input);
    const bytes = Buffer.byteLength(JSON.stringify(body));
    if (bytes > LARGEST_REQUEST) throw new MediaProblem(tooLarge(bytes));
    return { ok: true, body };
  } catch (error) {
    if (error instanceof MediaProblem) return { ok: false, message: error.message };
    throw error;
  }
}

/** An input as record and manifest keep it: without the signatures in versioned URLs, which are secrets. */
export function withoutSignatures(input: NativeInput): NativeInput {
  return Object.fromEntries(Object.entries(input).map(([name, value]) => [name, unsigned(value)]));
}

function unsigned(value: NativeValue): NativeValue {
  if (typeof value !== 'object' || value === null || isLocalMedia(value) || isChainedFrame(value))
    return value;
  if (isVersionedUrl(value)) return { ...value, $url: value.$url.replace(/[?#].*$/s, '') };
  return Array.isArray(value) ? value.map(unsigned) : withoutSignatures(value as NativeInput);
}

class MediaProblem extends Error {}

function tooLarge(bytes: number): string {
  const size = (bytes / 1024 / 1024).toFixed(1);
  return `The images together make a request of ${size} MiB; the service takes 64. Use smaller files or URLs.`;
}

class MediaReader {
  readonly #folders: MediaFolders;
  #bytes = 0;

  constructor(folders: MediaFolders) {
    this.#folders = folders;
  }

  async object(input: NativeInput): Promise<JsonObject> {
    const body: Record<string, Json> = {};
    for (const [name, value] of Object.entries(input)) body[name] = await this.#value(value);
    return body;
  }

  async #value(value: NativeValue): Promise<Json> {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) {
      const items: Json[] = [];
      for (const item of value) items.push(await this.#value(item));
      return items;
    }
    if (isLocalMedia(value)) return this.#dataUri(value);
    if (isVersionedUrl(value)) return value.$url;
    if (isChainedFrame(value)) return this.#frame(value);
    return this.object(value as NativeInput);
  }

  async #dataUri(media: LocalMedia): Promise<string> {
    const missing = 'Put it back and run again.';
    const bytes = await this.#read(this.#folders.list, { file: media.$file, missing });
    if (createHash('sha256').update(bytes).digest('hex') !== media.sha256) {
      throw new MediaProblem(
        `${media.$file} has changed since the plan was made. Run again to send it as it is now.`,
      );
    }
    return `data:${media.type};base64,${bytes.toString('base64')}`;
  }

  async #frame(frame: ChainedFrame): Promise<string> {
    if (!isTaken(frame)) throw new Error(`the last frame of ${frame.$last_frame_of} was not taken`);
    const file = frameFile(frame);
    const bytes = await this.#read(this.#folders.run, { file, missing: 'Run again to take it again.' });
    if (createHash('sha256').update(bytes).digest('hex') !== frame.sha256) {
      throw new MediaProblem(`${file} has changed since it was taken. Run again to take it again.`);
    }
    return `data:${frame.type};base64,${bytes.toString('base64')}`;
  }

  async #read(
    folder: string,
    { file, missing }: { readonly file: string; readonly missing: string },
  ): Promise<Buffer> {
    try {
      const handle = await open(join(folder, file), 'r');
      try {
        this.#bytes += (await handle.stat()).size;
        if (this.#bytes > LARGEST_REQUEST) throw new MediaProblem(tooLarge(this.#bytes));
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
}
