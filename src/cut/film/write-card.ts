import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AssStyle, assFile, assLiteral, EMS_PER_SIZE } from '../../media/ass.js';
import { FONTS, missingScripts, nameMissingScripts, placeFonts } from '../../media/fonts.js';
import { wrapText } from '../../media/wrap-text.js';
import type { CardText } from './film.js';
import type { FilmJob } from './film-job.js';
import type { FilmShape } from './shape.js';

/** Files of a card in the job's folder. */
export interface WrittenCard {
  readonly ass: string;
  /** Folder of the fonts. */
  readonly fonts: string;
}

/**
 * Writes a card as an ASS file: text in the middle of the frame, in the fonts of animatics. Scripts without a font on this
 * machine are named instead. Throws errors of the file system.
 */
export async function writeCard(
  card: CardText,
  { folder, shape, ffmpeg, signal }: Pick<FilmJob, 'folder' | 'shape' | 'ffmpeg' | 'signal'>,
): Promise<WrittenCard> {
  await placeFonts(folder);
  const question = { program: ffmpeg.path, folder, fonts: FONTS, file: 'ask.ass', signal };
  const unshown = await missingScripts([card.film, ...card.lines].join('\n'), question);
  const shown = {
    ...card,
    film: nameMissingScripts(card.film, unshown),
    lines: card.lines.map((line) => nameMissingScripts(line, unshown)),
  };
  const ass = 'card.ass';
  await writeFile(join(folder, ass), cardAss(shown, shape));
  return { ass, fonts: FONTS };
}

const SANS = 'DejaVu Sans';
const WHITE = '&H00F2F2F2';
const AMBER = '&H0062BDF5';
const GREY = '&H00C4C4C4';
/** Maximum width of text as a share of the frame: inside the title-safe area of SMPTE ST 2046-1. */
const TEXT_WIDTH = 0.76;

function cardAss({ film, shot, lines }: CardText, { width, height }: FilmShape): string {
  const unit = Math.min(width, height) / 720;
  const style = (
    name: string,
    size: number,
    look: Pick<AssStyle, 'colour' | 'bold' | 'spacing'>,
  ): AssStyle => {
    return { name, font: SANS, size: Math.round(size * unit), ...look };
  };
  const styles = [
    style('film', 24, { colour: AMBER, bold: true, spacing: 2 * unit }),
    style('shot', 84, { colour: WHITE, bold: true }),
    style('line', 34, { colour: GREY }),
  ];
  const [, large, small] = styles;
  const wrapped = (text: string, { size = 1 }: Partial<AssStyle> = {}, most = 2) =>
    wrapText(text, { ems: (width * TEXT_WIDTH) / (size * EMS_PER_SIZE), lines: most })
      .lines.map(assLiteral)
      .join('\\N');
  const rest = lines.filter((line) => line !== '').map((line) => wrapped(line, small, 3));
  const space = `\\N{\\fs${Math.round(14 * unit)}} \\N`;
  const text = [
    `{\\rfilm}${wrapped(film, styles[0], 1)}`,
    `{\\rshot}${wrapped(shot, large)}`,
    ...rest.map((line) => `{\\rline}${line}`),
  ].join(space);
  const centre = `{\\an5\\pos(${width / 2},${height / 2})}`;
  // The end is later than that of any card; ffmpeg stops before.
  return assFile({ width, height }, styles, [
    { layer: 0, from: 0, to: 36_000, style: 'line', text: centre + text },
  ]);
}
