import { crownProfile } from './crown.js';
import { circle, dice, ellipse, group, path, polar, polygon, rect, repeat } from './paint.js';
import { face, ink, watch } from './watch.js';

/** @typedef {import('./paint.js').Easel} Easel */

const size = { width: 1280, height: 720 };

/** @type {import('./paint.js').Panel[]} */
export const teaser = [
  { name: 'boards/teaser/dial.png', ...size, draw: dialMacro },
  { name: 'boards/teaser/wake-start.png', ...size, draw: (e) => wake(e, 0) },
  { name: 'boards/teaser/wake-end.png', ...size, draw: (e) => wake(e, 1) },
  { name: 'boards/teaser/crown-start.png', ...size, draw: (e) => crownProfile(e, 0) },
  { name: 'boards/teaser/crown-end.png', ...size, draw: (e) => crownProfile(e, 1) },
  { name: 'boards/teaser/dive.png', ...size, draw: dive },
  { name: 'boards/teaser/pack-start.png', ...size, draw: (e) => packshot(e, 0) },
  { name: 'boards/teaser/pack-end.png', ...size, draw: (e) => packshot(e, 1) },
];

/** Macro along the dial, second hand across the frame, focus falling off to the right. @param {Easel} e */
function dialMacro(e) {
  const place = 'translate(250 640) rotate(-16) scale(9.4)';
  const soft = e.mask(
    e.wash(
      e.across([
        [0.45, '#000'],
        [0.85, '#fff'],
      ]),
    ),
  );
  const rake = e.linear(
    [
      [0, ink.rim, 0],
      [0.5, ink.rim, 0.32],
      [1, ink.rim, 0],
    ],
    { x1: 0, y1: 0, x2: 1, y2: 0.2 },
  );
  return [
    e.wash(ink.night),
    group({ transform: place }, face(e, { second: 7.6 })),
    group(
      { mask: soft },
      group({ filter: e.defocus(7) }, group({ transform: place }, face(e, { second: 7.6 }))),
    ),
    polygon(
      [
        [360, -40],
        [640, -40],
        [280, 760],
        [-60, 760],
      ],
      { fill: rake, filter: e.defocus(28) },
    ),
    e.wash(
      e.radial(
        [
          [0.2, '#04070b', 0],
          [1, '#04070b', 0.88],
        ],
        { cx: 0.42, cy: 0.5, r: 0.72 },
      ),
    ),
  ].join('');
}

/** Front on: from a rim of light in the dark to fully lit. @param {Easel} e @param {0 | 1} lit */
function wake(e, lit) {
  const place = lit ? 'translate(640 360) scale(2.7)' : 'translate(640 360) scale(2.45)';
  const backdrop = lit
    ? e.radial(
        [
          [0, '#4d6577'],
          [0.55, '#1d2934'],
          [1, ink.night],
        ],
        { cx: 0.5, cy: 0.46, r: 0.62 },
      )
    : e.radial(
        [
          [0, '#101820'],
          [1, '#040609'],
        ],
        { cx: 0.66, cy: 0.3, r: 0.6 },
      );
  const dark =
    group({ transform: place, opacity: 0.13 }, watch(e, { second: 57 })) +
    rimLight(e, { place, strength: 1 });
  const full = group({ transform: place }, watch(e, { second: 3 })) + rimLight(e, { place, strength: 0.5 });
  return [
    e.wash(backdrop),
    lit ? full : dark,
    e.wash(
      e.radial(
        [
          [0.5, '#000', 0],
          [1, '#000', 0.6],
        ],
        { cx: 0.5, cy: 0.5, r: 0.7 },
      ),
    ),
  ].join('');
}

/**
 * The watch in front of a strip light: two arcs, the edge of the strap, the crown.
 * @param {Easel} e @param {{ place: string, strength: number }} light the watch's own transform; 0–1
 */
function rimLight(e, { place, strength }) {
  const arc = (/** @type {number} */ from, /** @type {number} */ to, /** @type {number} */ radius) =>
    `M${polar(from, radius).join(' ')}A${radius} ${radius} 0 0 1 ${polar(to, radius).join(' ')}`;
  const strip = [
    { d: arc(8, 82, 99.5), width: 1.5, glow: 1 },
    { d: arc(98, 128, 99.5), width: 1, glow: 0.7 },
    { d: arc(196, 262, 99.5), width: 0.8, glow: 0.5 },
    { d: arc(15, 70, 79), width: 0.7, glow: 0.6 },
    { d: 'M53.5-116V-200M54 118V200', width: 0.9, glow: 0.6 },
    { d: 'M83-62L75-108Q72-119 62-119', width: 1, glow: 0.8 },
    { d: 'M119-12Q121 0 119 12', width: 1.2, glow: 0.9 },
  ];
  const haze = strip.map(({ d, width, glow }) =>
    path(d, { stroke: ink.rim, strokeWidth: width * 5, opacity: glow * strength * 0.4 }),
  );
  const edge = strip.map(({ d, width, glow }) =>
    path(d, { stroke: '#f2f9ff', strokeWidth: width, opacity: glow * strength }),
  );
  const lines = { transform: place, fill: 'none', strokeLinecap: 'round' };
  return group({ filter: e.defocus(10) }, group(lines, ...haze)) + group(lines, ...edge);
}

