import { formatCount } from '../../base/units.js';
import type { DeliveredTimeline } from '../../cut/delivery/record.js';
import { rateWords } from '../../cut/film/shape.js';
import { perSecond } from '../../media/frame-rate.js';
import { visible } from '../../ui/visible.js';
import { shownPath } from '../console.js';
import type { DeliveryOrder } from './delivery-order.js';
import { stateWords } from './film-cards.js';

/** What a delivery came to. */
export interface Delivered {
  /** Clips that are new in the folder. */
  readonly copied: number;
  /** Null where the last one still says the same. */
  readonly timeline: DeliveredTimeline | null;
  /** Delivered earlier, and not what it was. */
  readonly changed: readonly { readonly file: string; readonly isGone: boolean }[];
}

/** People look for what is missing by its name: so many are named. */
const NAMED = 20;

/** What was added, what was there, what is missing, and what somebody changed. */
export function deliverySummary(
  order: DeliveryOrder,
  delivered: Delivered & { readonly run: string; readonly isRehearsal: boolean },
): string {
  const { to, missing, timeline } = order;
  const { changed, isRehearsal, run } = delivered;
  const { rate, width, height, length, start } = timeline;
  const size = `${width}×${height} at ${rateWords(rate)}`;
  const lines = [
    ...headLines(order, delivered),
    `${(length / perSecond(rate)).toFixed(3)} s (${formatCount(length, 'frame')}), ${size}, from ${start.text}.`,
    ...(isRehearsal ? ['These clips are animatics of a rehearsal, not renders.'] : []),
    ...section(
      `${formatCount(missing.length, 'clip')} not here; the timeline has a gap of ${missing.length === 1 ? 'its' : 'their'} length:`,
      missing.map((entry) => `${entry.id}  ${stateWords(entry.state)}`),
    ),
    ...section(
      `Not as delivered, and left alone in ${shownPath(to)}:`,
      changed.map(({ file, isGone }) => `${file}  ${isGone ? 'gone' : 'changed'}`),
    ),
    ...(changed.some(({ isGone }) => isGone)
      ? [`hint: what is gone comes again with shotlist deliver ${run} --to <another folder>`]
      : []),
  ];
  return lines.map((line) => `${visible(line)}\n`).join('');
}

function headLines({ to, clips }: DeliveryOrder, { copied, timeline }: Delivered): readonly string[] {
  if (copied === 0 && !timeline) return [`Nothing new for ${shownPath(to)}.`];
  const there = clips.length - copied;
  const already = there > 0 ? `, ${formatCount(there, 'clip')} there already` : '';
  return [
    `Delivered to ${shownPath(to)}: ${formatCount(copied, 'new clip')}${already}.`,
    timeline
      ? `The timeline: ${timeline.files.map(({ file }) => file).join(', ')}`
      : 'The timeline is as it was.',
  ];
}

function section(title: string, rows: readonly string[]): readonly string[] {
  if (rows.length === 0) return [];
  const more = rows.length > NAMED ? [`  and ${formatCount(rows.length - NAMED, 'other')}`] : [];
  return ['', title, ...rows.slice(0, NAMED).map((row) => `  ${row}`), ...more];
}
