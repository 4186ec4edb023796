import { dusk, glow, keeper, vignette } from './coast.js';
import { circle, ellipse, group, line, path, polar, polygon, rect, repeat } from './paint.js';

/** @typedef {import('./paint.js').Easel} Easel */

/** Straight down the spiral stair; the lantern two turns below is all the light. @param {Easel} e */
export function stairs(e) {
  const [x, y] = [640, 372];
  const turn = 0.6; // what a full turn further down shrinks by
  const reach = (/** @type {number} */ step) => 780 * turn ** (step / 22);
  const tread = (/** @type {number} */ step) => {
    const [from, to] = [step * (360 / 22), (step + 1) * (360 / 22)];
    const corners = [
      polar(from, reach(step)),
      polar(to, reach(step)),
      polar(to, reach(step) * turn * 0.98),
      polar(from, reach(step) * turn * 0.98),
    ];
    const warmth = Math.exp(-(((step - 40) / 11) ** 2));
    const lit = step % 2 ? 0.75 : 0.9;
    return (
      polygon(corners, { fill: '#1d3450', stroke: '#050a13', strokeWidth: 2.4 }) +
      polygon(corners, { fill: '#e09648', opacity: warmth * lit }) +
      polygon(corners, { fill: '#04080f', opacity: Math.max(0, 0.72 - step / 34) + (step % 2) * 0.1 }) +
      line(corners[0], corners[3], { stroke: '#f7d9a4', strokeWidth: 1.6, opacity: 0.1 + warmth * 0.7 })
    );
  };
  const rail = Array.from({ length: 400 }, (_, index) =>
    polar(index * 4, 780 * turn ** (index / 90 + 1))
      .map((n) => n.toFixed(1))
      .join(' '),
  );
  const man = polar(40 * (360 / 22) + 8, reach(40) * 0.82);
  return [
    e.wash('#060b14'),
    group(
      { transform: `translate(${x} ${y})` },
      repeat(100, tread),
      path(`M${rail.join('L')}`, { fill: 'none', stroke: '#050a12', strokeWidth: 7 }),
      path(`M${rail.join('L')}`, { fill: 'none', stroke: '#d79a56', strokeWidth: 1.6, opacity: 0.75 }),
      glow(e, [man[0] + 18, man[1] - 8], 330, 0.75),
      circle(0, 0, 52, { fill: '#060b14', filter: e.blur(9) }),
      group({ transform: `translate(${man.join(' ')}) rotate(40) scale(1.35)` }, fromAbove()),
    ),
    e.wash(
      e.radial(
        [
          [0.25, dusk.ink, 0],
          [1, dusk.ink, 0.9],
        ],
        { cx: 0.5, cy: 0.5, r: 0.62 },
      ),
    ),
  ].join('');
}

/** Hat, shoulders and lantern, as the ceiling sees them. */
function fromAbove() {
  return [
    ellipse([3, 4], [33, 20], { fill: '#04070d', opacity: 0.6 }),
    ellipse([0, 0], [30, 17], { fill: '#a8741f' }),
    ellipse([0, 1], [21, 21], { fill: '#8a5c1b' }),
    circle(0, -1, 13, { fill: '#d69a35' }),
    line([24, -4], [36, -18], { stroke: '#a8741f', strokeWidth: 9, strokeLinecap: 'round' }),
    circle(39, -22, 8, { fill: '#fffbe8', stroke: '#2a2f36', strokeWidth: 2.5 }),
  ].join('');
}

