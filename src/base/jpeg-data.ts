/** The data of an image are damaged; the message is the end of a sentence about the file. */
export class Damage extends Error {
  constructor(message = 'has damaged data') {
    super(message);
  }
}

/** An image without its end. */
export class CutOff extends Damage {
  constructor() {
    super('is cut off: its end is missing');
  }
}

/**
 * Reads a JPEG to its end as a decoder does, without making pixels: every code of every scan, Huffman-coded, baseline or
 * progressive (ITU-T T.81). Returns the number of its colour components. Throws `Damage`: after wrong bytes a code is
 * invalid, or a scan ends too early or too late.
 */
export function readJpeg(bytes: Uint8Array): number {
  const reader = new JpegReader(bytes);
  reader.read();
  return reader.components;
}

/** Bytes that may be left at the end of a scan or segment: some cameras fill it up. Damage leaves hundreds or lacks some. Our choice. */
const MOST_LEFT = 32;

/** Most scans, and most coefficients of a progressive picture: a small file must not keep a machine busy. Our choice. */
const MOST_SCANS = 200;
const MOST_COEFFICIENTS = 2 ** 29;

/** Bits of a code that are looked up together; longer codes are rare. */
const LOOKUP = 9;

/** One Huffman table. */
interface Table {
  /** By the next nine bits: length of the code times 256, plus its symbol; 0 for a longer or an invalid code. */
  readonly short: Uint16Array;
  /** By length: the first code, the number of codes, and the position of the first one's symbol. */
  readonly long: readonly { first: number; count: number; from: number }[];
  readonly symbols: Uint8Array;
}

/** A colour component; sizes in blocks of 8 × 8. */
interface Component {
  readonly id: number;
  readonly across: number;
  readonly down: number;
  /** Blocks that hold picture; `stride` includes those that fill up the last unit. */
  readonly width: number;
  readonly height: number;
  readonly stride: number;
  /** Of a progressive picture: 1 for each coefficient that is not zero so far. */
  readonly nonZero: Uint8Array;
}

/** Parameters of one scan. */
interface Scan {
  readonly parts: readonly { component: Component; dc: Table | undefined; ac: Table | undefined }[];
  readonly start: number;
  readonly end: number;
  readonly isRefinement: boolean;
}

