import stringWidth from 'string-width';
import { formatBytes, formatClock, formatNumber, formatUsd } from '../base/units.js';
import { cut, pad, widest } from './fit.js';
import type { Paint } from './paint.js';
import { limitWords } from './plain-lines.js';
import { type ActiveShot, type ActiveState, type Tally, totals } from './tally.js';
import { visible } from './visible.js';

/** Clock and screen of the rows. */
export interface RowsOptions {
  /** Milliseconds, on the clock of the tally. */
  readonly now: number;
  /** Terminal columns to fit in. */
  readonly columns: number;
  /** Most rows to return. */
  readonly rows: number;
  readonly paint: Paint;
  /** True for a rehearsal, which costs nothing: no cost is shown. */
  readonly free: boolean;
}

/** One line about the whole run; the least important parts are left out if there is no room. */
export function totalLine(tally: Tally, { now, columns, paint, free }: RowsOptions): string {
  const { total, done, failed, blocked, active, waiting } = totals(tally);
  const elapsed = tally.startedAt === null ? 0 : (now - tally.startedAt) / 1000;
  const parts: readonly Part[] = [
    { text: `${formatNumber(done)} of ${formatNumber(total)} done`, rank: 0 },
    ...(failed > 0 ? [{ text: `${failed} failed`, rank: 1, color: paint.red }] : []),
    ...(blocked > 0 ? [{ text: `${formatNumber(blocked)} blocked`, rank: 1, color: paint.red }] : []),
    { text: `${active} in flight`, rank: 6 },
    ...(waiting > 0 ? [{ text: `${formatNumber(waiting)} waiting`, rank: 7 }] : []),
    ...(free ? [] : costParts(tally)),
    { text: formatClock(elapsed), rank: 4 },
  ];
  return joinWithin(parts, columns);
}

function costParts({ cost }: Tally): readonly Part[] {
  if (!cost) return [];
  const { usd, usd_to_come, usd_unknown, limits } = cost;
  return [
    { text: `${usd_unknown > 0 ? 'at least ' : ''}${formatUsd(usd)} so far`, rank: 2 },
    ...(usd_to_come > 0 ? [{ text: `${formatUsd(usd_to_come)} to come`, rank: 3 }] : []),
    ...limits.map((limit) => ({ text: limitWords(limit), rank: 5 })),
  ];
}

interface Part {
  readonly text: string;
  /** Parts with the highest rank are left out first. */
  readonly rank: number;
  readonly color?: (text: string) => string;
}

const GAP = '  ';

function joinWithin(parts: readonly Part[], columns: number): string {
  const plain = parts.map(({ text }) => text).join(GAP);
  if (stringWidth(plain) > columns && parts.length > 1) {
    const least = Math.max(...parts.map(({ rank }) => rank));
    return joinWithin(
      parts.filter(({ rank }) => rank !== least),
      columns,
    );
  }
  const painted = parts.map(({ text, color }) => (color ? color(text) : text)).join(GAP);
  return cut(painted, columns);
}

/** Order of the rows: shots that move come before shots that wait in a queue. */
const STATE_RANK: Readonly<Record<ActiveState, number>> = {
  downloading: 0,
  rendering: 0,
  submitting: 1,
  queued: 2,
};

/** Least width of an id on a narrow screen, columns: enough to distinguish most ids. */
const LEAST_ID = 8;

/**
 * One row per active shot; if there are too many, the last row gives the number of the others. If there is room,
 * a shot that waits for the last frame of another has a row too.
 */
export function shotRows(tally: Tally, { now, columns, rows, paint }: RowsOptions): string[] {
  if (rows < 1) return [];
  // The sort is stable: a row moves only when the state of its shot changes.
  const all = [...tally.active.values()].sort((a, b) => STATE_RANK[a.state] - STATE_RANK[b.state]);
  const shown = all.length > rows ? all.slice(0, rows - 1) : all;
  const waiting = all.length > rows ? [] : [...tally.waiting].slice(0, rows - all.length);
  const cells = [
    ...shown.map((shot) => ({ id: visible(shot.id), state: shot.state, detail: detail(shot, now) })),
    ...waiting.map(([id, on]) => ({ id: visible(id), state: 'waiting', detail: `for ${visible(on)}` })),
  ];
  const stateWidth = widest(cells.map(({ state }) => state));
  const room = columns - stateWidth - widest(cells.map((each) => each.detail)) - 2 * GAP.length;
  const idWidth = Math.min(widest(cells.map(({ id }) => id)), Math.max(LEAST_ID, room));
  const lines = cells.map((cell) => {
    const id = pad(cut(cell.id, idWidth), idWidth);
    return cut([id, paint.dim(pad(cell.state, stateWidth)), cell.detail].join(GAP), columns);
  });
  if (all.length === shown.length) return lines;
  return [...lines, paint.dim(cut(`+ ${all.length - shown.length} more`, columns))];
}

function detail(shot: ActiveShot, now: number): string {
  const elapsed = formatClock((now - shot.since) / 1000);
  switch (shot.state) {
    case 'submitting':
      return elapsed;
    case 'queued':
      return shot.queuePosition === null ? elapsed : `${elapsed}${GAP}${queueWords(shot.queuePosition)}`;
    case 'rendering':
      return shot.expected === null ? elapsed : `${elapsed} of ~${formatClock(shot.expected)}`;
    case 'downloading':
      return downloaded(shot);
  }
}

function queueWords(position: number): string {
  return position === 0 ? 'next' : `${position} ahead`;
}

/** `7.2/12.0 MB`: short, because it shares a narrow row with an id. */
function downloaded({ bytes, totalBytes }: ActiveShot): string {
  if (bytes === null) return '';
  if (totalBytes === null) return formatBytes(bytes);
  const whole = formatBytes(totalBytes);
  return whole.endsWith(' MB') ? `${(bytes / 1e6).toFixed(1)}/${whole}` : `${formatBytes(bytes)}/${whole}`;
}
