import { pipeline, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';

type Pieces = AsyncIterable<Buffer>;

/** Zstandard came to Node 22.15. */
const { createZstdDecompress } = zlib as { readonly createZstdDecompress?: () => Transform };

/** Content codings by their names in RFC 9110, 8.4.1, and RFC 8878. */
const CODINGS: ReadonlyMap<string, (pieces: Pieces) => Pieces> = new Map([
  ['gzip', (pieces) => through(pieces, zlib.createGunzip())],
  ['x-gzip', (pieces) => through(pieces, zlib.createGunzip())],
  ['br', (pieces) => through(pieces, zlib.createBrotliDecompress())],
  ['deflate', inflate],
  ...(createZstdDecompress
    ? [['zstd', (pieces: Pieces) => through(pieces, createZstdDecompress())] as const]
    : []),
]);

/** Gateways may pack a packed answer once more. More layers could only be meant to exhaust memory. Our choice. */
const MOST_CODINGS = 2;

/** Names of the codings of a body, in the order in which they were applied; none for a body that is sent as it is. */
export function codingsIn(encoding = ''): readonly string[] {
  const names = encoding.toLowerCase().split(',');
  return names.map((name) => name.trim()).filter((name) => name !== '' && name !== 'identity');
}

/**
 * Unpacks a body; `encoding` is its Content-Encoding, which some gateways use although they are asked not to. Fails if the
 * coding is unknown or the body is broken. The caller limits the size.
 */
export function unpack(body: Pieces, encoding: string | undefined): Pieces {
  const names = codingsIn(encoding);
  if (names.length > MOST_CODINGS) throw new Error(`the answer is packed ${names.length} times`);
  return names.reduceRight((pieces, name) => {
    const coding = CODINGS.get(name);
    if (!coding) throw new Error('the answer is packed in an unknown way');
    return coding(pieces);
  }, body);
}

/** Drops a byte order mark; keeps no state between two texts. */
const utf8 = new TextDecoder();

/**
 * Text of an answer's body, without a byte order mark. Rejects if it cannot be unpacked, or unpacks to more than `limit`
 * bytes.
 */
export async function decode(
  body: Buffer,
  { encoding, limit }: { readonly encoding: string | undefined; readonly limit: number },
): Promise<string> {
  if (codingsIn(encoding).length === 0) return utf8.decode(body);
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of unpack(one(body), encoding)) {
    length += piece.length;
    if (length > limit) throw new Error('the answer is too long');
    pieces.push(piece);
  }
  return utf8.decode(Buffer.concat(pieces, length));
}

async function* one(piece: Buffer): AsyncGenerator<Buffer> {
  yield piece;
}

async function* through(pieces: Pieces, transform: Transform): AsyncGenerator<Buffer> {
  // Every error comes out of the transform.
  pipeline(pieces, transform, () => {});
  yield* transform as Pieces;
}

/** `deflate` means the zlib format, whose first byte ends in 8 (RFC 1950); some servers send raw deflate instead. */
async function* inflate(pieces: Pieces): AsyncGenerator<Buffer> {
  const rest = pieces[Symbol.asyncIterator]();
  const first = await rest.next();
  if (first.done) return;
  async function* all(): AsyncGenerator<Buffer> {
    for (let next = first; !next.done; next = await rest.next()) yield next.value;
  }
  const isZlib = ((first.value[0] ?? 0) & 0x0f) === 8;
  yield* through(all(), isZlib ? zlib.createInflate() : zlib.createInflateRaw());
}
