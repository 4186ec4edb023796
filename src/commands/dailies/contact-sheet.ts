import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { Exit } from '../../base/exit.js';
import { isFileTrouble, whyNotWritten } from '../../base/files.js';
import type { PageData } from '../../dailies/page-data.js';
import { type SheetPage, type SheetPicture, sheetPages } from '../../dailies/sheet-layout.js';
import { runChild } from '../../media/child.js';
import { type Ffmpeg, findFfmpeg } from '../../media/ffmpeg.js';
import { FONTS, placeFonts } from '../../media/fonts.js';
import { isPicture } from '../../media/picture.js';
import type { Failure } from '../console.js';
import { shownPath } from '../console.js';
import { sheetWords } from './sheet-words.js';

export interface SheetOptions {
  /** The PNG to write. */
  readonly to: string;
  /** Where an ffmpeg may be named. */
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Hears of each page, counted from 1, before it is drawn. */
  readonly onPage: (page: number, pages: number) => void;
}

/** A page takes a second or two; what takes this long hangs. */
const LONGEST_MS = 120_000;
const PAPER = '0x15171a';
const BOX = '0x1f2226';

/**
 * Draws a film's contact sheet as PNG, pages after the first beside it as `<name>-2.png` and so on. Pictures are addressed by absolute paths. Returns the files, or what is in the way.
 */
export async function drawContactSheet(
  data: PageData,
  { to, env, signal, onPage }: SheetOptions,
): Promise<readonly string[] | Failure> {
  const found = await findFfmpeg({ env });
  if (!found.ok) return { exit: Exit.usage, message: found.message, hint: found.hint };
  const { ffmpeg } = found;
  if (!ffmpeg.filters.has('ass')) {
    const message = `the ffmpeg at ${ffmpeg.path} has no libass, which sets the words on a contact sheet`;
    return { exit: Exit.usage, message, hint: 'set SHOTLIST_FFMPEG to one that has' };
  }
  const work = await mkdtemp(join(tmpdir(), 'shotlist-sheet-'));
  try {
    await placeFonts(work);
    const pages = sheetPages(data);
    await mkdir(dirname(to), { recursive: true });
    const files: string[] = [];
    for (const [index, page] of pages.entries()) {
      onPage(index + 1, pages.length);
      const words = sheetWords(page, { data, number: index + 1, pages: pages.length });
      const problem = await drawPage(page, { ffmpeg, work, words, signal });
      if (signal.aborted) return { exit: Exit.interrupted, message: 'stopped before all pages were drawn' };
      if (problem !== null)
        return { exit: Exit.failed, message: `the contact sheet cannot be drawn: ${problem}` };
      const file = pageName(to, index + 1);
      await copyFile(join(work, 'page.png'), file);
      files.push(file);
    }
    return files;
  } catch (error) {
    if (!isFileTrouble(error)) throw error;
    return { exit: Exit.cannotWrite, message: `${shownPath(to)} cannot be written: ${whyNotWritten(error)}` };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

interface DrawOptions {
  readonly ffmpeg: Ffmpeg;
  /** A folder with the fonts. */
  readonly work: string;
  readonly words: string;
  readonly signal: AbortSignal;
}

/** Draws a page to `page.png` in the work folder; returns what is in the way, or null. */
async function drawPage(
  page: SheetPage,
  { ffmpeg, work, words, signal }: DrawOptions,
): Promise<string | null> {
  await writeFile(join(work, 'words.ass'), words);
  const boxes = page.cells.flatMap(({ board, frame }) => [board, frame]);
  const pictures: Placed[] = [];
  for (const box of boxes) {
    if (box.src !== null && (await isPicture(box.src))) pictures.push({ ...box, src: box.src });
  }
  const drawn = await runChild(ffmpeg.path, {
    args: drawArgs(page, { boxes, pictures }),
    cwd: work,
    signal: AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]),
  });
  return drawn.ok ? null : drawn.message;
}

type Placed = SheetPicture & { readonly src: string };

function drawArgs(
  { width, height }: SheetPage,
  { boxes, pictures }: { readonly boxes: readonly SheetPicture[]; readonly pictures: readonly Placed[] },
): string[] {
  const paper = [
    `color=c=${PAPER}:s=${width}x${height}:r=1:d=1`,
    'format=rgb24',
    ...boxes.map((box) => `drawbox=${box.x}:${box.y}:${box.width}:${box.height}:${BOX}:fill`),
  ];
  const fitted = pictures.map(({ width: w, height: h }, index) => {
    const fit = `min(${w}/iw\\,${h}/ih)`;
    return `[${index}:v:0]scale=w=max(1\\,trunc(iw*${fit})):h=max(1\\,trunc(ih*${fit})):flags=lanczos,format=rgba[p${index}]`;
  });
  const laid = pictures.map(({ x, y, width: w, height: h }, index) => {
    const place = `x=${x}+(${w}-w)/2:y=${y}+(${h}-h)/2`;
    return `[s${index}][p${index}]overlay=${place}:format=rgb:eof_action=repeat[s${index + 1}]`;
  });
  const words = `[s${pictures.length}]ass=filename=words.ass:fontsdir=${FONTS},format=rgb24[out]`;
  const graph = [`${paper.join(',')}[s0]`, ...fitted, ...laid, words].join(';');
  const png = ['-frames:v', '1', '-c:v', 'png', '-f', 'image2', '-update', '1', 'page.png'];
  return [
    ...['-hide_banner', '-nostdin', '-v', 'error', '-y'],
    ...pictures.flatMap(({ src }) => ['-i', `file:${src}`]),
    ...['-filter_complex', graph, '-map', '[out]', ...png],
  ];
}

/** Removes the pages of a contact sheet from a number on, as far as they follow each other. */
export async function removePages(to: string, from: number): Promise<void> {
  for (let number = from; ; number += 1) {
    const isGone = await rm(pageName(to, number)).then(
      () => true,
      () => false,
    );
    if (!isGone) return;
  }
}

function pageName(to: string, number: number): string {
  if (number === 1) return to;
  const ending = extname(to);
  return `${to.slice(0, to.length - ending.length)}-${number}${ending}`;
}
