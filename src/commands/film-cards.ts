import type { ManifestEntry } from '../manifest/manifest.js';
import { type AssStyle, assFile, assLiteral, EMS_PER_SIZE } from '../media/ass.js';
import { FONTS, placeFonts } from '../media/fonts.js';
import { wrapText } from '../media/wrap-text.js';
import type { CutGap, CutPiece } from '../report/cut.js';
import type { CardText, UsedCard } from '../report/film/film.js';
import type { CardArt } from '../report/film/film-job.js';
import type { FilmShape } from '../report/film/shape.js';
import type { Story } from '../report/story.js';

/** Seconds that a slate stands: long enough to be read, and a whole number of frames at every rate. */
const SLATE_SECONDS = 2;

/** The card before a shot: what an editor looks for first. */
export function slateOf(one: CutPiece | CutGap, story: Story): UsedCard {
  const { entry, from, to } = one;
  const made = entry.times.completed?.slice(0, 10) ?? null;
  const lines = [
    sceneOf(entry, story),
    [`Take ${entry.take}`, `${length(to - from)} s`, made].filter((part) => part !== null).join('  ·  '),
    entry.notes ?? '',
  ];
  const card = { film: story.title, shot: entry.shot, lines };
  return { kind: 'slate', name: entry.id, card, seconds: SLATE_SECONDS, transition: 0 };
}

/** The card in the place of what is not here. */
export function gapCard({ entry, from, to }: CutPiece | CutGap, story: Story): UsedCard {
  const lines = [sceneOf(entry, story), capital(stateWords(entry.state)), entry.prompt];
  const card = { film: story.title, shot: entry.id, lines };
  return { kind: 'gap', name: entry.id, card, seconds: to - from, transition: entry.transition };
}

/** Why a clip is not here, in words. */
export function stateWords(state: ManifestEntry['state']): string {
  return WORDS[state];
}

const WORDS: Readonly<Record<ManifestEntry['state'], string>> = {
  planned: 'not rendered yet',
  refused: 'not rendered: the service refused it',
  submitted: 'still with the service',
  completed: 'rendered, but not fetched',
  done: 'over before its use begins',
  failed: 'failed',
  cancelled: 'cancelled',
  unknown: 'unknown: see shotlist resolve',
};

function sceneOf({ scene }: ManifestEntry, { scenes }: Story): string {
  if (scene === null) return '';
  const title = scenes.find(({ id }) => id === scene)?.title ?? null;
  return title === null ? `Scene ${scene}` : `Scene ${scene}, ${title}`;
}

function capital(words: string): string {
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

function length(seconds: number): string {
  return String(Number(seconds.toFixed(2)));
}

/** Cards as text in the middle of a dark frame, in the fonts that animatics have. */
export const cardArt: CardArt = {
  draw: drawCard,
  placeFonts: async (folder) => {
    await placeFonts(folder);
    return FONTS;
  },
};

const SANS = 'DejaVu Sans';
const WHITE = '&H00F2F2F2';
const AMBER = '&H0062BDF5';
const GREY = '&H00C4C4C4';
/** Share of the frame's width that text may take: within the title-safe area of SMPTE ST 2046-1. */
const ROOM = 0.76;

function drawCard({ film, shot, lines }: CardText, { width, height }: FilmShape): string {
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
    wrapText(text, { ems: (width * ROOM) / (size * EMS_PER_SIZE), lines: most })
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
  // Longer than any card: it is cut to its length.
  return assFile({ width, height }, styles, [
    { layer: 0, from: 0, to: 36_000, style: 'line', text: centre + text },
  ]);
}
