import { boat, clouds, dusk, glints, glow, keeper, tower, vignette } from './coast.js';
import { circle, dice, ellipse, group, path, polygon, rect, repeat } from './paint.js';
import { lampRoom, stairs } from './tower-rooms.js';

/** @typedef {import('./paint.js').Easel} Easel */

const wide = { width: 1280, height: 720 };
const square = { width: 512, height: 512 };

/** @type {import('./paint.js').Panel[]} */
export const lighthouse = [
  { name: 'boards/lighthouse/headland.png', ...wide, draw: headland },
  { name: 'boards/lighthouse/swell.png', ...wide, draw: swell },
  { name: 'boards/lighthouse/stairs.png', ...wide, draw: stairs },
  { name: 'boards/lighthouse/lamp-start.png', ...wide, draw: (e) => lampRoom(e, 0) },
  { name: 'boards/lighthouse/lamp-end.png', ...wide, draw: (e) => lampRoom(e, 1) },
  { name: 'boards/lighthouse/beam.png', ...wide, draw: beam },
  {
    name: 'cast/keeper.png',
    ...square,
    draw: (e) => sheet(e, 'translate(246 455) scale(1.95)', keeper(e, { view: 'front', holds: 'lantern' })),
  },
  {
    name: 'cast/keeper-side.png',
    ...square,
    draw: (e) => sheet(e, 'translate(246 455) scale(1.95)', keeper(e, { view: 'side', holds: 'lantern' })),
  },
  { name: 'cast/boat.png', ...square, draw: (e) => sheet(e, 'translate(254 356) scale(1.7)', boat(e), 380) },
];

/** A model sheet: the subject alone on plain paper. @param {Easel} e @param {string} place @param {string} subject */
function sheet(e, place, subject, floor = 455) {
  return [
    e.wash(
      e.radial(
        [
          [0, '#a9b8c2'],
          [1, '#66798a'],
        ],
        { cx: 0.5, cy: 0.42, r: 0.75 },
      ),
    ),
    ellipse([256, floor], [164, 16], { fill: dusk.deep, opacity: 0.55, filter: e.blur(12) }),
    group({ transform: place }, subject),
  ].join('');
}

/** The last light on the coast; the keeper on the path to a dark tower. @param {Easel} e */
function headland(e) {
  const cliff =
    'M470 720Q520 660 560 600L600 520L640 500L668 430L720 412Q840 372 960 366Q1100 350 1280 372V720Z';
  const face = 'M470 720Q520 660 560 600L600 520L640 500L668 430L720 412L742 470L716 540L760 600L740 720Z';
  return [
    e.wash(
      e.linear([
        [0, '#16283f'],
        [0.3, '#3c5874'],
        [0.5, '#8b8c97'],
        [0.6, dusk.ember],
        [0.62, '#f0c092'],
      ]),
    ),
    clouds(e, { seed: 12, fill: '#1d3048', from: 60, to: 330 }),
    clouds(e, { seed: 4, fill: '#f4b98c', from: 330, to: 420 }),
    path('M0 444H1280V720H0Z', {
      fill: e.linear([
        [0, '#c99a80'],
        [0.12, '#5f7488'],
        [0.6, '#24405c'],
        [1, dusk.deep],
      ]),
    }),
    path('M0 446V414Q60 404 96 416T190 420Q250 424 300 436L372 446Z', { fill: '#5d6d80' }),
    glints({ from: 448, to: 720, seed: 6, fill: '#f3c9a2', strength: 0.5 }),
    group(
      { filter: e.blur(3) },
      ellipse([520, 704], [120, 14], { fill: '#dfe6ea', opacity: 0.55 }),
      ellipse([470, 716], [170, 10], { fill: '#dfe6ea', opacity: 0.4 }),
    ),
    path(cliff, {
      fill: e.linear([
        [0, '#31485a'],
        [0.25, '#1e3146'],
        [1, dusk.ink],
      ]),
    }),
    path(face, {
      fill: e.across([
        [0, '#6b6a73'],
        [0.5, '#33465a'],
        [1, '#1c2e42'],
      ]),
      opacity: 0.8,
    }),
    path('M600 520L650 560L620 640M668 430L690 500L668 590M640 500L664 520', {
      stroke: '#0f1c2c',
      strokeWidth: 3,
      fill: 'none',
      opacity: 0.6,
    }),
    path('M1010 720Q930 610 830 545Q768 500 812 462Q880 424 962 380', {
      stroke: '#8d8f92',
      strokeWidth: 9,
      fill: 'none',
      opacity: 0.45,
      strokeLinecap: 'round',
    }),
    group({ transform: 'translate(985 376) scale(1.3)' }, cottage(e), tower(e, { lit: false })),
    glow(e, [838, 536], 150, 0.55),
    group({ transform: 'translate(820 562) scale(0.4)' }, keeper(e, { view: 'side', holds: 'lantern' })),
    birds([
      [330, 190],
      [372, 172],
      [410, 204],
      [250, 226],
    ]),
    vignette(e),
  ].join('');
}

/** @param {Easel} e */
function cottage(e) {
  const wall = e.across([
    [0, '#8d949b'],
    [1, '#33465a'],
  ]);
  return (
    rect([34, -34], [82, 34], { fill: wall }) +
    polygon(
      [
        [28, -32],
        [42, -58],
        [108, -58],
        [122, -32],
      ],
      { fill: '#3a2a33' },
    ) +
    rect([92, -70], [10, 18], { fill: '#2c3644' }) +
    rect([54, -24], [9, 11], { fill: '#1a2636' })
  );
}

