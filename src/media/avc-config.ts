/**
 * Configuration that a decoder needs before the first picture of H.264 in MP4: the AVCDecoderConfigurationRecord of
 * ISO/IEC 14496-15, 5.3.3.1. Parameter sets have ids, so that one track may hold pictures of several encoders.
 */
export interface AvcConfig {
  readonly profile: number;
  readonly compatibility: number;
  readonly level: number;
  readonly sps: readonly Uint8Array[];
  readonly pps: readonly Uint8Array[];
}

/** Baseline, main and high profile: with 8 bits and 4:2:0, every player and editor takes them. */
const HIGH = 100;
const PLAIN_PROFILES = new Set([66, 77, HIGH]);
/** Last bytes of a record of high profile: chroma format, bit depths less 8, no extensions; reserved bits are ones. */
const EIGHT_BIT_420 = [0xfd, 0xf8, 0xf8, 0];

/** Highest id of a sequence parameter set; picture parameter sets go to 255, but x264 gives both the same id. */
const HIGHEST_ID = 31;

/** Reads a record; null for one that cannot be joined with others: another profile, lengths of other than 4 bytes, or damage. */
export function readAvcConfig(bytes: Uint8Array): AvcConfig | null {
  const [version, profile = 0, compatibility = 0, level = 0, lengths = 0, spsCount = 0] = bytes;
  if (version !== 1 || !PLAIN_PROFILES.has(profile) || (lengths & 3) !== 3) return null;
  const sps = readSets(bytes, 6, spsCount & 31);
  const pps = sps && readSets(bytes, sps.end + 1, bytes[sps.end] ?? 0);
  if (!sps || !pps || sps.sets.length === 0 || pps.sets.length === 0) return null;
  // Fields of high profile; without them the pictures are 4:2:0 in 8 bits, without extensions.
  const [chroma = 1, luma = 0, depth = 0, extensions = 0] = bytes.slice(pps.end);
  if ((chroma & 3) !== 1 || (luma & 7) + (depth & 7) + extensions !== 0) return null;
  return { profile, compatibility, level, sps: sps.sets, pps: pps.sets };
}

/** Bytes of a record. */
export function writeAvcConfig({ profile, compatibility, level, sps, pps }: AvcConfig): Uint8Array {
  const withLength = (set: Uint8Array) => [set.length >> 8, set.length & 255, ...set];
  return Uint8Array.from([
    1,
    profile,
    compatibility,
    level,
    0xff,
    0xe0 | sps.length,
    ...sps.flatMap(withLength),
    pps.length,
    ...pps.flatMap(withLength),
    ...(profile === HIGH ? EIGHT_BIT_420 : []),
  ]);
}

/** One record for pictures of both; null if their parameter sets have an id in common. */
export function joinAvcConfigs(one: AvcConfig, other: AvcConfig): AvcConfig | null {
  const isShared = (ids: readonly number[], others: readonly number[]) =>
    ids.some((id) => others.includes(id));
  if (isShared(one.sps.map(spsId), other.sps.map(spsId))) return null;
  if (isShared(one.pps.map(ppsId), other.pps.map(ppsId))) return null;
  return {
    profile: Math.max(one.profile, other.profile),
    // A compatibility flag holds for the whole only if it holds for both.
    compatibility: one.compatibility & other.compatibility,
    level: Math.max(one.level, other.level),
    sps: [...one.sps, ...other.sps],
    pps: [...one.pps, ...other.pps],
  };
}

/** An id that no parameter set of a record has; null if all are used. */
export function freeId({ sps, pps }: AvcConfig): number | null {
  const taken = new Set([...sps.map(spsId), ...pps.map(ppsId)]);
  for (let id = 0; id <= HIGHEST_ID; id++) if (!taken.has(id)) return id;
  return null;
}

/** Id of a sequence parameter set; it follows the header, profile, flags and level (ITU-T H.264, 7.3.2.1.1). */
function spsId(sps: Uint8Array): number {
  return readUnsigned(sps, 4);
}

/** Id of a picture parameter set; it follows the header (ITU-T H.264, 7.3.2.2). */
function ppsId(pps: Uint8Array): number {
  return readUnsigned(pps, 1);
}

/** Exp-Golomb number that begins at a byte (ITU-T H.264, 9.1). */
function readUnsigned(bytes: Uint8Array, start: number): number {
  const bit = (index: number) => ((bytes[start + (index >> 3)] ?? 0x80) >> (7 - (index & 7))) & 1;
  let zeros = 0;
  while (bit(zeros) === 0 && zeros < 31) zeros++;
  let value = 0;
  for (let index = zeros; index <= 2 * zeros; index++) value = value * 2 + bit(index);
  return value - 1;
}

function readSets(bytes: Uint8Array, start: number, count: number) {
  const sets: Uint8Array[] = [];
  let at = start;
  for (let index = 0; index < count; index++) {
    const length = (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
    const set = bytes.slice(at + 2, at + 2 + length);
    if (set.length === 0 || set.length !== length) return null;
    sets.push(set);
    at += 2 + length;
  }
  return { sets, end: at };
}
