import type { PagePart } from '../page-data.js';

/** States as people read them. */
export const STATES: Readonly<Record<PagePart['state'], string>> = {
  planned: 'not sent',
  refused: 'refused',
  submitted: 'rendering',
  completed: 'not here yet',
  done: 'rendered',
  failed: 'failed',
  cancelled: 'cancelled',
  unknown: 'unknown',
};

/** A length in seconds as editors read it: `5 s`, `4.96 s`. */
export function inSeconds(seconds: number): string {
  return `${Number(seconds.toFixed(2))} s`;
}

/** A place in a clip or a film: `0:04.2`, `12:31.0`. */
export function inMinutes(seconds: number): string {
  const tenths = Math.round(seconds * 10);
  const minutes = Math.floor(tenths / 600);
  const rest = (tenths % 600) / 10;
  return `${minutes}:${rest.toFixed(1).padStart(4, '0')}`;
}

/** Common names of picture shapes, as width over height. */
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

/** A picture's shape by name where it has one (within 1 %), else as a ratio to one. */
export function shapeOf(width: number, height: number): string {
  const ratio = width / height;
  const named = SHAPES.find(([, one]) => Math.abs(ratio / one - 1) < 0.01);
  return named ? named[0] : `${ratio.toFixed(2)}:1`;
}
