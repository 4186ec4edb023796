import { readdir } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { Exit } from '../base/exit.js';
import { isList, isObject, type Json, type JsonObject } from '../base/json.js';
import { aspectName, fewOf, type ImportedShot, type ImportResult } from './imported.js';
import { readText } from './read-text.js';

/** Milliseconds of a board if neither it nor its file says how long it lasts: Storyboarder's own setting. */
const USUAL_TIMING = 2000;

/** Layers that hold the drawing, the most complete first; notes and references are not part of it. */
const LAYERS = ['fill', 'pencil', 'ink', 'tone', 'shot-generator'] as const;

/** A board of the file, unchecked. */
type Board = JsonObject;

/**
 * Reads a wonderunit Storyboarder scene (`.storyboarder`, JSON): one shot per board, with length, action, dialogue, notes
 * and picture. The format is that of Storyboarder 1 to 3, which also write numbers as strings.
 */
export async function readStoryboarder(file: string): Promise<ImportResult> {
  const name = basename(file);
  const read = await readText(file);
  if (!read.ok) return read;
  const scene = parseScene(read.text);
  if (scene === null) {
    return {
      ok: false,
      exit: Exit.invalid,
      message: `${name} is not a Storyboarder file: it holds no list of boards`,
      hint: 'open it in Storyboarder and save it again',
    };
  }
  if (scene.boards.length === 0)
    return { ok: false, exit: Exit.invalid, message: `${name} has no boards yet` };
  const folder = join(dirname(file), 'images');
  const files: ReadonlySet<string> = new Set(await readdir(folder).catch(() => []));
  const pictures = scene.boards.map((board) => pictureOf(board, files));
  return {
    ok: true,
    imported: {
      title: basename(file, extname(file)),
      origin: name,
      aspect: aspectName(Number(scene.aspectRatio)),
      shots: scene.boards.map((board, index) =>
        toShot(board, { index, timing: scene.timing, picture: pictures[index]?.file, folder }),
      ),
      notices: noticesOf(scene.boards, pictures),
    },
  };
}

function parseScene(json: string): { boards: readonly Board[]; timing: number; aspectRatio: unknown } | null {
  let value: Json;
  try {
    value = JSON.parse(json) as Json;
  } catch {
    return null;
  }
  if (!isObject(value) || !isList(value.boards) || !value.boards.every(isObject)) return null;
  const timing = positive(value.defaultBoardTiming) ?? USUAL_TIMING;
  return { boards: value.boards, timing, aspectRatio: value.aspectRatio };
}

function toShot(
  board: Board,
  {
    index,
    timing,
    picture,
    folder,
  }: { index: number; timing: number; picture: string | undefined; folder: string },
): ImportedShot {
  const [action, dialogue, notes] = [textOf(board.action), textOf(board.dialogue), textOf(board.notes)];
  return {
    name: textOf(board.shot) || `board-${index + 1}`,
    ...(picture !== undefined && { startImage: join(folder, picture) }),
    seconds: (positive(board.duration) ?? timing) / 1000,
    ...(action !== '' && { action }),
    ...(dialogue !== '' && { dialogue }),
    ...(notes !== '' && { notes }),
  };
}

interface Picture {
  readonly file?: string;
  /** True for the whole board, as Storyboarder flattens it; false for a layer. */
  readonly isWhole: boolean;
}

/**
 * Picture of a board: the flattened `board-1-UID-posterframe.jpg`, which Storyboarder writes when a scene is saved;
 * otherwise the board's own PNG, which only old versions write; otherwise a layer.
 */
function pictureOf(board: Board, files: ReadonlySet<string>): Picture {
  // Only the name counts, so that no file outside the scene's images is used.
  const url = basename(textOf(board.url).replaceAll('\\', '/'));
  const stem = url.slice(0, url.length - extname(url).length);
  const poster = ['jpg', 'png'].map((type) => `${stem}-posterframe.${type}`).find((file) => files.has(file));
  if (poster !== undefined) return { file: poster, isWhole: true };
  const layers = isObject(board.layers) ? board.layers : {};
  const drawn = LAYERS.map((layer) => layers[layer])
    .map((layer) => (isObject(layer) ? basename(textOf(layer.url)) : ''))
    .filter((file) => files.has(file));
  if (files.has(url)) return { file: url, isWhole: drawn.length === 0 };
  const [file] = drawn;
  return file === undefined ? { isWhole: false } : { file, isWhole: false };
}

function noticesOf(boards: readonly Board[], pictures: readonly Picture[]): string[] {
  const label = (index: number): string => textOf(boards[index]?.shot) || `board ${index + 1}`;
  const labelsOf = (test: (picture: Picture, index: number) => boolean): string[] =>
    pictures.flatMap((picture, index) => (test(picture, index) ? [label(index)] : []));
  const layer = labelsOf(({ file, isWhole }) => file !== undefined && !isWhole);
  const missing = labelsOf(({ file }) => file === undefined);
  const sounding = labelsOf((_, index) => isObject(boards[index]?.audio));
  const save = 'open the scene in Storyboarder, which flattens them, and import it again';
  return [
    ...(layer.length > 0 ? [`These boards have only a layer as picture: ${fewOf(layer)}; ${save}.`] : []),
    ...(missing.length > 0 ? [`These boards have no picture: ${fewOf(missing)}; ${save}.`] : []),
    ...(sounding.length > 0 ? [`Recorded sound is left out, no model takes it: ${fewOf(sounding)}.`] : []),
  ];
}

/** Trimmed text of a value that may be a number; empty for any other value. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : '';
}

function positive(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number > 0 ? number : null;
}
