import { readdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import pLimit from 'p-limit';
import { Exit } from '../base/exit.js';
import { commonAspect } from './aspect-name.js';
import { type ImageFacts, imageFacts } from './image-facts.js';
import { fewOf, type ImportResult } from './imported.js';
import { cannotRead } from './read-text.js';

/** Files looked into at a time; more would wait for the disk all the same. */
const AT_ONCE = 16;

/** `panel-2` before `panel-10`, whatever the letter case, on every machine alike. */
const natural = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Reads a folder of images: a shot for each, in the order of their names as people count. */
export async function readImageFolder(folder: string): Promise<ImportResult> {
  const name = basename(folder);
  let entries: { files: string[]; folders: string[] };
  try {
    entries = await list(folder);
  } catch (error) {
    const message = cannotRead(name, error as NodeJS.ErrnoException);
    return { ok: false, exit: Exit.missing, message };
  }
  const looked = await lookInto(folder, entries.files);
  const images = looked.filter((each) => each.facts?.taken);
  const others = looked.filter((each) => !each.facts?.taken).map(({ file }) => file);
  if (images.length === 0) return nothingIn(name, { ...entries, others });
  const skipped = [
    ...(others.length > 0 ? [`Left out, being no jpg, png, bmp or webp: ${fewOf(others)}.`] : []),
    ...(entries.folders.length > 0 ? [`Folders in it were not looked into: ${fewOf(entries.folders)}.`] : []),
  ];
  return {
    ok: true,
    imported: {
      title: name,
      origin: `the images in ${name}`,
      aspect: commonAspect(images.flatMap(({ facts }) => facts?.ratio ?? [])),
      shots: images.map(({ file }) => ({
        name: basename(file, extname(file)),
        startImage: join(folder, file),
      })),
      notices: skipped,
    },
  };
}

async function list(folder: string): Promise<{ files: string[]; folders: string[] }> {
  const entries = await readdir(folder, { withFileTypes: true });
  // Hidden files are the system's (`.DS_Store`, `._panel.png`), not boards.
  const seen = entries.filter((entry) => !entry.name.startsWith('.'));
  const folders = seen.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const files = seen.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
  return { files: files.sort(inOrder), folders: folders.sort(inOrder) };
}

function inOrder(a: string, b: string): number {
  return natural.compare(a, b) || (a < b ? -1 : 1);
}

async function lookInto(
  folder: string,
  files: readonly string[],
): Promise<{ file: string; facts: ImageFacts | null }[]> {
  const limit = pLimit(AT_ONCE);
  return Promise.all(
    files.map((file) => limit(async () => ({ file, facts: await imageFacts(join(folder, file)) }))),
  );
}

function nothingIn(
  name: string,
  { folders, others }: { folders: readonly string[]; others: readonly string[] },
): ImportResult {
  const message = `there is no jpg, png, bmp or webp image in ${name}`;
  const hint =
    folders.length > 0
      ? `import one of its folders: ${fewOf(folders)}`
      : others.length > 0
        ? `it holds ${fewOf(others)}`
        : 'it is empty';
  return { ok: false, exit: Exit.invalid, message, hint };
}
