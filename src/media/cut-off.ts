import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** How an MP4 or MOV begins (ISO/IEC 14496-12; QuickTime File Format): the types of its first box. */
const FIRST: ReadonlySet<string> = new Set(['ftyp', 'moov', 'mdat', 'wide', 'free', 'skip', 'pnot']);
/** An hour in fragments of one picture each has fewer; a file made of empty boxes is read no further. */
const MOST_BOXES = 200_000;

interface Box {
  readonly type: string;
  /** Bytes with its header; Infinity for one that goes to the file's end. */
  readonly length: number;
}

/**
 * Whether an MP4 or MOV lacks its end: a box that runs past it, or an index without the pictures that belong to it. False
 * for every other kind of file. Its index alone would not tell: it stands at the beginning and names what is missing.
 * Reads a few bytes of each top-level box, synchronously: to wait for each of them would take longer. Throws the file
 * system's own error.
 */
export function isCutOff(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    return lacksEnd(file, fstatSync(file).size);
  } finally {
    closeSync(file);
  }
}

function lacksEnd(file: number, size: number): boolean {
  const seen = new Set<string>();
  let last = '';
  let at = 0;
  for (let count = 0; at < size; count += 1) {
    const box = count < MOST_BOXES ? boxAt(file, at) : 'half a header';
    if (count === 0 && (typeof box === 'string' || !FIRST.has(box.type))) return false;
    if (box === 'padding') break;
    if (box === 'half a header') return true;
    seen.add(box.type);
    if (box.type === 'moof' || box.type === 'mdat') last = box.type;
    if (box.length === Number.POSITIVE_INFINITY) break;
    at += box.length;
    if (at > size) return true;
  }
  return seen.has('moov') && (!seen.has('mdat') || last === 'moof');
}

/** The box that begins there; `padding` where nothing but zeros, or no box at all, follows. */
function boxAt(file: number, at: number): Box | 'padding' | 'half a header' {
  const buffer = Buffer.alloc(16);
  const head = buffer.subarray(0, readSync(file, buffer, 0, 16, at));
  // Some writers end a file with a few zeros.
  if (head.every((byte) => byte === 0)) return 'padding';
  if (head.length < 8) return 'half a header';
  const type = head.toString('latin1', 4, 8);
  const length = head.readUInt32BE(0);
  if (length === 0) return { type, length: Number.POSITIVE_INFINITY };
  // A length of one stands for another, of 64 bits, behind the type.
  if (length !== 1) return length < 8 ? 'padding' : { type, length };
  if (head.length < 16) return 'half a header';
  const long = Number(head.readBigUInt64BE(8));
  return long < 16 ? 'padding' : { type, length: long };
}
