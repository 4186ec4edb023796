import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '../../base/durable-file.js';
import type { LastFrameOptions } from '../../media/last-frame.js';
import type { MadePicture } from '../../media/small-jpeg.js';
import type { NativeInput } from '../../models/native-input.js';
import { clipOf, replaceFrames, type TakenFrame } from '../chains.js';
import type { Records } from '../records/records.js';
import { hashOf } from './local-copies.js';

/** Folder of the chained frames inside the run directory. */
export const FRAMES = 'frames';

/** Path of a taken frame, relative to the run directory, with forward slashes. */
export function frameFile({ key, type }: Pick<TakenFrame, 'key' | 'type'>): string {
  return `${FRAMES}/${key.slice(0, 8)}.${type === 'image/png' ? 'png' : 'jpg'}`;
}

type Taken = Omit<TakenFrame, '$last_frame_of'>;

/** Takes the last picture of a clip. */
export type TakeLastFrame = (options: LastFrameOptions) => Promise<MadePicture>;

/**
 * The last frames that a run takes, each once, from clips that are recorded as downloaded. Frames of an earlier run are
 * taken again, because their files may be torn or of another clip.
 */
export class Frames {
  readonly #directory: string;
  readonly #records: Records;
  readonly #lastFrame: TakeLastFrame;
  readonly #taken = new Map<string, Taken>();
  /** Frames that are being taken or were, by key and hash of the clip: a retry may need a frame a second time. */
  readonly #taking = new Map<string, Promise<string | null>>();

  constructor(options: {
    readonly directory: string;
    readonly records: Records;
    readonly lastFrame: TakeLastFrame;
  }) {
    this.#directory = options.directory;
    this.#records = options.records;
    this.#lastFrame = options.lastFrame;
  }

  /**
   * Takes the last frame of a key's clip and stores it durably. Returns a problem, in words, or null. Throws the file
   * system's own errors.
   */
  async take(key: string, signal: AbortSignal): Promise<string | null> {
    const clip = clipOf(this.#records.get(key));
    if (!clip || clip.file === null || clip.sha256 === null) return 'its clip is not here.';
    const name = `${key} ${clip.sha256}`;
    const taking =
      this.#taking.get(name) ?? this.#take(key, { file: clip.file, sha256: clip.sha256, signal });
    this.#taking.set(name, taking);
    return taking;
  }

  async #take(
    key: string,
    clip: { readonly file: string; readonly sha256: string; readonly signal: AbortSignal },
  ): Promise<string | null> {
    const { signal } = clip;
    const path = join(this.#directory, clip.file);
    if (!existsSync(path)) return 'its clip is not here, and --fetch needed would fetch it.';
    // The hash of the clip is recorded with the frame.
    if ((await hashOf(path)) !== clip.sha256) {
      return `${clip.file} is not what was fetched. Move it away and run again to fetch it again.`;
    }
    await mkdir(join(this.#directory, FRAMES), { recursive: true });
    const scratch = join(this.#directory, FRAMES, `${key.slice(0, 8)}.taking`);
    const frame = await this.#lastFrame({ clip: path, scratch, signal });
    if (!frame.ok) return `the last picture of ${clip.file} cannot be taken: ${frame.message}.`;
    const { bytes, type } = frame.picture;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const taken: Taken = { key, sha256, type, clip_sha256: clip.sha256 };
    await writeDurably(join(this.#directory, frameFile(taken)), bytes);
    const other = type === 'image/png' ? 'image/jpeg' : 'image/png';
    await rm(join(this.#directory, frameFile({ key, type: other })), { force: true });
    this.#taken.set(key, taken);
    return null;
  }

  /** The input with the taken frames, as it is sent and recorded. Throws if a frame was not taken. */
  fill(input: NativeInput): NativeInput {
    return replaceFrames(input, ({ $last_frame_of, key }) => {
      const taken = this.#taken.get(key);
      if (!taken) throw new Error(`the last frame of ${$last_frame_of} was not taken`);
      return { $last_frame_of, ...taken };
    });
  }
}
