import { copyFile, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type AssEvent, assFile } from './ass.js';
import { runChild } from './child.js';

/** Folder of the fonts, relative to the folder that ffmpeg works in. */
export const FONTS = 'fonts';

/** Faces for text over pictures. Only these few of the package: libass reads each file of the folder for each render. */
const FILES = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf', 'DejaVuSansMono.ttf'];

/**
 * Copies the fonts into a work folder, so that pictures are the same on every machine and ffmpeg needs only relative
 * paths. Throws the error of the file system.
 */
export async function placeFonts(folder: string): Promise<void> {
  await mkdir(join(folder, FONTS), { recursive: true });
  // Resolved at run time: the package is not in the bundle.
  const { resolve } = createRequire(import.meta.url);
  for (const file of FILES) {
    const from = resolve(`dejavu-fonts-ttf/ttf/${file}`);
    const to = join(folder, FONTS, file);
    const [wanted, there] = await Promise.all([stat(from), stat(to).catch(() => null)]);
    if (there?.size !== wanted.size) await copyFile(from, to);
  }
}

/** Name of the emoji script; a caption can do without emoji. */
const EMOJI = 'emoji';

/** Scripts that DejaVu lacks; the machine may have a font for them. */
const SCRIPTS: readonly { readonly name: string; readonly letters: string }[] = [
  // Emoji first: they are inside sentences. Kana before Han, so that a Japanese sentence is not called Chinese.
  { name: EMOJI, letters: '\\p{Emoji_Presentation}' },
  { name: 'Japanese', letters: '\\p{Script=Hiragana}\\p{Script=Katakana}' },
  { name: 'Korean', letters: '\\p{Script=Hangul}' },
  { name: 'Chinese', letters: '\\p{Script=Han}' },
  { name: 'Thai', letters: '\\p{Script=Thai}' },
  { name: 'Hindi', letters: '\\p{Script=Devanagari}' },
  { name: 'Bengali', letters: '\\p{Script=Bengali}' },
  { name: 'Tamil', letters: '\\p{Script=Tamil}' },
  { name: 'Telugu', letters: '\\p{Script=Telugu}' },
  { name: 'Burmese', letters: '\\p{Script=Myanmar}' },
  { name: 'Khmer', letters: '\\p{Script=Khmer}' },
  { name: 'Amharic', letters: '\\p{Script=Ethiopic}' },
];

/** Scripts in a text that need another font: name, and one letter of the text. */
export function foreignScripts(text: string): ReadonlyMap<string, string> {
  const found = SCRIPTS.flatMap(({ name, letters }): [string, string][] => {
    const letter = new RegExp(`[${letters}]`, 'u').exec(text)?.[0];
    return letter === undefined ? [] : [[name, letter]];
  });
  return new Map(found);
}

/** Text in which each passage without a font is replaced, `[Japanese: font missing]`, and emoji without a font are removed. */
export function nameMissingScripts(text: string, missing: ReadonlySet<string>): string {
  let result = text;
  for (const { name, letters } of SCRIPTS) {
    if (!missing.has(name)) continue;
    // Japanese uses Han letters too. Marks, blanks and full-width punctuation between letters belong to the passage.
    const own = name === 'Japanese' ? `${letters}\\p{Script=Han}` : letters;
    const run = new RegExp(
      `[${own}](?:[${own}\\p{M}\\p{Cf}\\s\\u3000-\\u303f\\uff00-\\uffef]*[${own}\\p{M}\\u3001\\u3002])*`,
      'gu',
    );
    const ownLetter = new RegExp(`[${letters}]`, 'u');
    result = result.replace(run, (found, at: number, whole: string) => {
      if (!ownLetter.test(found)) return found;
      if (name === EMOJI) return '';
      return `[${name}: font missing]${/\p{L}/u.test(whole.charAt(at + found.length)) ? ' ' : ''}`;
    });
  }
  return result;
}

/** Program and files with which libass finds missing fonts. */
export interface FontCheck {
  /** Path of an ffmpeg with libass. */
  readonly program: string;
  /** Work folder, absolute. */
  readonly folder: string;
  /** Folder of the fonts, and the file to write; both relative to the work folder. */
  readonly fonts: string;
  readonly file: string;
  readonly signal: AbortSignal;
}

/**
 * Names of the scripts in a text that no font on this machine has, as `foreignScripts` calls them. It renders a
 * picture and removes it, because only libass knows the fonts that it would use. Output that is not understood counts as
 * none missing. Throws the error of the file system.
 */
export async function missingScripts(text: string, check: FontCheck): Promise<ReadonlySet<string>> {
  const scripts = foreignScripts(text);
  if (scripts.size === 0) return new Set();
  const { program, folder, fonts, file, signal } = check;
  const size = { width: 64, height: 64 };
  const style = { name: 'any', font: 'DejaVu Sans', size: 20, colour: '&H00FFFFFF' };
  const event: AssEvent = {
    layer: 0,
    from: 0,
    to: 1,
    style: style.name,
    text: [...scripts.values()].join(''),
  };
  try {
    await writeFile(join(folder, file), assFile(size, [style], [event]));
    const source = ['-f', 'lavfi', '-i', `color=s=${size.width}x${size.height}:d=0.1`];
    const args = ['-hide_banner', '-nostdin', '-loglevel', 'warning', ...source];
    const render = ['-vf', `ass=filename=${file}:fontsdir=${fonts}`, '-frames:v', '1', '-f', 'null', '-'];
    const { output } = await runChild(program, {
      args: [...args, ...render],
      cwd: folder,
      signal,
      keepErrors: true,
    });
    const missing = [...output.matchAll(/failed to find any fallback with glyph 0x([0-9A-F]+)/gi)];
    const letters = new Set(missing.map(([, code = '0']) => String.fromCodePoint(Number.parseInt(code, 16))));
    return new Set([...scripts].filter(([, letter]) => letters.has(letter)).map(([name]) => name));
  } finally {
    await rm(join(folder, file), { force: true });
  }
}
