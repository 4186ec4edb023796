import { formatSeconds } from '../../base/units.js';
import type { PageData, PagePart } from '../../dailies/page-data.js';
import { SHEET, type SheetCell, type SheetPage } from '../../dailies/sheet-layout.js';
import { type AssEvent, type AssStyle, assFile, assLiteral } from '../../media/ass.js';
import { cut } from '../../ui/fit.js';
import { visible } from '../../ui/visible.js';

/** Ems that a letter takes on average: of DejaVu Sans Bold more than of the plain one. */
const BOLD = 0.6;
const PLAIN = 0.5;

const STYLES: readonly AssStyle[] = [
  { name: 'Title', font: 'DejaVu Sans', size: 58, colour: '&H00E6EAEC', bold: true },
  { name: 'Under', font: 'DejaVu Sans', size: 28, colour: '&H00A8A29C' },
  { name: 'Id', font: 'DejaVu Sans', size: 27, colour: '&H00E6EAEC', bold: true },
  { name: 'Fact', font: 'DejaVu Sans', size: 23, colour: '&H00A8A29C' },
  { name: 'Flag', font: 'DejaVu Sans', size: 22, colour: '&H0055B4F0' },
];

/** The words of a page as subtitles for ffmpeg's `ass` filter, which sets them over the pictures. */
export function sheetWords(
  page: SheetPage,
  { data, number, pages }: { readonly data: PageData; readonly number: number; readonly pages: number },
): string {
  const { margin, width } = SHEET;
  const head = [
    at('Title', { x: margin, y: 36 }, fitted(data.title, { size: 58, em: BOLD, width: width - 2 * margin })),
    at('Under', { x: margin, y: 100 }, underTitle(data)),
    ...(pages > 1 ? [at('Under', { x: width - margin, y: 100, right: true }, `${number} of ${pages}`)] : []),
  ];
  return assFile(page, STYLES, [...head, ...page.cells.flatMap(cellWords)]);
}

function underTitle({ rehearsal, profile, made }: PageData): string {
  const what = rehearsal ? 'Rehearsal: animatics, not the model’s work' : 'Dailies';
  return [what, ...(profile === null ? [] : [profile]), made.slice(0, 10)].join('  ·  ');
}

function cellWords({ words: { x, y, width }, board, frame, row }: SheetCell): readonly AssEvent[] {
  const { of, scene, take, takes } = row;
  const length = lengthOf(of);
  const right = x + width;
  const facts = [
    ...(scene === null ? [] : [`scene ${scene}`]),
    ...(takes > 1 ? [`take ${take} of ${takes}`] : []),
    of.state,
  ];
  const flags = of.flags.join(' ');
  const middle = (box: typeof board) => ({
    x: box.x + box.width / 2,
    y: box.y + box.height / 2 - 12,
    middle: true,
  });
  return [
    at('Id', { x, y }, fitted(of.id, { size: 27, em: BOLD, width: width - 110 })),
    at('Fact', { x: right, y: y + 3, right: true }, length),
    at('Fact', { x, y: y + 34 }, fitted(facts.join('  ·  '), { size: 23, em: PLAIN, width })),
    ...(flags === '' ? [] : [at('Flag', { x, y: y + 62 }, fitted(flags, { size: 22, em: PLAIN, width }))]),
    ...(board.src === null ? [at('Fact', middle(board), 'no board here')] : []),
    ...(frame.src === null ? [at('Fact', middle(frame), of.clip ? 'no still' : of.state)] : []),
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
  // Font sizes of ASS are of whole lines, so that an em is a little less.
  return cut(visible(text.replace(/\s+/g, ' ')), Math.floor(width / ((size / 1.164) * em)));
}

interface Place {
  readonly x: number;
  readonly y: number;
  /** `x` is where the text ends, or its middle. */
  readonly right?: boolean;
  readonly middle?: boolean;
}

function at(style: string, { x, y, right = false, middle = false }: Place, text: string): AssEvent {
  const anchor = right ? 9 : middle ? 8 : 7;
  const place = `{\\an${anchor}\\pos(${Math.round(x)},${Math.round(y)})}`;
  return { layer: 1, from: 0, to: 10, style, text: `${place}${assLiteral(text)}` };
}
