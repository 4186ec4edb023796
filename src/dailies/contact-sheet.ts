import { formatSeconds } from '../base/units.js';
import { type AssEvent, type AssStyle, assFile, assLiteral } from '../media/ass.js';
import { cut } from '../ui/fit.js';
import { visible } from '../ui/visible.js';
import type { PageData, PagePart } from './page-data.js';
import { type PageRow, pageRows } from './page-rows.js';

/** Layout of one page of a contact sheet; all positions are pixels from the top left. */
export interface SheetPage {
  readonly width: number;
  readonly height: number;
  readonly cells: readonly SheetCell[];
}

/** A take on a contact sheet. */
export interface SheetCell {
  readonly board: SheetPicture;
  readonly frame: SheetPicture;
  /** Top left of the text under the pictures, and its maximum width. */
  readonly text: { readonly x: number; readonly y: number; readonly width: number };
  readonly row: PageRow;
}

/** Box for a whole picture in its middle; empty if `src` is null. */
export interface SheetPicture {
  readonly src: string | null;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Measures of a sheet, pixels. */
export const SHEET = { width: 2400, margin: 56, head: 150, text: 118 } as const;
const COLUMNS = 4;
const ROWS = 6;
const GAP = 36;
/** Pixels between board and frame. */
const SEAM = 8;
/** Limits for the aspect ratio of a box. */
const NARROWEST = 9 / 16;
const WIDEST = 2.4;

/** Lays out the chosen takes in list order, up to 24 on a page. A film without shots has one empty page. Pure. */
export function sheetPages(data: PageData): readonly SheetPage[] {
  const rows = pageRows(data).filter(({ selected }) => selected);
  const columns = Math.max(2, Math.min(COLUMNS, Math.ceil(Math.sqrt(rows.length))));
  const inner = SHEET.width - 2 * SHEET.margin;
  const width = Math.floor((inner - (columns - 1) * GAP) / columns);
  const picture = Math.floor((width - SEAM) / 2);
  const box = { width: picture, height: even(picture / medianAspect(rows)) };
  const pages = Math.max(1, Math.ceil(rows.length / (columns * ROWS)));
  return Array.from({ length: pages }, (_, page) => {
    const shown = rows.slice(page * columns * ROWS, (page + 1) * columns * ROWS);
    const lines = Math.ceil(shown.length / columns);
    const cells = shown.map((row, index) => {
      const x = SHEET.margin + (index % columns) * (width + GAP);
      const y = SHEET.head + Math.floor(index / columns) * (box.height + SHEET.text);
      return {
        board: { src: row.submission.board?.src ?? null, x, y, ...box },
        frame: { src: frameOf(row.submission), x: x + picture + SEAM, y, ...box },
        text: { x, y: y + box.height + 10, width },
        row,
      };
    });
    const height = SHEET.head + lines * (box.height + SHEET.text) + SHEET.margin / 2;
    return { width: SHEET.width, height: even(height), cells };
  });
}

function frameOf({ stills: { middle, first } }: PagePart): string | null {
  return middle ?? first;
}

/** Median aspect ratio of the clips. */
function medianAspect(rows: readonly PageRow[]): number {
  const all = rows.flatMap(({ submission: { clip } }) => (clip ? clip.media.width / clip.media.height : []));
  const aspect = all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 16 / 9;
  return Math.min(WIDEST, Math.max(NARROWEST, aspect));
}

function even(pixels: number): number {
  return Math.round(pixels / 2) * 2;
}

/** Average width of a letter in ems, for DejaVu Sans Bold and DejaVu Sans. */
const BOLD_EM = 0.6;
const PLAIN_EM = 0.5;

const STYLES: readonly AssStyle[] = [
  { name: 'Title', font: 'DejaVu Sans', size: 58, colour: '&H00E6EAEC', bold: true },
  { name: 'Under', font: 'DejaVu Sans', size: 28, colour: '&H00A8A29C' },
  { name: 'Id', font: 'DejaVu Sans', size: 27, colour: '&H00E6EAEC', bold: true },
  { name: 'Fact', font: 'DejaVu Sans', size: 23, colour: '&H00A8A29C' },
  { name: 'Flag', font: 'DejaVu Sans', size: 22, colour: '&H0055B4F0' },
];

/** Text of a page as ASS subtitles, for ffmpeg's `ass` filter. */
export function sheetSubtitles(
  page: SheetPage,
  { data, number, pages }: { readonly data: PageData; readonly number: number; readonly pages: number },
): string {
  const { margin, width } = SHEET;
  const head = [
    textAt(
      'Title',
      { x: margin, y: 36 },
      fitted(data.title, { size: 58, em: BOLD_EM, width: width - 2 * margin }),
    ),
    textAt('Under', { x: margin, y: 100 }, underTitle(data)),
    ...(pages > 1
      ? [textAt('Under', { x: width - margin, y: 100, right: true }, `${number} of ${pages}`)]
      : []),
  ];
  return assFile(page, STYLES, [...head, ...page.cells.flatMap(cellText)]);
}

function underTitle({ rehearsal, profile, made }: PageData): string {
  const what = rehearsal ? 'Rehearsal: animatics, not the model’s work' : 'Dailies';
  return [what, ...(profile === null ? [] : [profile]), made.slice(0, 10)].join('  ·  ');
}

function cellText({ text: { x, y, width }, board, frame, row }: SheetCell): readonly AssEvent[] {
  const { submission, scene, take, takes } = row;
  const length = lengthOf(submission);
  const right = x + width;
  const facts = [
    ...(scene === null ? [] : [`scene ${scene}`]),
    ...(takes > 1 ? [`take ${take} of ${takes}`] : []),
    submission.state,
  ];
  const flags = submission.flags.join(' ');
  const middle = (box: typeof board) => ({
    x: box.x + box.width / 2,
    y: box.y + box.height / 2 - 12,
    middle: true,
  });
  return [
    textAt('Id', { x, y }, fitted(submission.id, { size: 27, em: BOLD_EM, width: width - 110 })),
    textAt('Fact', { x: right, y: y + 3, right: true }, length),
    textAt('Fact', { x, y: y + 34 }, fitted(facts.join('  ·  '), { size: 23, em: PLAIN_EM, width })),
    ...(flags === ''
      ? []
      : [textAt('Flag', { x, y: y + 62 }, fitted(flags, { size: 22, em: PLAIN_EM, width }))]),
    ...(board.src === null ? [textAt('Fact', middle(board), 'no board here')] : []),
    ...(frame.src === null
      ? [textAt('Fact', middle(frame), submission.clip ? 'no still' : submission.state)]
      : []),
  ];
}

function lengthOf({ clip, seconds }: PagePart): string {
  const got = clip?.media.duration ?? seconds;
  return got < 60 ? `${Number(got.toFixed(1))} s` : formatSeconds(got);
}

function fitted(
  text: string,
  { size, em, width }: { readonly size: number; readonly em: number; readonly width: number },
): string {
  // ASS measures fonts by the line height; an em is smaller by this factor.
  return cut(visible(text.replace(/\s+/g, ' ')), Math.floor(width / ((size / 1.164) * em)));
}

/** Anchor of a text, pixels. */
interface Place {
  readonly x: number;
  readonly y: number;
  /** True if `x` is the end of the text. */
  readonly right?: boolean;
  /** True if `x` is the middle of the text. */
  readonly middle?: boolean;
}

function textAt(style: string, { x, y, right = false, middle = false }: Place, text: string): AssEvent {
  const anchor = right ? 9 : middle ? 8 : 7;
  const place = `{\\an${anchor}\\pos(${Math.round(x)},${Math.round(y)})}`;
  return { layer: 1, from: 0, to: 10, style, text: `${place}${assLiteral(text)}` };
}
