import type { PageData, PagePart } from './page-data.js';
import { type PageRow, pageRows } from './page-rows.js';

/** A page of a contact sheet: where its pictures and its words go, pixels from the top left. */
export interface SheetPage {
  readonly width: number;
  readonly height: number;
  readonly cells: readonly SheetCell[];
}

export interface SheetCell {
  readonly board: SheetPicture;
  readonly frame: SheetPicture;
  /** Top left of the words under the pictures, and how wide they may be. */
  readonly words: { readonly x: number; readonly y: number; readonly width: number };
  readonly row: PageRow;
}

/** A picture goes into the middle of its box, whole; null leaves the box empty. */
export interface SheetPicture {
  readonly src: string | null;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The proportions of a sheet, pixels. */
export const SHEET = { width: 2400, margin: 56, head: 150, words: 118 } as const;
const COLUMNS = 4;
const ROWS = 6;
const GAP = 36;
/** Between board and frame. */
const SEAM = 8;
/** Boxes are neither slits nor towers, whatever the clips are. */
const NARROWEST = 9 / 16;
const WIDEST = 2.4;

/** The chosen takes of a film on pages of up to 24, in list order; a film without shots has one empty page. Pure. */
export function sheetPages(data: PageData): readonly SheetPage[] {
  const rows = pageRows(data).filter(({ selected }) => selected);
  const columns = Math.max(2, Math.min(COLUMNS, Math.ceil(Math.sqrt(rows.length))));
  const inner = SHEET.width - 2 * SHEET.margin;
  const width = Math.floor((inner - (columns - 1) * GAP) / columns);
  const picture = Math.floor((width - SEAM) / 2);
  const box = { width: picture, height: even(picture / usualAspect(rows)) };
  const pages = Math.max(1, Math.ceil(rows.length / (columns * ROWS)));
  return Array.from({ length: pages }, (_, page) => {
    const mine = rows.slice(page * columns * ROWS, (page + 1) * columns * ROWS);
    const lines = Math.ceil(mine.length / columns);
    const cells = mine.map((row, index) => {
      const x = SHEET.margin + (index % columns) * (width + GAP);
      const y = SHEET.head + Math.floor(index / columns) * (box.height + SHEET.words);
      return {
        board: { src: row.of.board?.src ?? null, x, y, ...box },
        frame: { src: frameOf(row.of), x: x + picture + SEAM, y, ...box },
        words: { x, y: y + box.height + 10, width },
        row,
      };
    });
    const height = SHEET.head + lines * (box.height + SHEET.words) + SHEET.margin / 2;
    return { width: SHEET.width, height: even(height), cells };
  });
}

function frameOf({ stills: { middle, first } }: PagePart): string | null {
  return middle ?? first;
}

/** The shape in the middle of all shapes: one clip on its side does not make boxes of its own. */
function usualAspect(rows: readonly PageRow[]): number {
  const all = rows.flatMap(({ of: { clip } }) => (clip ? clip.media.width / clip.media.height : []));
  const aspect = all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 16 / 9;
  return Math.min(WIDEST, Math.max(NARROWEST, aspect));
}

function even(pixels: number): number {
  return Math.round(pixels / 2) * 2;
}
