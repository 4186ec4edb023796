import { isUtf8 } from 'node:buffer';
import { closeSync, openSync, readSync } from 'node:fs';

/** Kind of a media file, by its first bytes: neither a link nor a header of a server says it as surely. */
export interface FileKind {
  /** Ending of such a file's name, without the dot. */
  readonly ending: string;
  /** Its name in a sentence, such as `a PNG picture`. */
  readonly words: string;
}

const MP4: FileKind = { ending: 'mp4', words: 'an MP4 video' };
const MOV: FileKind = { ending: 'mov', words: 'a QuickTime video' };
const AVIF: FileKind = { ending: 'avif', words: 'an AVIF picture' };
const HEIC: FileKind = { ending: 'heic', words: 'a HEIC picture' };

/** Major brands of the `ftyp` box that are no MP4 (ISO/IEC 14496-12; MPEG-A and AV1 for pictures). */
const BRANDS: Readonly<Record<string, FileKind>> = {
  'qt  ': MOV,
  avif: AVIF,
  avis: AVIF,
  heic: HEIC,
  heix: HEIC,
  mif1: HEIC,
  msf1: HEIC,
};

/** Bytes that a kind begins with, or has at a position. */
const SIGNS: readonly (readonly [at: number, bytes: string, kind: FileKind])[] = [
  // QuickTime files from before the `ftyp` box begin with any of these.
  ...['moov', 'mdat', 'wide', 'free', 'skip', 'pnot'].map((box) => [4, box, MOV] as const),
  [0, '\x89PNG\r\n\x1a\n', { ending: 'png', words: 'a PNG picture' }],
  [0, '\xff\xd8\xff', { ending: 'jpg', words: 'a JPEG picture' }],
  [0, 'GIF8', { ending: 'gif', words: 'a GIF picture' }],
  [8, 'WEBP', { ending: 'webp', words: 'a WebP picture' }],
  [8, 'AVI ', { ending: 'avi', words: 'an AVI video' }],
  [0, 'OggS', { ending: 'ogv', words: 'an Ogg video' }],
  [0, 'FLV\x01', { ending: 'flv', words: 'an FLV video' }],
  [0, 'PK\x03\x04', { ending: 'zip', words: 'a ZIP archive' }],
];

/** First bytes that are enough to tell the kind. */
const ENOUGH = 200;

/** Kind of the file at `path`; null if its bytes are of no kind known here. Throws the error of the file system. */
export function kindOfFile(path: string): FileKind | null {
  return kindOfBytes(beginningOf(path));
}

/** True if a file begins as a text, such as a page about an error. */
export function isTextFile(path: string): boolean {
  const bytes = beginningOf(path);
  // The cut may be inside a character.
  return !bytes.includes(0) && [0, 1, 2, 3].some((cut) => isUtf8(bytes.subarray(0, bytes.length - cut)));
}

function beginningOf(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(ENOUGH);
    return buffer.subarray(0, readSync(file, buffer, 0, ENOUGH, 0));
  } finally {
    closeSync(file);
  }
}

function kindOfBytes(bytes: Buffer): FileKind | null {
  const text = bytes.toString('latin1');
  if (text.startsWith('ftyp', 4)) return BRANDS[text.slice(8, 12)] ?? MP4;
  // EBML: the name of the format is in its head.
  if (text.startsWith('\x1a\x45\xdf\xa3'))
    return text.includes('webm')
      ? { ending: 'webm', words: 'a WebM video' }
      : { ending: 'mkv', words: 'a Matroska video' };
  // Packets of 188 bytes, each with this mark.
  if (text.startsWith('\x47') && text.startsWith('\x47', 188))
    return { ending: 'ts', words: 'an MPEG-TS video' };
  return SIGNS.find(([at, sign]) => text.startsWith(sign, at))?.[2] ?? null;
}
