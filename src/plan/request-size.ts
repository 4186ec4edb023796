import { LARGEST_REQUEST, USUAL_IMAGE } from '../base/limits.js';
import { formatNumber, mebibytes } from '../base/units.js';
import type { Finding } from '../language/diagnostic.js';

/** A file that travels inside a request. */
export interface SentFile {
  /** Path, for messages. */
  readonly file: string;
  /** Media type, such as `image/png`. */
  readonly type: string;
  readonly bytes: number;
}

/** Bytes of files that a request holds beside its text, for which a MiB is kept. Base64 turns three bytes into four. */
const ROOM = ((LARGEST_REQUEST - 1024 * 1024) * 3) / 4;

/** Smallest copy of an image that is worth sending, bytes: a JPEG in the size of the video. Our choice. */
const SMALLEST_COPY = 512 * 1024;

/** Files that are named in a message. */
const NAMED = 3;

/**
 * Size that the images of a request may have with `--shrink`, bytes: larger ones are sent as smaller copies. It is the usual
 * one, or an equal share of the room where the images are too many for that.
 */
export function shrunkSize(files: readonly Omit<SentFile, 'file'>[]): number {
  const images = files.filter(isImage);
  const others = bytesOf(files) - bytesOf(images);
  const usual = images.reduce((sum, { bytes }) => sum + Math.min(bytes, USUAL_IMAGE), others);
  return usual <= ROOM ? USUAL_IMAGE : Math.floor((ROOM - others) / images.length);
}

/** Finding about files that together make a request too large; undefined if they do not. `text` is the length of its text. */
export function requestProblem(
  files: readonly SentFile[],
  { text, shrink }: { text: number; shrink: boolean },
): Pick<Finding, 'message' | 'hint'> | undefined {
  const size = (bytesOf(files) * 4) / 3 + text;
  if (size <= LARGEST_REQUEST) return undefined;
  const canShrink = files.some(isImage) && shrunkSize(files) >= SMALLEST_COPY;
  if (shrink && canShrink) return undefined;
  const counts = new Map(files.map((one) => [one.file, { ...one, times: 0 }]));
  for (const { file } of files) (counts.get(file) as { times: number }).times += 1;
  const largest = [...counts.values()].sort((a, b) => b.bytes * b.times - a.bytes * a.times);
  const names = largest
    .slice(0, NAMED)
    .map(({ file, bytes, times }) => `${times > 1 ? `${times} × ` : ''}${file} (${mebibytes(bytes)})`);
  if (largest.length > NAMED) names.push(`${formatNumber(largest.length - NAMED)} more`);
  const message = `would make a request of ${mebibytes(size)} as base64, and the service takes ${mebibytes(LARGEST_REQUEST)}: ${names.join(', ')}`;
  const host = 'host some of them and write their https URLs';
  return { message, hint: canShrink ? `\`--shrink\` sends smaller copies of the images; or ${host}` : host };
}

function isImage({ type }: Pick<SentFile, 'type'>): boolean {
  return type.startsWith('image/');
}

function bytesOf(files: readonly Pick<SentFile, 'bytes'>[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}
