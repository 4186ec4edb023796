import { open, readdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import pLimit from 'p-limit';
import { Exit } from '../base/exit.js';
import { readImageFacts } from '../base/image-facts.js';
import { commonAspect, fewOf, type ImportResult } from './imported.js';
import { whyNotRead } from './read-text.js';

/** Files read at a time; more would wait for the disk. Our choice. */
const CONCURRENCY = 16;

/** Sorts `panel-2` before `panel-10`, ignores letter case, and is the same on every machine. */
const natural = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Reads a folder of images: one shot per image, sorted by name with numbers in order. */
export async function readImageFolder(folder: string): Promise<ImportResult> {
  const name = basename(folder);
  let entries: { files: string[]; folders: string[] };
  try {
    entries = await listFolder(folder);
  } catch (error) {
    const message = whyNotRead(name, error as NodeJS.ErrnoException);
    return { ok: false, exit: Exit.missing, message };
  }
  const files = await withFacts(folder, entries.files);
  const images = files.filter(({ facts }) => facts?.isTaken);
  const others = files.filter(({ facts }) => !facts?.isTaken).map(({ file }) => file);
  if (images.length === 0) return noImages(name, { ...entries, others });
  const notices = [
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
      notices,
    },
  };
}

async function listFolder(folder: string): Promise<{ files: string[]; folders: string[] }> {
  const entries = await readdir(folder, { withFileTypes: true });
  // Hidden files belong to the system, such as `.DS_Store` and `._panel.png`.
  const visible = entries.filter((entry) => !entry.name.startsWith('.'));
  const folders = visible.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const files = visible.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
  return { files: files.sort(byName), folders: folders.sort(byName) };
}

function byName(a: string, b: string): number {
  return natural.compare(a, b) || (a < b ? -1 : 1);
}

async function withFacts(
  folder: string,
  files: readonly string[],
): Promise<{ file: string; facts: FileFacts | null }[]> {
  const limit = pLimit(CONCURRENCY);
  return Promise.all(
    files.map((file) => limit(async () => ({ file, facts: await readFileFacts(join(folder, file)) }))),
  );
}

function noImages(
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

/** Facts about an image that a list may name. */
interface FileFacts {
  /** Width by height, as displayed. */
  readonly ratio: number;
  /** True if the models take its format. */
  readonly isTaken: boolean;
}

/** Formats that the models' documents allow, by their names in `image-size`. */
const TAKEN: ReadonlySet<string> = new Set(['jpg', 'png', 'bmp', 'webp']);

/** Bytes read of an image: enough to reach the dimensions after a thumbnail and a colour profile. Our choice. */
const HEAD = 512 * 1024;

/** Reads the beginning of a file; null if it is not an image, or cannot be read. */
export async function readFileFacts(path: string): Promise<FileFacts | null> {
  try {
    const { format, width, height } = readImageFacts(await readHead(path));
    return { ratio: width / height, isTaken: TAKEN.has(format) };
  } catch {
    return null;
  }
}

async function readHead(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const bytes = new Uint8Array(Math.min(size, HEAD));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
