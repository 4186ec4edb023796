import { circle, ellipse, group, line, path, polar, rect, repeat } from './paint.js';
import { ink } from './watch.js';

/** @typedef {import('./paint.js').Easel} Easel */

/** The case from its side, crown to the lens; `turn` moves the strip light across it. @param {Easel} e @param {0 | 1} turn */
export function crownProfile(e, turn) {
  const at = turn ? 0.72 : 0.2;
  const brushed = e.across([
    [0, '#0d1116'],
    [at - 0.14, '#39444f'],
    [at, '#eef6fc'],
    [at + 0.1, '#6b7884'],
    [Math.min(at + 0.34, 0.99), '#1d242c'],
    [1, '#0b0e12'],
  ]);
  const band = e.linear([
    [0, '#fff', 0.35],
    [0.12, '#fff', 0],
    [0.8, '#000', 0.1],
    [1, '#000', 0.65],
  ]);
  const caseSide =
    'M-420-70H420L446-40Q600-20 640 150Q560 120 470 118L430 96H-430L-470 118Q-560 120-640 150Q-600-20-446-40Z';
  const grip = repeat(86, (index) =>
    rect([-418 + index * 9.8, -116], [5.4, 44], { rx: 2, fill: '#0a0d11', opacity: 0.75 }),
  );
  const body = [
    path('M-330-150Q0-196 330-150L352-118H-352Z', {
      fill: e.linear([
        [0, '#a9d4ea', 0.75],
        [1, '#1c3140', 0.9],
      ]),
    }),
    path(`M-300-153Q0-194 300-153`, { fill: 'none', stroke: '#f4fbff', strokeWidth: 3, opacity: 0.7 }),
    rect([-426, -120], [852, 52], { rx: 8, fill: brushed }),
    grip,
    path(caseSide, { fill: brushed }),
    path(caseSide, { fill: band }),
    repeat(15, (index) =>
      line([-440, -52 + index * 9.5], [440, -52 + index * 9.5], {
        stroke: '#fff',
        strokeWidth: 0.7,
        opacity: 0.07,
      }),
    ),
    rect([-330, 96], [660, 26], { rx: 6, fill: '#12171d' }),
    path('M-420-70H420', { stroke: '#eaf4fb', strokeWidth: 2, opacity: 0.5 }),
  ].join('');
  return [
    e.wash(
      e.linear([
        [0, '#0c1117'],
        [0.62, '#1b242d'],
        [0.66, '#0a0e13'],
        [1, '#05070a'],
      ]),
    ),
    circle(turn ? 900 : 380, 300, 420, {
      fill: e.radial([
        [0, '#51708a', 0.55],
        [1, '#51708a', 0],
      ]),
    }),
    ellipse([640, 566], [560, 30], { fill: '#000', opacity: 0.8, filter: e.blur(16) }),
    group({ transform: 'translate(640 400) scale(1.16)' }, body, crownFace(e, turn)),
    e.wash(
      e.radial(
        [
          [0.5, '#000', 0],
          [1, '#000', 0.7],
        ],
        { cx: 0.5, cy: 0.5, r: 0.72 },
      ),
    ),
  ].join('');
}

/** @param {Easel} e @param {0 | 1} turn */
function crownFace(e, turn) {
  const metal = e.linear(
    [
      [0, '#f6fbff'],
      [0.35, '#7f8d9a'],
      [0.7, '#242c34'],
      [1, '#5f6c78'],
    ],
    { x1: turn ? 1 : 0, y1: 0, x2: turn ? 0 : 1, y2: 1 },
  );
  const teeth = repeat(48, (index) =>
    line(polar(index * 7.5 + turn * 4, 66), polar(index * 7.5 + turn * 4, 77), {
      stroke: '#0a0d11',
      strokeWidth: 4.2,
    }),
  );
  const guards = [-1, 1].map((side) =>
    path('M86-66Q150-60 168 10Q150 74 86 88Q112 20 86-66Z', {
      transform: `scale(${side} 1)`,
      fill: e.linear([
        [0, '#b9c7d3'],
        [0.4, '#4e5a66'],
        [1, '#12171d'],
      ]),
    }),
  );
  const wave = path('M-34 8Q-22-12-8 2T18 2T40-6', {
    fill: 'none',
    stroke: ink.amber,
    strokeWidth: 5,
    strokeLinecap: 'round',
  });
  return [
    ...guards,
    circle(4, 20, 82, { fill: '#000', opacity: 0.55, filter: e.blur(7) }),
    circle(0, 12, 78, { fill: metal, stroke: '#05070a', strokeWidth: 1.5 }),
    group(
      { transform: 'translate(0 12)' },
      teeth,
      circle(0, 0, 64, { fill: metal, stroke: '#0a0d11', strokeWidth: 2 }),
      wave,
    ),
  ].join('');
}
