import { isUtf8 } from 'node:buffer';
import { closeSync, openSync, readSync } from 'node:fs';

/** Kind of a media file, by its first bytes: neither a link nor a header of a server says it as surely. */
export interface FileKind {
  /** Ending of such a file's name, without the dot. */
  readonly ending: string;
  /** Its name in a sentence, such as `a PNG picture`. */
  readonly words: string;
  readonly isPicture?: true;
  /** True if the bytes of a file have its end. Left out for videos whose index can be read, which says more. */
  readonly isWhole?: (bytes: Buffer) => boolean;
}

/** Bytes at the end in which the mark of the end is looked for: some programs add a few. */
const TAIL = 1024;
const endsWith = (mark: string) => (bytes: Buffer) => bytes.subarray(-TAIL).includes(mark, 0, 'latin1');
/** The first chunk of a RIFF file has the length of all (Microsoft, RIFF). */
const isWholeRiff = (bytes: Buffer) => bytes.length >= bytes.readUInt32LE(4) + 8;
/** Boxes are checked as those of an MP4 are. */
const always = () => true;

const MP4: FileKind = { ending: 'mp4', words: 'an MP4 video' };
const MOV: FileKind = { ending: 'mov', words: 'a QuickTime video' };
const WEBM: FileKind = { ending: 'webm', words: 'a WebM video' };
const MKV: FileKind = { ending: 'mkv', words: 'a Matroska video' };
const AVIF: FileKind = { ending: 'avif', words: 'an AVIF picture', isPicture: true, isWhole: always };
const HEIC: FileKind = { ending: 'heic', words: 'a HEIC picture', isPicture: true, isWhole: always };
const TS: FileKind = {
  ending: 'ts',
  words: 'an MPEG-TS file',
  isWhole: (bytes) => bytes.length % 188 === 0,
};

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

/** QuickTime files from before the `ftyp` box begin with any of these. */
const OLD_MOV: ReadonlySet<string> = new Set(['moov', 'mdat', 'wide', 'free', 'skip', 'pnot']);

/** Other kinds, and the bytes that they have at a position. */
const SIGNS: readonly (FileKind & { readonly at: number; readonly sign: string })[] = [
  {
    at: 0,
    sign: '\x89PNG\r\n\x1a\n',
    ending: 'png',
    words: 'a PNG picture',
    isPicture: true,
    isWhole: endsWith('IEND'),
  },
  {
    at: 0,
    sign: '\xff\xd8\xff',
    ending: 'jpg',
    words: 'a JPEG picture',
    isPicture: true,
    isWhole: endsWith('\xff\xd9'),
  },
  {
    at: 0,
    sign: 'GIF8',
    ending: 'gif',
    words: 'a GIF picture',
    isPicture: true,
    isWhole: (bytes) => bytes.at(-1) === 0x3b,
  },
  { at: 8, sign: 'WEBP', ending: 'webp', words: 'a WebP picture', isPicture: true, isWhole: isWholeRiff },
  {
    at: 8,
    sign: 'AVI ',
    ending: 'avi',
    words: 'an AVI file',
    isWhole: isWholeRiff,
  },
  { at: 0, sign: 'PK\x03\x04', ending: 'zip', words: 'a ZIP archive', isWhole: endsWith('PK\x05\x06') },
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
  if (text.startsWith('\x1a\x45\xdf\xa3')) return text.includes('webm') ? WEBM : MKV;
  if (OLD_MOV.has(text.slice(4, 8))) return MOV;
  // Packets of 188 bytes, each with this mark.
  if (text.startsWith('\x47') && text.startsWith('\x47', 188)) return TS;
  return SIGNS.find(({ at, sign }) => text.startsWith(sign, at)) ?? null;
}

/** Words for what a file is that is no video, by its recorded facts. */
export function kindWords({ video_codec: ending }: { readonly video_codec: string }): string {
  const kind = [AVIF, HEIC, TS, ...SIGNS].find((one) => one.ending === ending);
  return kind?.words ?? `a file of the kind \`${ending}\``;
}