/** Under water, lume awake, light falling from the surface. @param {Easel} e */
function dive(e) {
  const place = 'translate(560 390) rotate(19) scale(2.35)';
  const roll = dice(31);
  const shaft = e.linear([
    [0, '#d8fff6', 0.5],
    [1, '#7fd8d8', 0],
  ]);
  const shafts = repeat(9, (index) => {
    const x = 120 + index * 128 + roll() * 60;
    const spread = 30 + roll() * 70;
    return polygon(
      [
        [x, -20],
        [x + 26 + roll() * 40, -20],
        [x - 190 + spread, 740],
        [x - 300, 740],
      ],
      { fill: shaft, opacity: 0.12 + roll() * 0.3 },
    );
  });
  const bubble = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ r) =>
    circle(x, y, r, { fill: '#dffcff', opacity: 0.14 }) +
    circle(x, y, r, { fill: 'none', stroke: '#e6feff', strokeWidth: Math.max(0.8, r * 0.1), opacity: 0.6 }) +
    circle(x - r * 0.35, y - r * 0.35, r * 0.22, { fill: '#fff', opacity: 0.9 });
  const trail = repeat(60, () => {
    const up = roll();
    return bubble(
      790 + Math.sin(up * 9) * 70 + (roll() - 0.5) * (80 + up * 260),
      640 - up * 700,
      2 + roll() ** 4 * 20,
    );
  });
  return [
    e.wash(
      e.linear([
        [0, '#4fb3b9'],
        [0.25, '#1c7484'],
        [0.6, '#0a3a4c'],
        [1, '#03131d'],
      ]),
    ),
    group({ filter: e.defocus(12) }, shafts),
    group({ transform: place }, watch(e, { second: 18, lume: true })),
    e.wash(
      e.linear([
        [0, '#1b8a93', 0.28],
        [1, '#04202c', 0.5],
      ]),
    ),
    rimLight(e, { place, strength: 0.8 }),
    trail,
    e.wash(
      e.radial(
        [
          [0.45, '#010a10', 0],
          [1, '#010a10', 0.75],
        ],
        { cx: 0.45, cy: 0.45, r: 0.75 },
      ),
    ),
  ].join('');
}

/** On a stone at first light; at the end further back, with room at the left for a title. @param {Easel} e @param {0 | 1} back */
function packshot(e, back) {
  const view = back ? 'translate(930 372) scale(1.32)' : 'translate(700 366) scale(2.05)';
  const sun = back ? { cx: 0.73, cy: 0.5, r: 0.55 } : { cx: 0.55, cy: 0.45, r: 0.62 };
  const slab = [
    polygon(
      [
        [-230, 148],
        [-150, 112],
        [190, 112],
        [250, 148],
      ],
      {
        fill: e.across([
          [0, '#2b3138'],
          [0.5, '#6b7178'],
          [1, '#3a3530'],
        ]),
      },
    ),
    polygon(
      [
        [-230, 148],
        [250, 148],
        [238, 420],
        [-218, 420],
      ],
      {
        fill: e.linear([
          [0, '#3a4149'],
          [0.5, '#171b20'],
          [1, '#0a0c0f'],
        ]),
      },
    ),
    path('M-230 148H250', { stroke: '#ffc692', strokeWidth: 1.6, opacity: 0.75 }),
  ].join('');
  // Upright, the strap closes behind the case: only the nearest links show, and the case stands on them.
  const upright = e.clip(rect([-54, -152], [108, 290], { rx: 16 }), rect([-130, -120], [260, 240], {}));
  return [
    e.wash(
      e.linear([
        [0, '#0c131b'],
        [0.5, '#27303a'],
        [0.72, '#6a4c3c'],
        [0.8, '#1a1d22'],
        [1, '#08090c'],
      ]),
    ),
    e.wash(
      e.radial(
        [
          [0, '#ffb877', 0.75],
          [0.35, '#e07f45', 0.35],
          [1, '#e07f45', 0],
        ],
        sun,
      ),
    ),
    group(
      { transform: view },
      slab,
      ellipse([10, 132], [120, 14], { fill: '#000', opacity: 0.75, filter: e.blur(7) }),
      group({ clipPath: upright }, watch(e, { second: 0.4 })),
      group(
        { fill: 'none', stroke: '#ffc48c', strokeLinecap: 'round' },
        path(`M${polar(200, 100).join(' ')}A100 100 0 0 1 ${polar(352, 100).join(' ')}`, {
          strokeWidth: 1.6,
          opacity: 0.85,
        }),
      ),
    ),
    e.wash(
      e.radial(
        [
          [0.5, '#000', 0],
          [1, '#000', 0.62],
        ],
        { cx: 0.55, cy: 0.5, r: 0.78 },
      ),
    ),
  ].join('');
}
