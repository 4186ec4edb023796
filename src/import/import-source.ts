import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { Exit } from '../base/exit.js';
import type { ColumnMap } from './columns.js';
import { readCsv } from './csv.js';
import { readFileFacts, readImageFolder } from './image-folder.js';
import { fewOf, type ImportResult } from './imported.js';
import { readText, whyNotRead } from './read-text.js';
import { hasRequests, readRequestFolder, readRequests } from './requests.js';
import { readStoryboarder } from './storyboarder.js';

/** File endings of tables. */
const TABLES: ReadonlySet<string> = new Set(['.csv', '.tsv', '.tab', '.txt']);

/** Options for reading a source. */
interface SourceOptions {
  readonly map: ColumnMap;
  /** Model for requests that do not name theirs. */
  readonly model?: string | undefined;
}

/** Reads the absolute path `source`: a folder of images or of requests, a table, a Storyboarder scene or its folder. */
export async function importSource(source: string, { map, model }: SourceOptions): Promise<ImportResult> {
  const name = basename(source);
  try {
    const stats = await stat(source);
    if (stats.isDirectory()) return await readFolder(source, model);
  } catch (error) {
    const message = whyNotRead(name, error as NodeJS.ErrnoException);
    return { ok: false, exit: Exit.missing, message };
  }
  const type = extname(source).toLowerCase();
  if (type === '.storyboarder') return readStoryboarder(source);
  // Requests are told by their text: a script of any shell, a page of documentation. A cell of a table may have one too.
  if (!TABLES.has(type) || type === '.txt') {
    const read = await readText(source);
    if (read.ok && hasRequests(read.text))
      return readRequests(read.text, { name, folder: dirname(source), model });
  }
  if (TABLES.has(type)) return readCsv(source, { map });
  const image = await readFileFacts(source);
  const message = image
    ? `${name} is a single image`
    : `${name} is neither a folder of images, a CSV, a Storyboarder file nor a request`;
  const hint = image
    ? 'import the folder that holds it'
    : 'a spreadsheet is saved as CSV (UTF-8); a Storyboarder scene ends in .storyboarder';
  return { ok: false, exit: Exit.invalid, message, hint };
}

/** Reads the scene of a Storyboarder folder, whose images are layers of boards and not shots; otherwise the images. */
async function readFolder(folder: string, model: string | undefined): Promise<ImportResult> {
  const scenes = (await readdir(folder)).filter((file) => extname(file).toLowerCase() === '.storyboarder');
  const [only] = scenes;
  if (only === undefined) return (await readRequestFolder(folder, model)) ?? readImageFolder(folder);
  if (scenes.length === 1) return readStoryboarder(join(folder, only));
  const message = `${basename(folder)} holds ${scenes.length} Storyboarder scenes`;
  return { ok: false, exit: Exit.usage, message, hint: `import one of them: ${fewOf(scenes.sort())}` };
}
