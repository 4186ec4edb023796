import { formatUsd } from '../../base/units.js';
import type { PagePart, PageTake } from '../page-data.js';
import { copyButton, create } from './dom.js';
import { takeLength } from './film.js';
import { formatLength, formatShape, STATE_NAMES } from './format.js';

/** A fact of a take. `isOff` is true if the clip differs from what was asked for. */
type Row = readonly [label: string, value: Node | string | null, isOff?: boolean];

/** Facts that were asked for, as rows under the board. `picture` is filled in when the board is loaded. */
export function askedFacts({ parts }: PageTake, picture: Node | string): HTMLElement {
  const [first] = parts;
  const seconds = parts.reduce((sum, part) => sum + part.seconds, 0);
  const estimates = parts.map(({ cost }) => cost.estimate);
  return factList([
    [
      'Length',
      parts.length > 1 ? `${formatLength(seconds)} in ${parts.length} parts` : formatLength(seconds),
    ],
    ['Picture', picture],
    ['Sound', first.audio ? 'yes' : 'no'],
    ['Cost', `${formatUsd(sumOf(estimates))} estimated`],
    ['Model', first.model],
  ]);
}

/** Facts of the clip, in the order of `askedFacts`. `showsModel` adds the model, for shots with several models. */
export function clipFacts(take: PageTake, { showsModel }: { readonly showsModel: boolean }): HTMLElement {
  const { parts } = take;
  const [first] = parts;
  const media = parts.find(({ clip }) => clip)?.clip?.media;
  const isWhole = parts.every(({ clip }) => clip);
  const asked = parts.reduce((sum, part) => sum + part.seconds, 0);
  return factList([
    [
      'Length',
      isWhole ? formatLength(takeLength(take)) : '–',
      isWhole && Math.abs(takeLength(take) - asked) > LENGTH_TOLERANCE,
    ],
    ['Picture', media ? `${media.width} × ${media.height}, ${formatRate(media.frame_rate)} fps` : '–'],
    [
      'Sound',
      media ? soundOf(media.audio) : '–',
      media !== undefined && (media.audio !== null) !== first.audio,
    ],
    ['Cost', costOf(parts)],
    ...(showsModel ? [['Model', first.model] as const] : []),
    ['Rendered', renderTimeOf(parts)],
    ['Key', nodePerPart(parts, ({ key }) => copyButton(key.slice(0, 8), key, 'key'))],
    [
      'Request',
      nodePerPart(parts, ({ request }) => request && copyButton(shortened(request), request, 'request id')),
    ],
  ]);
}

/** Seconds that a clip may differ from the length asked for: some models make a few frames more or fewer. */
const LENGTH_TOLERANCE = 0.25;

function factList(rows: readonly Row[]): HTMLElement {
  const list = create('dl', { class: 'facts' });
  for (const [label, value, isOff = false] of rows) {
    const shown = create('dd', { class: isOff ? 'off' : null }, value);
    if (isOff) shown.append(create('span', { class: 'unseen' }, ', not what was asked for'));
    list.append(create('div', {}, create('dt', {}, label), shown));
  }
  return list;
}

/** One node for each part of a split shot; a dash if no part has one. */
function nodePerPart(parts: readonly PagePart[], make: (part: PagePart) => Node | null | ''): Node | string {
  const made = parts.map(make).filter((one) => one !== null && one !== '');
  return made.length > 0 ? create('span', {}, ...made) : '–';
}

function sumOf(numbers: readonly (number | null)[]): number | null {
  return numbers.reduce((sum, one) => (sum === null || one === null ? null : sum + one), 0);
}

function costOf(parts: readonly PagePart[]): string {
  const actual = sumOf(parts.map(({ cost }) => cost.actual));
  if (actual !== null) return formatUsd(actual);
  return parts.some(({ request }) => request !== null) ? 'not reported' : '–';
}

function renderTimeOf(parts: readonly PagePart[]): string {
  const last = parts.findLast(({ completed }) => completed !== null);
  if (!last?.completed) return STATE_NAMES[parts.find(({ state }) => state !== 'done')?.state ?? 'planned'];
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

function formatRate(fps: number): string {
  return String(Number(fps.toFixed(3)));
}

function shortened(request: string): string {
  return request.length > 12 ? `${request.slice(0, 8)}…` : request;
}

/** Writes the shape of a loaded picture into an element. */
export function showShape(image: HTMLImageElement, into: HTMLElement): void {
  const { naturalWidth: width, naturalHeight: height } = image;
  if (width > 0) into.textContent = formatShape(width, height);
}
