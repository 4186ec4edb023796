import { beginningOf, isText } from '../base/files.js';

/** Kind of a media file, by its first bytes: neither a link nor a header of a server says it as surely. */
export interface FileKind {
  /** Ending of such a file's name, without the dot. */
  readonly ending: string;
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

const MP4: FileKind = { ending: 'mp4' };
const MOV: FileKind = { ending: 'mov' };
const WEBM: FileKind = { ending: 'webm' };
const MKV: FileKind = { ending: 'mkv' };
const AVIF: FileKind = { ending: 'avif', isPicture: true, isWhole: always };
const HEIC: FileKind = { ending: 'heic', isPicture: true, isWhole: always };
const TS: FileKind = { ending: 'ts', isWhole: (bytes) => bytes.length % 188 === 0 };

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
  { ending: 'png', at: 0, sign: '\x89PNG\r\n\x1a\n', isPicture: true, isWhole: endsWith('IEND') },
  { ending: 'jpg', at: 0, sign: '\xff\xd8\xff', isPicture: true, isWhole: endsWith('\xff\xd9') },
  { ending: 'gif', at: 0, sign: 'GIF8', isPicture: true, isWhole: (bytes) => bytes.at(-1) === 0x3b },
  { ending: 'webp', at: 8, sign: 'WEBP', isPicture: true, isWhole: isWholeRiff },
  { ending: 'avi', at: 8, sign: 'AVI ', isWhole: isWholeRiff },
  { ending: 'zip', at: 0, sign: 'PK\x03\x04', isWhole: endsWith('PK\x05\x06') },
];

/** First bytes that are enough to tell the kind. */
const ENOUGH = 200;

/** Kind of the file at `path`; null if its bytes are of no kind known here. Throws the error of the file system. */
export function kindOfFile(path: string): FileKind | null {
  return kindOfBytes(beginningOf(path, ENOUGH));
}

/** True if a file begins as a text, such as a page about an error. */
export function isTextFile(path: string): boolean {
  return isText(beginningOf(path, ENOUGH));
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
