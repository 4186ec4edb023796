import { formatCount, formatSeconds, formatUsd } from '../base/units.js';
import { codeCell, codeSpan } from '../ui/markdown.js';
import { NO_CHOICES } from './page/choices.js';
import { filmLength, layOut, shotsOf } from './page/film.js';
import type { PageData, PageScene } from './page-data.js';
import { type PageRow, pageRows, paidFor } from './page-rows.js';

/** Maximum of characters. A comment on GitHub holds 65,536; the rest is for text that the user adds. */
const MAX_LENGTH = 60_000;
const MAX_PROBLEMS = 30;
/** Width of a picture, pixels. */
const PICTURE_WIDTH = 240;

/**
 * Formats the dailies as Markdown for a pull request: a summary with the cost, the problems, and the chosen takes by scene,
 * each with its board and middle frame. Text from the list is in code spans.
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
    if (length > MAX_LENGTH) break;
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
  return `## ${codeSpan(title)}: ${what}${profile === null ? '' : `, ${codeSpan(profile)}`}`;
}

function summary(data: PageData, rows: readonly PageRow[]): string {
  const done = rows.filter(({ submission }) => submission.clip);
  const seconds = done.reduce((sum, { submission }) => sum + (submission.clip?.media.duration ?? 0), 0);
  const film = filmLength(layOut(shotsOf(data), NO_CHOICES));
  const flagged = rows.filter(({ submission }) => submission.flags.length > 0).length;
  const approved = new Set(rows.flatMap(({ shot: { line } }) => (line?.approved === 'yes' ? line.id : [])));
  const sentences = [
    `**${done.length} of ${formatCount(rows.length, 'clip')}** here, ${formatSeconds(seconds)} of video; the film as chosen lasts ${formatSeconds(film)}.`,
    ...(flagged > 0 ? [`**${formatCount(flagged, 'clip')} flagged.**`] : []),
    ...(approved.size > 0 ? [`${formatCount(approved.size, 'shot')} approved.`] : []),
    data.rehearsal ? 'A free rehearsal: animatics, not the model’s work.' : costWords(rows),
  ];
  return sentences.join(' ');
}

function costWords(rows: readonly PageRow[]): string {
  const { usd, isEstimated, unknown } = paidFor(rows.map(({ submission }) => submission));
  const about = isEstimated ? ', in part as estimated' : '';
  return `Cost so far: ${formatUsd(usd)}${about}${unknown > 0 ? `; of ${formatCount(unknown, 'clip')} unknown` : ''}.`;
}

/** Errors and flags of the submissions. */
function problems(rows: readonly PageRow[]): readonly string[] {
  const lines = rows.flatMap(({ submission }) => {
    const words = [...(submission.error === null ? [] : [submission.error]), ...submission.flags];
    return words.length > 0
      ? [`- ${codeSpan(submission.id)}, ${submission.state}: ${words.map(codeSpan).join(' ')}`]
      : [];
  });
  if (lines.length === 0) return [];
  const hidden = lines.length - MAX_PROBLEMS;
  return [[...lines.slice(0, MAX_PROBLEMS), ...(hidden > 0 ? [`- … and ${hidden} more`] : [])].join('\n')];
}

function sceneHeading({ scene, sceneTitle }: PageRow): string {
  const title = [scene, sceneTitle].filter((word) => word !== null).map(codeSpan);
  const words = title.length > 0 ? `### Scene ${title.join(' ')}` : '### Shots without a scene';
  return `\n${words}\n\n| board | frame | shot |\n|---|---|---|`;
}

function rowLine({ submission, take, takes }: PageRow): string {
  const { clip, seconds, state, flags, model } = submission;
  const length = clip ? `${round(clip.media.duration)} s` : `${seconds} s asked for`;
  const facts = [
    `**${codeCell(submission.id)}**`,
    `${length}, ${codeCell(model)}`,
    ...(takes > 1 ? [`take ${take} of ${takes}`] : []),
    ...(state === 'done' ? [] : [`**${state}**`]),
    ...flags.map((flag) => `⚑ ${codeCell(flag)}`),
  ];
  return `| ${picture(submission.board?.src)} | ${picture(submission.stills.middle)} | ${facts.join('<br>')} |`;
}

function round(seconds: number): number {
  return Number(seconds.toFixed(2));
}

/** Picture element in a table cell. The address is percent-encoded already, except for quotes and characters of Markdown. */
function picture(src: string | null | undefined): string {
  if (src == null) return '–';
  const safe = src.replace(/["'<>|`\s\\]/g, (sign) => encodeURIComponent(sign));
  return `<img src="${safe.replaceAll('&', '&amp;')}" width="${PICTURE_WIDTH}" alt="">`;
}
