import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';

type Decompress = (bytes: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>;

const unpackGzip: Decompress = promisify(gunzip);
const unpackBrotli: Decompress = promisify(brotliDecompress);
const unpackZlib: Decompress = promisify(inflate);
const unpackDeflate: Decompress = promisify(inflateRaw);

/** By the names of RFC 9110, 8.4.1. */
const CODINGS: ReadonlyMap<string, Decompress> = new Map([
  ['gzip', unpackGzip],
  ['x-gzip', unpackGzip],
  ['br', unpackBrotli],
  // Should be wrapped as zlib does it, whose first byte ends in 8 (RFC 1950); some servers leave the wrapping out.
  [
    'deflate',
    (bytes, options) =>
      ((bytes[0] ?? 0) & 0x0f) === 8 ? unpackZlib(bytes, options) : unpackDeflate(bytes, options),
  ],
]);

/** Leaves out a byte order mark, and keeps nothing from one text to the next. */
const utf8 = new TextDecoder();
/** Two may meet where a gateway packs what was packed; more serve nobody but who wants to exhaust us. Our choice. */
const MOST_CODINGS = 2;

/**
 * The text of an answer's body, which some gateways compress although they are asked not to, without a byte order
 * mark. `encoding` is its Content-Encoding. Rejects when that is not known, the body is broken, or it unpacks to more
 * than `limit` bytes.
 */
export async function decode(
  body: Buffer,
  { encoding = '', limit }: { encoding: string | undefined; limit: number },
): Promise<string> {
  const codings = encoding
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
  if (codings.length > MOST_CODINGS) throw new Error(`the answer is packed ${codings.length} times`);
  let bytes = body;
  // Named in the order in which they were applied.
  for (const coding of codings.toReversed()) {
    const unpack = CODINGS.get(coding);
    if (!unpack) throw new Error('the answer is packed in an unknown way');
    bytes = await unpack(bytes, { maxOutputLength: limit });
  }
  return utf8.decode(bytes);
}
