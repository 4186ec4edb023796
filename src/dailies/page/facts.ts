import { formatUsd } from '../../base/units.js';
import type { PagePart, PageTake } from '../page-data.js';
import { copyable } from './copy.js';
import { h } from './dom.js';
import { lengthOf } from './film.js';
import { inSeconds, STATES, shapeOf } from './words.js';

/** `off` where what came is not what was asked for. */
type Row = readonly [label: string, value: Node | string | null, off?: boolean];

/** What was asked for, as rows under the board; the board's own shape is filled in once it is seen. */
export function askedFacts({ parts }: PageTake, picture: Node | string): HTMLElement {
  const [first] = parts;
  const seconds = parts.reduce((sum, part) => sum + part.seconds, 0);
  const estimates = parts.map(({ cost }) => cost.estimate);
  return rows([
    ['Length', parts.length > 1 ? `${inSeconds(seconds)} in ${parts.length} parts` : inSeconds(seconds)],
    ['Picture', picture],
    ['Sound', first.audio ? 'yes' : 'no'],
    ['Cost', `${formatUsd(sumOf(estimates))} estimated`],
    ['Model', first.model],
  ]);
}

/** What came, in the order of what was asked; `isOwnModel` where the takes of a shot are of several models. */
export function gotFacts(take: PageTake, { isOwnModel }: { readonly isOwnModel: boolean }): HTMLElement {
  const { parts } = take;
  const [first] = parts;
  const media = parts.find(({ clip }) => clip)?.clip?.media;
  const isWhole = parts.every(({ clip }) => clip);
  const asked = parts.reduce((sum, part) => sum + part.seconds, 0);
  return rows([
    ['Length', isWhole ? inSeconds(lengthOf(take)) : '–', isWhole && Math.abs(lengthOf(take) - asked) > NEAR],
    ['Picture', media ? `${media.width} × ${media.height}, ${rate(media.frame_rate)} fps` : '–'],
    [
      'Sound',
      media ? soundOf(media.audio) : '–',
      media !== undefined && (media.audio !== null) !== first.audio,
    ],
    ['Cost', costOf(parts)],
    ...(isOwnModel ? [['Model', first.model] as const] : []),
    ['Rendered', renderedOf(parts)],
    ['Key', ofEach(parts, ({ key }) => copyable(key.slice(0, 8), key, 'key'))],
    [
      'Request',
      ofEach(parts, ({ request }) => request && copyable(shortened(request), request, 'request id')),
    ],
  ]);
}

/** How far a clip may be from the length asked for, seconds: some models make a few frames more or less. */
const NEAR = 0.25;

function rows(all: readonly Row[]): HTMLElement {
  const list = h('dl', { class: 'facts' });
  for (const [label, value, isOff = false] of all) {
    const got = h('dd', { class: isOff ? 'off' : null }, value);
    if (isOff) got.append(h('span', { class: 'unseen' }, ', not what was asked for'));
    list.append(h('div', {}, h('dt', {}, label), got));
  }
  return list;
}

/** One of each part of a split shot; a dash where there is none at all. */
function ofEach(parts: readonly PagePart[], make: (part: PagePart) => Node | null | ''): Node | string {
  const made = parts.map(make).filter((one) => one !== null && one !== '');
  return made.length > 0 ? h('span', {}, ...made) : '–';
}

function sumOf(numbers: readonly (number | null)[]): number | null {
  return numbers.reduce((sum, one) => (sum === null || one === null ? null : sum + one), 0);
}

function costOf(parts: readonly PagePart[]): string {
  const actual = sumOf(parts.map(({ cost }) => cost.actual));
  if (actual !== null) return formatUsd(actual);
  return parts.some(({ request }) => request !== null) ? 'not told' : '–';
}

function renderedOf(parts: readonly PagePart[]): string {
  const last = parts.findLast(({ completed }) => completed !== null);
  if (!last?.completed) return STATES[parts.find(({ state }) => state !== 'done')?.state ?? 'planned'];
  const when = new Date(last.completed).toLocaleString(undefined, {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  });
  if (last.submitted === null) return when;
  const seconds = (Date.parse(last.completed) - Date.parse(last.submitted)) / 1000;
  return `${when}, in\u00a0${Math.max(1, Math.round(seconds))}\u00a0s`;
}

function soundOf(audio: { readonly codec: string; readonly channels: number } | null): string {
  if (!audio) return 'none';
  const channels = ['', 'mono', 'stereo'][audio.channels] ?? `${audio.channels} channels`;
  return `${audio.codec.toUpperCase()}, ${channels}`;
}

function rate(fps: number): string {
  return String(Number(fps.toFixed(3)));
}

function shortened(request: string): string {
  return request.length > 12 ? `${request.slice(0, 8)}…` : request;
}

/** Fills in a picture's shape once it has been loaded. */
export function tellShape(image: HTMLImageElement, into: HTMLElement): void {
  const { naturalWidth: width, naturalHeight: height } = image;
  if (width > 0) into.textContent = shapeOf(width, height);
}
