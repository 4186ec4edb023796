import { formatCount, formatSeconds, formatUsd } from '../base/units.js';
import { cell, code } from '../ui/markdown.js';
import { NONE } from './page/choices.js';
import { shotsOf } from './page/film.js';
import { filmLength, layOut } from './page/film-layout.js';
import type { PageData, PageScene } from './page-data.js';
import { type PageRow, pageRows, paidFor } from './page-rows.js';

/** A comment on GitHub holds 65,536 characters; some are left for whoever adds words of their own. */
const MOST = 60_000;
/** Lines about what is wrong. */
const MOST_PROBLEMS = 30;
/** Pixels. */
const WIDTH = 240;

/**
 * The dailies as Markdown for a pull request: what is there and what it cost, then the chosen takes by scene, each with its
 * board and its middle frame. Pictures are addressed as `data` addresses them. What comes from lists stands in code spans.
 */
export function pageMarkdown(data: PageData): string {
  const rows = pageRows(data);
  const parts = [heading(data), summary(data, rows), ...problems(rows)];
  const text = [parts.join('\n\n')];
  let length = parts.join('\n\n').length;
  let shown = 0;
  const chosen = rows.filter(({ selected }) => selected);
  let scene: PageScene['id'] | undefined;
  for (const row of chosen) {
    const isNew = scene === undefined || scene !== row.scene;
    const lines = [...(isNew ? [sceneHeading(row)] : []), rowLine(row)].join('\n');
    length += lines.length + 1;
    if (length > MOST) break;
    text.push(lines);
    scene = row.scene;
    shown += 1;
  }
  if (shown < chosen.length) {
    text.push(`\n${formatCount(chosen.length - shown, 'more shot')} not shown here.`);
  }
  return `${text.join('\n')}\n`;
}

function heading({ title, rehearsal, profile }: PageData): string {
  const what = rehearsal ? 'rehearsal' : 'dailies';
  return `## ${code(title)}: ${what}${profile === null ? '' : `, ${code(profile)}`}`;
}

function summary(data: PageData, rows: readonly PageRow[]): string {
  const done = rows.filter(({ of }) => of.clip);
  const seconds = done.reduce((sum, { of }) => sum + (of.clip?.media.duration ?? 0), 0);
  const film = filmLength(layOut(shotsOf(data), NONE));
  const flagged = rows.filter(({ of }) => of.flags.length > 0).length;
  const approved = new Set(rows.flatMap(({ shot: { line } }) => (line?.approved === 'yes' ? line.id : [])));
  const sentences = [
    `**${done.length} of ${formatCount(rows.length, 'clip')}** here, ${formatSeconds(seconds)} of video; the film as chosen lasts ${formatSeconds(film)}.`,
    ...(flagged > 0 ? [`**${formatCount(flagged, 'clip')} flagged.**`] : []),
    ...(approved.size > 0 ? [`${formatCount(approved.size, 'shot')} signed off.`] : []),
    data.rehearsal ? 'A free rehearsal: animatics, not the model’s work.' : costWords(rows),
  ];
  return sentences.join(' ');
}

function costWords(rows: readonly PageRow[]): string {
  const { usd, isEstimated, unknown } = paidFor(rows.map(({ of }) => of));
  const about = isEstimated ? ', in part as estimated' : '';
  return `Cost so far: ${formatUsd(usd)}${about}${unknown > 0 ? `; of ${formatCount(unknown, 'clip')} unknown` : ''}.`;
}

/** What somebody has to see to, before all pictures. */
function problems(rows: readonly PageRow[]): readonly string[] {
  const lines = rows.flatMap(({ of }) => {
    const words = [...(of.error === null ? [] : [of.error]), ...of.flags];
    return words.length > 0 ? [`- ${code(of.id)}, ${of.state}: ${words.map(code).join(' ')}`] : [];
  });
  if (lines.length === 0) return [];
  const hidden = lines.length - MOST_PROBLEMS;
  return [[...lines.slice(0, MOST_PROBLEMS), ...(hidden > 0 ? [`- … and ${hidden} more`] : [])].join('\n')];
}

function sceneHeading({ scene, sceneTitle }: PageRow): string {
  const title = [scene, sceneTitle].filter((word) => word !== null).map(code);
  const words = title.length > 0 ? `### Scene ${title.join(' ')}` : '### Shots without a scene';
  return `\n${words}\n\n| board | frame | shot |\n|---|---|---|`;
}

function rowLine({ of, take, takes }: PageRow): string {
  const { clip, seconds, state, flags, model } = of;
  const length = clip ? `${round(clip.media.duration)} s` : `${seconds} s asked for`;
  const facts = [
    `**${cell(of.id)}**`,
    `${length}, ${cell(model)}`,
    ...(takes > 1 ? [`take ${take} of ${takes}`] : []),
    ...(state === 'done' ? [] : [`**${state}**`]),
    ...flags.map((flag) => `⚑ ${cell(flag)}`),
  ];
  return `| ${picture(of.board?.src)} | ${picture(of.stills.middle)} | ${facts.join('<br>')} |`;
}

function round(seconds: number): number {
  return Number(seconds.toFixed(2));
}

/** An address is percent-encoded already; quotes and what ends a cell are left to be. */
function picture(src: string | null | undefined): string {
  if (src == null) return '–';
  const safe = src.replace(/["'<>|`\s\\]/g, (sign) => encodeURIComponent(sign));
  return `<img src="${safe.replaceAll('&', '&amp;')}" width="${WIDTH}" alt="">`;
}
