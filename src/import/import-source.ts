import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { Exit } from '../base/exit.js';
import type { ColumnMap } from './columns.js';
import { readCsv } from './csv.js';
import { readFileFacts, readImageFolder } from './image-folder.js';
import { fewOf, type ImportResult } from './imported.js';
import { whyNotRead } from './read-text.js';
import { readStoryboarder } from './storyboarder.js';

/** File endings of tables. */
const TABLES: ReadonlySet<string> = new Set(['.csv', '.tsv', '.tab', '.txt']);

/** Reads the absolute path `source`: a folder of images, a table, a Storyboarder scene or its folder. */
export async function importSource(source: string, { map }: { map: ColumnMap }): Promise<ImportResult> {
  const name = basename(source);
  try {
    const stats = await stat(source);
    if (stats.isDirectory()) return await readFolder(source);
  } catch (error) {
    const message = whyNotRead(name, error as NodeJS.ErrnoException);
    return { ok: false, exit: Exit.missing, message };
  }
  const type = extname(source).toLowerCase();
  if (type === '.storyboarder') return readStoryboarder(source);
  if (TABLES.has(type)) return readCsv(source, { map });
  const image = await readFileFacts(source);
  const message = image
    ? `${name} is a single image`
    : `${name} is neither a folder of images, a CSV nor a Storyboarder file`;
  const hint = image
    ? 'import the folder that holds it'
    : 'a spreadsheet is saved as CSV (UTF-8); a Storyboarder scene ends in .storyboarder';
  return { ok: false, exit: Exit.invalid, message, hint };
}

/** Reads the scene of a Storyboarder folder, whose images are layers of boards and not shots; otherwise the images. */
async function readFolder(folder: string): Promise<ImportResult> {
  const scenes = (await readdir(folder)).filter((file) => extname(file).toLowerCase() === '.storyboarder');
  const [only] = scenes;
  if (only === undefined) return readImageFolder(folder);
  if (scenes.length === 1) return readStoryboarder(join(folder, only));
  const message = `${basename(folder)} holds ${scenes.length} Storyboarder scenes`;
  return { ok: false, exit: Exit.usage, message, hint: `import one of them: ${fewOf(scenes.sort())}` };
}
