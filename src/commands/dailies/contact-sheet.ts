import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { Exit } from '../../base/exit.js';
import { isFileError, whyNotWritten } from '../../base/files.js';
import {
  type SheetPage,
  type SheetPicture,
  sheetPages,
  sheetSubtitles,
} from '../../dailies/contact-sheet.js';
import type { PageData } from '../../dailies/page-data.js';
import { runChild } from '../../media/child.js';
import { type Ffmpeg, findFfmpeg } from '../../media/ffmpeg.js';
import { FONTS, placeFonts } from '../../media/fonts.js';
import { isPicture } from '../../media/picture.js';
import { type Failure, shownPath } from '../console.js';

/** Options of a contact sheet. */
export interface SheetOptions {
  /** PNG to write. */
  readonly to: string;
  /** Environment that may name an ffmpeg. */
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Called with the number of each page, from 1, before it is drawn. */
  readonly onPage: (page: number, pages: number) => void;
}

/** Time limit for a page; drawing takes a second or two. */
const TIMEOUT_MS = 120_000;
const START = ['-hide_banner', '-nostdin', '-v', 'error', '-y'] as const;
const PNG_OUTPUT = ['-frames:v', '1', '-c:v', 'png', '-f', 'image2', '-update', '1', 'page.png'] as const;
const PAPER = '0x15171a';
const BOX = '0x1f2226';

/**
 * Draws the contact sheet of a film as PNG, with further pages as `<name>-2.png` and so on. Pictures in `data` have absolute
 * paths. Returns the files, or a failure.
 */
export async function drawContactSheet(
  data: PageData,
  { to, env, signal, onPage }: SheetOptions,
): Promise<readonly string[] | Failure> {
  const found = await findFfmpeg({ env });
  if (!found.ok) return { exit: Exit.usage, message: found.message, hint: found.hint };
  const { ffmpeg } = found;
  if (!ffmpeg.filters.has('ass')) {
    const message = `the ffmpeg at ${ffmpeg.path} has no libass, which draws the text of a contact sheet`;
    return { exit: Exit.usage, message, hint: 'set SHOTLIST_FFMPEG to an ffmpeg with libass' };
  }
  const work = await mkdtemp(join(tmpdir(), 'shotlist-sheet-'));
  try {
    await placeFonts(work);
    const pages = sheetPages(data);
    await mkdir(dirname(to), { recursive: true });
    const files: string[] = [];
    for (const [index, page] of pages.entries()) {
      onPage(index + 1, pages.length);
      const subtitles = sheetSubtitles(page, { data, number: index + 1, pages: pages.length });
      const problem = await drawPage(page, { ffmpeg, work, subtitles, signal });
      if (signal.aborted) return { exit: Exit.interrupted, message: 'stopped before all pages were drawn' };
      if (problem !== null)
        return { exit: Exit.failed, message: `the contact sheet cannot be drawn: ${problem}` };
      const file = pageName(to, index + 1);
      await copyFile(join(work, 'page.png'), file);
      files.push(file);
    }
    return files;
  } catch (error) {
    if (!isFileError(error)) throw error;
    return { exit: Exit.cannotWrite, message: `${shownPath(to)} cannot be written: ${whyNotWritten(error)}` };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

interface DrawOptions {
  readonly ffmpeg: Ffmpeg;
  /** Folder to work in, with the fonts. */
  readonly work: string;
  /** Text of the page, as ASS. */
  readonly subtitles: string;
  readonly signal: AbortSignal;
}

/** Draws a page to `page.png` in the work folder; returns a problem or null. */
async function drawPage(
  page: SheetPage,
  { ffmpeg, work, subtitles, signal }: DrawOptions,
): Promise<string | null> {
  await writeFile(join(work, 'text.ass'), subtitles);
  const boxes = page.cells.flatMap(({ board, frame }) => [board, frame]);
  const pictures: FilledBox[] = [];
  for (const box of boxes) {
    if (box.src !== null && (await isPicture(box.src))) pictures.push({ ...box, src: box.src });
  }
  const drawn = await runChild(ffmpeg.path, {
    args: drawArgs(page, { boxes, pictures }),
    cwd: work,
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  return drawn.ok ? null : drawn.message;
}

/** A box with a picture. */
type FilledBox = SheetPicture & { readonly src: string };

function drawArgs(
  { width, height }: SheetPage,
  { boxes, pictures }: { readonly boxes: readonly SheetPicture[]; readonly pictures: readonly FilledBox[] },
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
  const text = `[s${pictures.length}]ass=filename=text.ass:fontsdir=${FONTS},format=rgb24[out]`;
  const graph = [`${paper.join(',')}[s0]`, ...fitted, ...laid, text].join(';');
  const inputs = pictures.flatMap(({ src }) => ['-i', `file:${src}`]);
  return [...START, ...inputs, '-filter_complex', graph, '-map', '[out]', ...PNG_OUTPUT];
}

/** Removes the pages of a contact sheet from a number on, up to the first missing number. */
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
