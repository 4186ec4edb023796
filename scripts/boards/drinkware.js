import { path, rect } from './paint.js';

/**
 * @typedef {import('./paint.js').Easel} Easel
 * @typedef {import('./night-batch.js').Colorway} Colorway
 */

/** Powder coat under a window at the left and a rim at the right. @param {Easel} e @param {Colorway} color */
function coat(e, color) {
  return e.across([
    [0, color.dark],
    [0.1, color.body],
    [0.26, color.light],
    [0.42, color.body],
    [0.82, color.dark],
    [0.95, color.body],
    [1, color.dark],
  ]);
}

/** Two peaks, the maker's mark. @param {Colorway} color @param {number} y */
function mark(color, y) {
  return path(`M-40 ${y}L-14 ${y - 42}L2 ${y - 18}L14 ${y - 34}L40 ${y}`, {
    fill: 'none',
    stroke: color.cap,
    strokeWidth: 6,
    strokeLinejoin: 'round',
    strokeLinecap: 'round',
    opacity: 0.85,
  });
}

/** An insulated bottle, 720 units to the top of its loop. @param {Easel} e @param {Colorway} color */
export function bottle(e, color) {
  const steel = e.across([
    [0, '#4c5156'],
    [0.2, '#f4f6f7'],
    [0.45, '#9aa1a6'],
    [0.8, '#3c4146'],
    [1, '#a4abb0'],
  ]);
  const cap = e.linear(
    [
      [0, '#fff', 0.35],
      [0.5, '#fff', 0],
      [1, '#000', 0.35],
    ],
    { x1: 0, y1: 0, x2: 1, y2: 0.2 },
  );
  const outline =
    'M-118-24Q-118 12-80 18Q0 34 80 18Q118 12 118-24V-430Q118-500 74-536Q62-548 62-566H-62Q-62-548-74-536Q-118-500-118-430Z';
  const lid = 'M-66-584H66V-632Q66-652 44-652H-44Q-66-652-66-632Z';
  return [
    path(outline, { fill: coat(e, color) }),
    path(outline, {
      fill: e.linear([
        [0, '#000', 0.25],
        [0.12, '#000', 0],
        [0.86, '#000', 0],
        [1, '#000', 0.3],
      ]),
    }),
    path('M-84-470Q-70-500-58-514V-30Q-74-28-84-34Z', { fill: '#fff', opacity: 0.16 }),
    path('M-117-26Q0 16 117-26', { fill: 'none', stroke: color.dark, strokeWidth: 3, opacity: 0.6 }),
    mark(color, -240),
    rect([-62, -588], [124, 24], { rx: 4, fill: steel }),
    path('M-38-648Q-38-716 0-716Q38-716 38-648', {
      fill: 'none',
      stroke: color.cap,
      strokeWidth: 20,
      strokeLinecap: 'round',
    }),
    path('M-44-660Q-42-722 0-722', { fill: 'none', stroke: '#fff', strokeWidth: 3, opacity: 0.35 }),
    path(lid, { fill: color.cap }),
    path(lid, { fill: cap }),
  ].join('');
}

/** A lidded mug with a handle, and the steam above it. @param {Easel} e @param {Colorway} color */
export function mug(e, color) {
  const steel = e.across([
    [0, '#4c5156'],
    [0.22, '#f6f7f8'],
    [0.45, '#9aa1a6'],
    [0.8, '#3c4146'],
    [1, '#a4abb0'],
  ]);
  const outline = 'M-132-380L-112-10Q-108 16-72 20Q0 32 72 20Q108 16 112-10L132-380Z';
  const handle = 'M124-320Q236-318 226-210Q218-110 116-96';
  const steam = [-46, 4, 52].map((x, index) =>
    path(`M${x} -450q-34-60 4-116t4-120q-26-46 8-${70 + index * 20}`, {
      fill: 'none',
      stroke: '#fff',
      strokeWidth: 16,
      strokeLinecap: 'round',
      opacity: 0.34,
      filter: e.blur(9),
    }),
  );
  return [
    ...steam,
    path(handle, { fill: 'none', stroke: color.dark, strokeWidth: 34, strokeLinecap: 'round' }),
    path(handle, { fill: 'none', stroke: color.body, strokeWidth: 24, strokeLinecap: 'round' }),
    path('M130-328Q228-326 220-226', {
      fill: 'none',
      stroke: color.light,
      strokeWidth: 5,
      strokeLinecap: 'round',
      opacity: 0.7,
    }),
    path(outline, { fill: coat(e, color) }),
    path(outline, {
      fill: e.linear([
        [0, '#000', 0.22],
        [0.14, '#000', 0],
        [0.85, '#000', 0],
        [1, '#000', 0.3],
      ]),
    }),
    path('M-100-372L-84-20Q-74-8-62-6L-70-372Z', { fill: '#fff', opacity: 0.16 }),
    mark(color, -170),
    rect([-136, -398], [272, 22], { rx: 5, fill: steel }),
    path('M-130-398Q-128-440-96-444H96Q128-440 130-398Z', { fill: color.cap }),
    path('M-96-444H96Q60-452 0-452T-96-444Z', { fill: color.cap }),
    path('M-118-420Q-110-436-92-438H-20', { fill: 'none', stroke: '#fff', strokeWidth: 4, opacity: 0.4 }),
  ].join('');
}
