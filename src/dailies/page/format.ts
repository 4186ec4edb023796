import type { PagePart } from '../page-data.js';

/** Names of the states as the page shows them. */
export const STATE_NAMES: Readonly<Record<PagePart['state'], string>> = {
  planned: 'not sent',
  refused: 'refused',
  submitted: 'rendering',
  completed: 'not here yet',
  done: 'rendered',
  failed: 'failed',
  cancelled: 'cancelled',
  unknown: 'unknown',
};

/** Formats a length given in seconds: `5 s`, `4.96 s`. */
export function formatLength(seconds: number): string {
  return `${Number(seconds.toFixed(2))} s`;
}

/** Formats a time in a clip or film given in seconds: `0:04.2`, `12:31.0`. */
export function formatTime(seconds: number): string {
  const tenths = Math.round(seconds * 10);
  const minutes = Math.floor(tenths / 600);
  const rest = (tenths % 600) / 10;
  return `${minutes}:${rest.toFixed(1).padStart(4, '0')}`;
}

/** Names of picture shapes, with width divided by height. */
const SHAPES: readonly (readonly [string, number])[] = [
  ['16:9', 16 / 9],
  ['9:16', 9 / 16],
  ['1:1', 1],
  ['4:3', 4 / 3],
  ['3:4', 3 / 4],
  ['4:5', 4 / 5],
  ['3:2', 3 / 2],
  ['2:3', 2 / 3],
  ['21:9', 21 / 9],
  ['2.39:1', 2.39],
  ['1.85:1', 1.85],
];

/** Formats the shape of a picture: a common name if one is within 1 %, else a ratio to 1. */
export function formatShape(width: number, height: number): string {
  const ratio = width / height;
  const named = SHAPES.find(([, one]) => Math.abs(ratio / one - 1) < 0.01);
  return named ? named[0] : `${ratio.toFixed(2)}:1`;
}
