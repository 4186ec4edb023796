import { copyFile, mkdir, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Where the fonts are, relative to the folder that ffmpeg works in. */
export const FONTS = 'fonts';

/** The faces that text over pictures is set in, of the many in the package: libass reads every file of a fonts folder for each render. */
const FILES = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf', 'DejaVuSansMono.ttf'];

/**
 * Puts the fonts into a folder to work in, so that the picture is the same on every machine and ffmpeg
 * needs no path but a relative one. Throws the file system's own error.
 */
export async function placeFonts(folder: string): Promise<void> {
  await mkdir(join(folder, FONTS), { recursive: true });
  // Found at run time: in a bundle the package stays outside.
  const { resolve } = createRequire(import.meta.url);
  for (const file of FILES) {
    const from = resolve(`dejavu-fonts-ttf/ttf/${file}`);
    const to = join(folder, FONTS, file);
    const [wanted, there] = await Promise.all([stat(from), stat(to).catch(() => null)]);
    if (there?.size !== wanted.size) await copyFile(from, to);
  }
}
