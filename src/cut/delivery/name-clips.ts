import { extname } from 'node:path';
import { isDeviceName } from '../../base/files.js';
import type { CutPiece } from '../cut.js';
import type { OtherFiles } from './folder-files.js';
import type { DeliveredClip, DeliveryRecord } from './record.js';

/** A piece of the cut, and its file in the folder. */
export interface NamedClip {
  readonly piece: CutPiece;
  readonly clip: DeliveredClip;
  /** True if the clip must be copied. */
  readonly isNew: boolean;
}

/** A name that two clips would have, or that is taken. */
export interface NameClash {
  readonly file: string;
  /** Ids or file names of the two. */
  readonly between: readonly [string, string];
}

/** Options of the names. */
export interface NamingOptions {
  readonly record: DeliveryRecord;
  readonly others: OtherFiles;
  readonly pattern: string;
  readonly profile: string | null;
  readonly title: string;
}

/**
 * Names the file of each clip: the file it was delivered as, or a new one with the next version of its shot. Each render,
 * with another content key or other bytes, is a version. A version is skipped if another file has its name, because a lost
 * record may have counted it. Pure.
 */
export function nameClips(
  pieces: readonly CutPiece[],
  { record, others, pattern, profile, title }: NamingOptions,
):
  | { readonly ok: true; readonly clips: readonly NamedClip[] }
  | { readonly ok: false; readonly clash: NameClash } {
  const versions = new Map<string, DeliveredClip[]>();
  for (const clip of record.clips) addToList(versions, shotName(clip), clip);
  // On most file systems, Cliff and cliff are the same name.
  const taken = new Map(takenNames(record).map((file) => [file.toLowerCase(), file]));
  const named: NamedClip[] = [];
  for (const piece of pieces) {
    const { entry } = piece;
    const { key, shot, take, part } = entry;
    const { bytes, sha256, file: from } = piece.clip;
    const before = versions.get(shotName(entry)) ?? [];
    const delivered = before.find((clip) => clip.key === key && clip.sha256 === sha256);
    if (delivered) {
      named.push({ piece, clip: delivered, isNew: false });
      continue;
    }
    const fileName = (version: number) => {
      const values: PlaceholderValues = { ...valuesOf(piece), version, profile, title };
      return `${clipName(pattern, values)}${extname(from).toLowerCase()}`;
    };
    const isTaken = (file: string) => {
      const other = others.get(file.toLowerCase());
      return other !== undefined && other !== sha256;
    };
    let version = Math.max(0, ...before.map((clip) => clip.version)) + 1;
    while (isTaken(fileName(version)) && fileName(version + 1) !== fileName(version)) version += 1;
    const file = fileName(version);
    const other = taken.get(file.toLowerCase());
    if (other !== undefined) return { ok: false, clash: { file, between: [other, entry.id] } };
    taken.set(file.toLowerCase(), entry.id);
    const clip: DeliveredClip = { shot, take, part, version, key, file, bytes, sha256 };
    addToList(versions, shotName(entry), clip);
    named.push({ piece, clip, isNew: true });
  }
  return { ok: true, clips: named };
}

function valuesOf({ entry }: CutPiece): Omit<PlaceholderValues, 'version' | 'profile' | 'title'> {
  const { scene, shot, variant_of, take, part } = entry;
  const variant =
    variant_of !== null && shot.startsWith(`${variant_of}.`) ? shot.slice(variant_of.length + 1) : null;
  return { scene, shot, variant, take, part };
}

/** Shot or part that versions are counted for. */
function shotName({ shot, part }: Pick<DeliveredClip, 'shot' | 'part'>): string {
  return `${shot} ${part ?? ''}`;
}

function takenNames({ clips, timelines }: DeliveryRecord): readonly string[] {
  return [...clips, ...timelines.flatMap(({ files }) => files)].map(({ file }) => file);
}