/** The lens and its keeper: a match in the dark, then the lamp. @param {Easel} e @param {0 | 1} lit */
export function lampRoom(e, lit) {
  const panes = [110, 330, 640, 950, 1170];
  const outside = e.linear([
    [0, '#0e1b2d'],
    [0.5, '#2b455f'],
    [0.63, '#77828f'],
    [0.66, '#1f3850'],
    [1, '#0d1a2b'],
  ]);
  const bars = panes.map(
    (x) =>
      rect([x - 9, 0], [18, 600], { fill: '#0a121d' }) +
      rect([x - 9, 0], [3, 600], { fill: lit ? dusk.lamp : '#4d6479', opacity: 0.6 }),
  );
  return [
    e.wash(outside),
    ...bars,
    rect([0, 150], [1280, 10], { fill: '#0a121d' }),
    path('M0 590Q640 556 1280 590V720H0Z', {
      fill: e.linear([
        [0, lit ? '#5c4630' : '#152131'],
        [1, '#070c14'],
      ]),
    }),
    lit ? glow(e, [760, 330], 760, 0.85) : glow(e, [552, 300], 300, 0.5),
    lit ? rays(e) : '',
    group({ transform: 'translate(760 330)' }, lens(e, lit)),
    group(
      { transform: 'translate(400 668) scale(2.35)' },
      keeper(e, { view: 'side', holds: lit ? 'nothing' : 'match' }),
    ),
    lit
      ? ''
      : e.wash(
          e.radial(
            [
              [0.1, '#060c16', 0],
              [0.75, '#060c16', 0.72],
            ],
            { cx: 0.43, cy: 0.41, r: 0.75 },
          ),
        ),
    lit ? glow(e, [760, 330], 430, 0.55) : '',
    vignette(e),
  ].join('');
}

/** @param {Easel} e */
function rays(e) {
  const fade = e.radial([
    [0, dusk.flame, 0.75],
    [1, dusk.lamp, 0],
  ]);
  const spokes = repeat(14, (index) => {
    const angle = index * (360 / 14) + 6;
    return polygon([[0, 0], polar(angle - 3.4, 900), polar(angle + 3.4, 900)], {
      fill: dusk.lamp,
      opacity: 0.13,
    });
  });
  return group(
    { filter: e.defocus(7) },
    group(
      { transform: 'translate(760 330)' },
      spokes,
      polygon(
        [
          [0, 0],
          [900, -120],
          [900, 120],
        ],
        { fill: fade },
      ),
      polygon(
        [
          [0, 0],
          [-900, -120],
          [-900, 120],
        ],
        { fill: fade },
      ),
    ),
  );
}

/** A beehive of prisms around a bull's-eye, 440 pixels tall. @param {Easel} e @param {0 | 1} lit */
function lens(e, lit) {
  const glass = lit
    ? e.across([
        [0, '#c87f35'],
        [0.3, '#ffe2a0'],
        [0.5, '#fffbea'],
        [0.7, '#ffe2a0'],
        [1, '#b46f2c'],
      ])
    : e.across([
        [0, '#1c3145'],
        [0.22, '#86a3b4'],
        [0.4, '#38546b'],
        [0.75, '#5f7f93'],
        [1, '#122333'],
      ]);
  const edge = lit ? '#b56a22' : '#0f1d2b';
  const half = (/** @type {number} */ y) => 172 * Math.sqrt(Math.max(0.08, 1 - (y / 262) ** 2));
  const prisms = repeat(21, (index) => {
    const y = -220 + index * 21;
    const [top, foot] = [half(y), half(y + 17)];
    return path(`M${-top} ${y}Q0 ${y + 10} ${top} ${y}L${foot} ${y + 17}Q0 ${y + 27} ${-foot} ${y + 17}Z`, {
      fill: glass,
      stroke: edge,
      strokeWidth: 1.6,
    });
  });
  const eye = [92, 76, 60, 44, 28].map((radius) =>
    circle(0, 2, radius, { fill: glass, stroke: edge, strokeWidth: 2 }),
  );
  const brass = e.across([
    [0, '#3d2a14'],
    [0.3, lit ? '#ffd88e' : '#93703a'],
    [0.6, '#6b4c22'],
    [1, '#2a1c0d'],
  ]);
  return [
    rect([-120, 236], [240, 26], { rx: 4, fill: brass }),
    path('M-70 262H70L96 380H-96Z', { fill: brass }),
    prisms,
    ...eye,
    lit ? circle(0, 2, 34, { fill: '#fff', filter: e.blur(10) }) : circle(0, 2, 9, { fill: '#1b2b3a' }),
    [-1, 1]
      .map((flank) =>
        path('M58-236Q178-120 178 0T58 236', {
          transform: `scale(${flank} 1)`,
          fill: 'none',
          stroke: brass,
          strokeWidth: 7,
        }),
      )
      .join(''),
    rect([-66, -252], [132, 20], { rx: 6, fill: brass }),
  ].join('');
}