class JpegReader {
  components = 0;
  readonly #bytes: Uint8Array;
  #at = 2;
  #isProgressive = false;
  #parts: readonly Component[] = [];
  #unitsAcross = 0;
  #unitsDown = 0;
  /** By class times 16, plus destination. */
  readonly #tables = new Map<number, Table>();
  #interval = 0;
  /** Bits that are read and not used; the last `#padded` of them are not in the file. */
  #bits = 0;
  #count = 0;
  #padded = 0;
  /** Blocks that the last end of block still covers, in a progressive scan. */
  #emptyBlocks = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  read(): void {
    let scans = 0;
    for (;;) {
      const marker = this.#marker();
      if (marker === 0xd9) break;
      // Markers without a segment.
      if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) continue;
      if (marker === 0xda) scans += 1;
      if (scans > MOST_SCANS) throw new Damage();
      this.#readSegment(marker);
    }
    if (scans === 0) throw new Damage();
  }

  #readSegment(marker: number): void {
    const length = this.#word(this.#at);
    const from = this.#at + 2;
    this.#at += length;
    if (length < 2) throw new Damage();
    if (this.#at > this.#bytes.length) throw new CutOff();
    if (marker === 0xc4) this.#readTables(from, this.#at);
    else if (marker === 0xdd) this.#interval = this.#word(from);
    else if (marker === 0xda) this.#readScan(this.#scanAt(from));
    // C8 and CC are no frames.
    else if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc8 && marker !== 0xcc)
      this.#readFrame(marker, from);
  }

  #byte(at: number): number {
    const byte = this.#bytes[at];
    if (byte === undefined) throw new CutOff();
    return byte;
  }

  #word(at: number): number {
    return this.#byte(at) * 256 + this.#byte(at + 1);
  }

  /** The next marker; any number of fill bytes may be before it, and a few others, which decoders pass over. */
  #marker(): number {
    const from = this.#at;
    while (this.#byte(this.#at) !== 0xff) this.#at += 1;
    if (this.#at - from > MOST_LEFT) throw new Damage();
    while (this.#byte(this.#at) === 0xff) this.#at += 1;
    this.#at += 1;
    return this.#byte(this.#at - 1);
  }

  #readTables(from: number, to: number): void {
    for (let at = from; at < to; ) {
      const destination = this.#byte(at);
      const counts = this.#bytes.subarray(at + 1, at + 17);
      const total = counts.reduce((sum, count) => sum + count, 0);
      const symbols = this.#bytes.subarray(at + 17, at + 17 + total);
      at += 17 + total;
      if (at > to) throw new Damage();
      this.#tables.set(destination, tableOf(counts, symbols));
    }
  }

  #readFrame(marker: number, at: number): void {
    if (marker > 0xc2 || this.#byte(at) !== 8)
      throw new Damage('is a lossless, arithmetic or 12-bit JPEG, which few programs can read');
    this.#isProgressive = marker === 0xc2;
    const height = this.#word(at + 1);
    const width = this.#word(at + 3);
    this.components = this.#byte(at + 5);
    const sampling = Array.from({ length: this.components }, (_, index) => {
      const both = this.#byte(at + 7 + index * 3);
      return { id: this.#byte(at + 6 + index * 3), across: both >> 4, down: both & 15 };
    });
    if (sampling.some(({ across, down }) => across === 0 || down === 0 || across > 4 || down > 4))
      throw new Damage();
    const mostAcross = Math.max(...sampling.map(({ across }) => across));
    const mostDown = Math.max(...sampling.map(({ down }) => down));
    this.#unitsAcross = Math.ceil(width / (8 * mostAcross));
    this.#unitsDown = Math.ceil(height / (8 * mostDown));
    this.#parts = sampling.map((one) => {
      const stride = this.#unitsAcross * one.across;
      const coefficients = this.#isProgressive ? stride * this.#unitsDown * one.down * 64 : 0;
      if (coefficients > MOST_COEFFICIENTS) throw new Damage();
      return {
        ...one,
        width: Math.ceil(Math.ceil((width * one.across) / mostAcross) / 8),
        height: Math.ceil(Math.ceil((height * one.down) / mostDown) / 8),
        stride,
        nonZero: new Uint8Array(coefficients),
      };
    });
  }

  #scanAt(at: number): Scan {
    const count = this.#byte(at);
    const parts = Array.from({ length: count }, (_, index) => {
      const id = this.#byte(at + 1 + index * 2);
      const tables = this.#byte(at + 2 + index * 2);
      const component = this.#parts.find((one) => one.id === id);
      if (!component) throw new Damage();
      return { component, dc: this.#tables.get(tables >> 4), ac: this.#tables.get(16 + (tables & 15)) };
    });
    if (parts.length === 0) throw new Damage();
    const after = at + 1 + count * 2;
    if (!this.#isProgressive) return { parts, start: 0, end: 63, isRefinement: false };
    const [start, end] = [this.#byte(after), this.#byte(after + 1)];
    if (start > end || end > 63) throw new Damage();
    return { parts, start, end, isRefinement: this.#byte(after + 2) >> 4 > 0 };
  }

  #readScan(scan: Scan): void {
    this.#restart();
    if (this.#tables.size === 0) {
      this.#passScan();
      return;
    }
    const [first] = scan.parts as [Scan['parts'][number]];
    const isSingle = scan.parts.length === 1;
    const units = isSingle
      ? first.component.width * first.component.height
      : this.#unitsAcross * this.#unitsDown;
    for (let unit = 0; unit < units; unit++) {
      if (this.#interval > 0 && unit > 0 && unit % this.#interval === 0) {
        this.#endStretch();
        const marker = this.#marker();
        if (marker !== 0xd0 + ((unit / this.#interval - 1) & 7)) throw new Damage();
        this.#restart();
      }
      if (isSingle) {
        const { width, stride } = first.component;
        this.#readBlock(scan, first, Math.floor(unit / width) * stride + (unit % width));
      } else this.#readUnit(scan, unit);
      if (this.#count < this.#padded) throw new Damage();
    }
    this.#endStretch();
  }

  /** A picture of Motion JPEG has the usual tables without naming them: its codes are not checked. */
  #passScan(): void {
    const isCoded = (next: number) => next === 0 || (next >= 0xd0 && next <= 0xd7);
    while (this.#byte(this.#at) !== 0xff || isCoded(this.#byte(this.#at + 1))) this.#at += 1;
  }

  /** A unit of several components: of each one as many blocks as its sampling says. */
  #readUnit(scan: Scan, unit: number): void {
    const row = Math.floor(unit / this.#unitsAcross);
    const column = unit % this.#unitsAcross;
    for (const part of scan.parts) {
      const { across, down, stride } = part.component;
      for (let y = 0; y < down; y++) {
        for (let x = 0; x < across; x++)
          this.#readBlock(scan, part, (row * down + y) * stride + column * across + x);
      }
    }
  }

  #readBlock(scan: Scan, { component, dc, ac }: Scan['parts'][number], block: number): void {
    if (!this.#isProgressive) {
      this.#skip(this.#symbol(dc));
      this.#readCoefficients(ac, 1);
    } else if (scan.start === 0) {
      this.#skip(scan.isRefinement ? 1 : this.#symbol(dc));
    } else if (scan.isRefinement) this.#refine(scan, { component, ac, block });
    else this.#readBand(scan, { component, ac, block });
  }

  /** The coefficients of a baseline block. */
  #readCoefficients(table: Table | undefined, from: number): void {
    for (let at = from; at < 64; at++) {
      const symbol = this.#symbol(table);
      const size = symbol & 15;
      if (size === 0 && symbol !== 0xf0) return;
      at += symbol >> 4;
      if (at > 63) throw new Damage();
      this.#skip(size);
    }
  }

  /** The first bits of a band of coefficients. */
  #readBand(
    { start, end }: Scan,
    { component, ac, block }: { component: Component; ac: Table | undefined; block: number },
  ): void {
    if (this.#emptyBlocks > 0) {
      this.#emptyBlocks -= 1;
      return;
    }
    for (let at = start; at <= end; at++) {
      const symbol = this.#symbol(ac);
      const run = symbol >> 4;
      const size = symbol & 15;
      if (size === 0 && run < 15) {
        this.#emptyBlocks = (1 << run) - 1 + this.#take(run);
        return;
      }
      at += run;
      if (at > end) throw new Damage();
      this.#skip(size);
      if (size > 0) component.nonZero[block * 64 + at] = 1;
    }
  }

  /** One more bit of the coefficients that are not zero, and new ones between them. */
  #refine(
    { start, end }: Scan,
    { component, ac, block }: { component: Component; ac: Table | undefined; block: number },
  ): void {
    const nonZero = component.nonZero.subarray(block * 64, block * 64 + end + 1);
    let at = start;
    while (this.#emptyBlocks === 0 && at <= end) {
      const symbol = this.#symbol(ac);
      const run = symbol >> 4;
      const size = symbol & 15;
      if (size === 0 && run < 15) {
        this.#emptyBlocks = (1 << run) + this.#take(run);
        break;
      }
      if (size > 1) throw new Damage();
      this.#skip(size);
      at = this.#passZeros(nonZero, at, run);
      if (size > 0 && at > end) throw new Damage();
      if (size > 0) nonZero[at] = 1;
      at += 1;
    }
    if (this.#emptyBlocks === 0) return;
    this.#passZeros(nonZero, at, 64);
    this.#emptyBlocks -= 1;
  }

  /** Position after `run` coefficients that are zero, at the next zero; each other one on the way has a bit. */
  #passZeros(nonZero: Uint8Array, from: number, run: number): number {
    let left = run;
    for (let at = from; at < nonZero.length; at++) {
      if (nonZero[at] === 1) this.#skip(1);
      else if (left === 0) return at;
      else left -= 1;
    }
    return nonZero.length;
  }

  #restart(): void {
    this.#count = 0;
    this.#padded = 0;
    this.#emptyBlocks = 0;
  }

  /** Goes to the marker after the coded data; more than a few bytes before it mean that the codes were wrong. */
  #endStretch(): void {
    const unread = Math.floor((this.#count - this.#padded) / 8);
    const from = this.#at;
    while (this.#byte(this.#at) !== 0xff || this.#byte(this.#at + 1) === 0) this.#at += 1;
    const left = this.#bytes.subarray(from, this.#at);
    if (unread + left.length > MOST_LEFT && left.some((byte) => byte !== left[0])) throw new Damage();
  }

  /** Makes at least 25 bits ready; after the end of the coded data they are zeros. */
  #fill(): void {
    while (this.#count <= 24) {
      const byte = this.#bytes[this.#at];
      const isEnd = byte === undefined || (byte === 0xff && this.#bytes[this.#at + 1] !== 0);
      if (isEnd) this.#padded += 8;
      else this.#at += byte === 0xff ? 2 : 1;
      this.#bits = (this.#bits << 8) | (isEnd ? 0 : byte);
      this.#count += 8;
    }
  }

  /** The next `size` bits, at most 16. */
  #take(size: number): number {
    this.#fill();
    this.#count -= size;
    return (this.#bits >>> this.#count) & ((1 << size) - 1);
  }

  #skip(size: number): void {
    if (size > 16) throw new Damage();
    this.#fill();
    this.#count -= size;
  }

  #symbol(table: Table | undefined): number {
    if (!table) throw new Damage();
    this.#fill();
    const entry = table.short[(this.#bits >>> (this.#count - LOOKUP)) & ((1 << LOOKUP) - 1)] as number;
    if (entry > 0) {
      this.#count -= entry >> 8;
      return entry & 255;
    }
    for (let length = LOOKUP + 1; length <= 16; length++) {
      const code = (this.#bits >>> (this.#count - length)) & ((1 << length) - 1);
      const { first, count, from } = table.long[length] as Table['long'][number];
      if (code - first >= count || code < first) continue;
      this.#count -= length;
      return table.symbols[from + code - first] as number;
    }
    throw new Damage();
  }
}

/** Canonical Huffman codes: `counts` has the number of codes of each length from 1 to 16. */
function tableOf(counts: Uint8Array, symbols: Uint8Array): Table {
  const short = new Uint16Array(1 << LOOKUP);
  const long: { first: number; count: number; from: number }[] = [{ first: 0, count: 0, from: 0 }];
  let code = 0;
  let from = 0;
  for (let length = 1; length <= 16; length++) {
    const count = counts[length - 1] ?? 0;
    long.push({ first: code, count, from });
    if (length <= LOOKUP) {
      const width = 1 << (LOOKUP - length);
      for (let index = 0; index < count; index++) {
        const entry = length * 256 + (symbols[from + index] as number);
        short.fill(entry, (code + index) * width, (code + index + 1) * width);
      }
    }
    code = (code + count) * 2;
    from += count;
  }
  return { short, long, symbols };
}
