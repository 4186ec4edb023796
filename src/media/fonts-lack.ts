import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AssEvent, assFile } from './ass.js';
import { runChild } from './child.js';
import { foreignScripts } from './scripts.js';

export interface FontQuestion {
  /** Path of an ffmpeg with libass. */
  readonly program: string;
  /** A folder to work in, absolute. */
  readonly folder: string;
  /** The fonts' folder and the file to ask with, relative to it. */
  readonly fonts: string;
  readonly file: string;
  readonly signal: AbortSignal;
}

/**
 * Names of the kinds of writing in a text that no font on this machine has, as `foreignScripts` calls them. libass is
 * asked, in a picture that nobody sees: which fonts there are, and which of them it would take, only it knows. Nothing
 * is asked for the scripts of DejaVu, and nothing is lacking where the answer is not understood. Throws the file
 * system's own error.
 */
export async function fontsLack(text: string, question: FontQuestion): Promise<ReadonlySet<string>> {
  const scripts = foreignScripts(text);
  if (scripts.size === 0) return new Set();
  const { program, folder, fonts, file, signal } = question;
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
    const asked = ['-vf', `ass=filename=${file}:fontsdir=${fonts}`, '-frames:v', '1', '-f', 'null', '-'];
    const { output } = await runChild(program, {
      args: [...args, ...asked],
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