/** @param {import('./paint.js').Point[]} places */
function birds(places) {
  return places
    .map(([x, y]) =>
      path(`M${x - 13} ${y - 4}Q${x - 6} ${y - 9} ${x} ${y}Q${x + 7} ${y - 8} ${x + 14} ${y - 2}`, {
        fill: 'none',
        stroke: '#12202f',
        strokeWidth: 2.4,
      }),
    )
    .join('');
}

/** The boat low between two waves, no light to steer by. @param {Easel} e */
function swell(e) {
  const wave = (/** @type {string} */ d, /** @type {string} */ top, /** @type {string} */ foot) =>
    path(`${d}V720H0Z`, {
      fill: e.linear([
        [0, top],
        [0.5, foot],
        [1, dusk.ink],
      ]),
    }) + path(d.replace('M0', 'M-4'), { fill: 'none', stroke: '#b9c9d2', strokeWidth: 3, opacity: 0.4 });
  const spray = dice(77);
  return [
    e.wash(
      e.linear([
        [0, '#101d2f'],
        [0.35, '#2a435c'],
        [0.52, '#66798a'],
        [0.58, '#a58f86'],
      ]),
    ),
    clouds(e, { seed: 15, fill: '#0c1727', from: 20, to: 300 }),
    path('M1010 412L1060 384L1130 372L1200 376L1280 366V430H1010Z', { fill: '#30465b' }),
    group({ transform: 'translate(1120 374) scale(0.34)', opacity: 0.85 }, tower(e, { lit: false })),
    wave('M0 420Q200 380 400 412T780 414T1280 404', '#6d8598', '#223a52'),
    wave('M0 500Q180 548 380 498Q560 430 760 492Q980 560 1280 452', '#4d6b84', '#16293f'),
    group({ transform: 'translate(540 530) rotate(-9) scale(1.85)' }, boat(e)),
    wave('M0 566Q160 470 330 508Q520 560 690 548Q900 528 1040 590Q1160 630 1280 580', '#416079', '#0f1e31'),
    wave('M0 690Q260 610 520 662Q760 706 960 640Q1130 590 1280 650', '#2f4c66', '#0b1626'),
    repeat(70, () =>
      circle(640 + spray() * 260, 440 + spray() * 130, 0.8 + spray() * 2.6, {
        fill: '#e9f1f4',
        opacity: 0.15 + spray() * 0.5,
      }),
    ),
    group({ filter: e.blur(5) }, path('M700 556Q780 506 830 562Z', { fill: '#dde8ee', opacity: 0.5 })),
    vignette(e),
  ].join('');
}

/** The lamp finds the boat. @param {Easel} e */
function beam(e) {
  const roll = dice(90);
  const light = e.linear(
    [
      [0, dusk.flame, 0.95],
      [0.35, dusk.lamp, 0.5],
      [1, dusk.lamp, 0.06],
    ],
    { x1: 0, y1: 0, x2: 1, y2: 0.35 },
  );
  const back = e.linear(
    [
      [0, dusk.lamp, 0.05],
      [1, dusk.lamp, 0.55],
    ],
    { x1: 0, y1: 0, x2: 1, y2: 0.3 },
  );
  return [
    e.wash(
      e.linear([
        [0, '#050b16'],
        [0.4, '#12243a'],
        [0.62, '#2c4761'],
        [0.64, '#3b566d'],
      ]),
    ),
    repeat(110, () =>
      circle(roll() * 1280, roll() ** 1.4 * 400, 0.5 + roll() * 1.3, {
        fill: '#dbe8f2',
        opacity: 0.2 + roll() * 0.7,
      }),
    ),
    clouds(e, { seed: 31, fill: '#0a1422', from: 250, to: 430 }),
    path('M0 458H1280V720H0Z', {
      fill: e.linear([
        [0, '#2b4761'],
        [0.2, '#162b42'],
        [1, '#060c16'],
      ]),
    }),
    glints({ from: 462, to: 720, seed: 17, fill: '#7f9bb0', strength: 0.28 }),
    group(
      { filter: e.defocus(7) },
      polygon(
        [
          [322, 208],
          [1330, 318],
          [1330, 560],
        ],
        { fill: light },
      ),
      polygon(
        [
          [322, 208],
          [-60, 110],
          [-60, 190],
        ],
        { fill: back },
      ),
    ),
    group({ filter: e.blur(10) }, ellipse([1010, 512], [270, 26], { fill: dusk.lamp, opacity: 0.4 })),
    repeat(46, () =>
      ellipse([1010 + (roll() - 0.5) * 480, 490 + roll() * 90], [8 + roll() * 40, 1 + roll() * 1.6], {
        fill: '#ffe2ab',
        opacity: 0.25 + roll() * 0.5,
      }),
    ),
    group({ transform: 'translate(1000 498) rotate(3) scale(0.72)' }, boat(e)),
    path(
      'M0 720V560L60 520L130 506L190 470L262 452L330 440L392 452L430 494L486 530L520 590L590 640L640 720Z',
      {
        fill: e.linear([
          [0, '#2a3d50'],
          [0.4, '#131f2f'],
          [1, '#060b14'],
        ]),
      },
    ),
    path('M330 440L392 452L430 494L486 530L520 590L590 640L640 720H560L500 640L440 580L400 510Z', {
      fill: '#55606a',
      opacity: 0.35,
    }),
    group({ transform: 'translate(322 446) scale(1.24)' }, tower(e, { lit: true })),
    glow(e, [322, 210], 190, 0.95),
    vignette(e),
  ].join('');
}