function addToList<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** Values of the placeholders; null for a value that the clip does not have. */
export interface PlaceholderValues {
  readonly scene: string | null;
  readonly shot: string;
  readonly variant: string | null;
  readonly take: number;
  readonly part: number | null;
  readonly version: number;
  readonly profile: string | null;
  readonly title: string;
}

const PLACEHOLDERS = ['scene', 'shot', 'variant', 'take', 'part', 'version', 'profile', 'title'] as const;

/** Minimum of digits of a version: programs sort clips by name. */
const VERSION_DIGITS = 3;

/** Maximum length of a name in bytes. Most file systems allow 255; the rest is for the extension and temporary names. */
const MAX_BYTES = 180;

/** Problem of a pattern, or null. */
export function patternProblem(pattern: string): string | null {
  if (/[/\\]/.test(pattern)) return 'a name cannot contain / or \\';
  const known: readonly string[] = PLACEHOLDERS;
  const unknown = [...pattern.matchAll(/\{([^{}]*)\}/g)].find(([, name = '']) => !known.includes(name));
  const list = PLACEHOLDERS.map((name) => `{${name}}`).join(', ');
  if (unknown) return `there is no ${unknown[0]}; there are ${list}`;
  if (/[{}]/.test(pattern.replace(/\{[^{}]*\}/g, ''))) return `a brace has no counterpart; there are ${list}`;
  return pattern.includes('{shot}') ? null : 'without {shot}, all clips would have one name';
}

/**
 * Makes the name of a clip, without its extension, safe on every system. A section between two `_` is left out if its
 * placeholders are empty. A part of a split shot always gets its number. A video extension in the pattern is dropped. Pure.
 */
export function clipName(pattern: string, all: PlaceholderValues): string {
  const values = pattern.includes('{variant}') ? withoutVariant(all) : all;
  const bare = pattern.replace(/\.(?:mp4|mov|webm)$/i, '');
  const whole = values.part !== null && !bare.includes('{part}') ? `${bare}_p{part}` : bare;
  const sections = whole.split('_').flatMap((section) => {
    const names = [...section.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    const isEmpty = names.length > 0 && names.every((name) => placeholderText(name, values) === '');
    return isEmpty ? [] : [section.replace(/\{(\w+)\}/g, (_, name: string) => placeholderText(name, values))];
  });
  return safeName(asciiOf(sections.join('_')));
}

/** Values with the variant removed from the shot's id, so that a name does not contain it twice. */
function withoutVariant(values: PlaceholderValues): PlaceholderValues {
  const { shot, variant } = values;
  return variant !== null && shot.endsWith(`.${variant}`)
    ? { ...values, shot: shot.slice(0, -variant.length - 1) }
    : values;
}

/** A text in ASCII: without accents, and with `-` for other alphabets. Resolve does not decode escaped URLs. */
function asciiOf(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^ -~]+/g, '-');
}

function placeholderText(name: string, values: PlaceholderValues): string {
  const value = values[name as keyof PlaceholderValues];
  return name === 'version' ? String(value).padStart(VERSION_DIGITS, '0') : String(value ?? '');
}

/** Formats a version: `v001`. */
export function formatVersion(version: number): string {
  return `v${String(version).padStart(VERSION_DIGITS, '0')}`;
}

/** Converts a text to a file name that is valid on Linux, macOS and Windows, without an extension. Pure. */
export function safeName(text: string): string {
  const plain = text
    .normalize('NFC')
    .replace(/[^\p{L}\p{M}\p{N}._-]+/gu, '-')
    .replace(/^[.\s-]+|[.\s-]+$/g, '');
  const short = shorten(plain) || 'clip';
  return isDeviceName(short) ? `_${short}` : short;
}

function shorten(text: string): string {
  let bytes = 0;
  let short = '';
  for (const sign of text) {
    bytes += Buffer.byteLength(sign);
    if (bytes > MAX_BYTES) break;
    short += sign;
  }
  return short;
}
