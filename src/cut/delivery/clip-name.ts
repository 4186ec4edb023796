import { isDeviceName } from '../../base/files.js';

/** What a delivered clip can be named by; null and empty for what it does not have. */
export interface ClipWords {
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

/** Versions are padded, as editors sort by name. */
const VERSION_DIGITS = 3;

/** Bytes of a name, its ending aside: most file systems take 255, and numbers and endings are added. */
const LONGEST = 180;

/** Why a pattern names nothing, in words; null for a good one. */
export function patternProblem(pattern: string): string | null {
  if (/[/\\]/.test(pattern)) return 'it is a name, and may not lead into another folder';
  const known: readonly string[] = PLACEHOLDERS;
  const unknown = [...pattern.matchAll(/\{([^{}]*)\}/g)].find(([, name = '']) => !known.includes(name));
  const list = PLACEHOLDERS.map((name) => `{${name}}`).join(', ');
  if (unknown) return `there is no ${unknown[0]}; there are ${list}`;
  if (/[{}]/.test(pattern.replace(/\{[^{}]*\}/g, ''))) return `a brace stands alone; there are ${list}`;
  return pattern.includes('{shot}') ? null : 'without {shot}, all clips would have one name';
}

/**
 * A clip's name without its ending, safe on every system. What stands between two `_` is left out where its placeholder
 * has nothing to say; a part of a split shot is numbered even where the pattern does not ask for it. An ending that the
 * pattern was given is dropped: the clip has its own. Pure.
 */
export function clipName(pattern: string, all: ClipWords): string {
  const words = pattern.includes('{variant}') ? withoutVariant(all) : all;
  const bare = pattern.replace(/\.(?:mp4|mov|webm)$/i, '');
  const whole = words.part !== null && !bare.includes('{part}') ? `${bare}_p{part}` : bare;
  const sections = whole.split('_').flatMap((section) => {
    const names = [...section.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    const isEmpty = names.length > 0 && names.every((name) => wordOf(name, words) === '');
    return isEmpty ? [] : [section.replace(/\{(\w+)\}/g, (_, name: string) => wordOf(name, words))];
  });
  return safeName(asciiOf(sections.join('_')));
}

/** A variant's id ends with what makes it one, which need not stand in a name twice. */
function withoutVariant(words: ClipWords): ClipWords {
  const { shot, variant } = words;
  return variant !== null && shot.endsWith(`.${variant}`)
    ? { ...words, shot: shot.slice(0, -variant.length - 1) }
    : words;
}

/** Without accents, and `-` for other alphabets: Resolve does not decode what a URL has to escape. */
function asciiOf(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^ -~]+/g, '-');
}

function wordOf(name: string, words: ClipWords): string {
  const value = words[name as keyof ClipWords];
  return name === 'version' ? String(value).padStart(VERSION_DIGITS, '0') : String(value ?? '');
}

/** `v001`. */
export function versionWord(version: number): string {
  return `v${String(version).padStart(VERSION_DIGITS, '0')}`;
}

/** A text as a file's name, its ending aside, that Linux, macOS and Windows take. Pure. */
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
    if (bytes > LONGEST) break;
    short += sign;
  }
  return short;
}
