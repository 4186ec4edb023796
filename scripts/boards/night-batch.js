import { bottle, mug } from './drinkware.js';
import { circle, ellipse, group, line, path, polygon, rect, repeat } from './paint.js';

/**
 * @typedef {import('./paint.js').Easel} Easel
 * @typedef {{ wall: string, lit: string, floor: string, deep: string, dark: string, body: string, light: string, cap: string }} Colorway
 *   the set (wall, its lit side, floor, its shade) and the product (its shade, colour and light, and the cap)
 */

/** @type {Record<string, Colorway>} */
const colorways = {
  clay: {
    wall: '#d9967a',
    lit: '#f3c3a5',
    floor: '#c87f63',
    deep: '#7e4230',
    dark: '#6d2f21',
    body: '#bd5b3f',
    light: '#f0a58a',
    cap: '#3a1d17',
  },
  sage: {
    wall: '#a9b894',
    lit: '#d9e2c4',
    floor: '#93a57f',
    deep: '#4f5f45',
    dark: '#2f4030',
    body: '#64805f',
    light: '#b9cfae',
    cap: '#e9dfc8',
  },
  tide: {
    wall: '#5c86a3',
    lit: '#a8cbdc',
    floor: '#487391',
    deep: '#1d3d57',
    dark: '#0d2438',
    body: '#20577c',
    light: '#86bcd8',
    cap: '#f1c27a',
  },
  sun: {
    wall: '#eac36d',
    lit: '#fce6ab',
    floor: '#dba94c',
    deep: '#8b5c1c',
    dark: '#92590f',
    body: '#e8a022',
    light: '#ffe09a',
    cap: '#f7f1e3',
  },
  chalk: {
    wall: '#cfc6bd',
    lit: '#f1ebe3',
    floor: '#bdb1a6',
    deep: '#76695f',
    dark: '#8d8279',
    body: '#e4ddd4',
    light: '#ffffff',
    cap: '#2f2c2a',
  },
  plum: {
    wall: '#a583a1',
    lit: '#d9bdd2',
    floor: '#906c8d',
    deep: '#4a2d4a',
    dark: '#33152f',
    body: '#6b3763',
    light: '#c795bb',
    cap: '#e2b68f',
  },
};

/** @type {import('./paint.js').Panel[]} */
export const nightBatch = [
  board('bottle-clay', (e) => scene(e, colorways.clay, { behind: arch, product: bottle, shade: windowPane })),
  board('bottle-sage', (e) => scene(e, colorways.sage, { behind: disc, product: bottle, shade: fronds })),
  board('bottle-tide', (e) =>
    scene(e, colorways.tide, { behind: stairs, product: bottle, shade: windowPane }),
  ),
  board('bottle-sun', (e) => scene(e, colorways.sun, { behind: disc, product: bottle, shade: windowPane })),
  board('mug-chalk', (e) => scene(e, colorways.chalk, { behind: arch, product: mug, shade: fronds })),
  board('mug-plum', (e) => scene(e, colorways.plum, { behind: stairs, product: mug, shade: windowPane })),
];

/** @param {string} name @param {(e: Easel) => string} draw @returns {import('./paint.js').Panel} */
function board(name, draw) {
  // Plain sets lose nothing at three quarters, and a batch is many boards.
  return { name: `boards/night/${name}.png`, width: 720, height: 1280, zoom: 0.75, draw };
}

/**
 * One set: a seamless wall, a shape behind, a round plinth, the product, and the light of a window across it all.
 * @param {Easel} e @param {Colorway} color
 * @param {Record<'behind' | 'product' | 'shade', (e: Easel, color: Colorway) => string>} set
 */
function scene(e, color, { behind, product, shade }) {
  const corner = e.radial(
    [
      [0, color.deep, 0],
      [0.55, color.deep, 0],
      [1, color.deep, 0.75],
    ],
    { cx: 0.35, cy: 0.42, r: 0.85 },
  );
  return [
    e.wash(
      e.linear(
        [
          [0, color.wall],
          [0.6, color.lit],
          [0.74, color.floor],
          [1, color.deep],
        ],
        { x1: 0.2, y1: 0, x2: 0.1, y2: 1 },
      ),
    ),
    behind(e, color),
    shade(e, color),
    plinth(e, color),
    group({ transform: 'translate(360 976)' }, castShadow(e, color), product(e, color)),
    e.wash(corner),
  ].join('');
}

/** @param {Easel} e @param {Colorway} color */
function plinth(e, color) {
  const side = e.across([
    [0, color.deep],
    [0.25, color.floor],
    [0.42, color.lit],
    [0.8, color.deep],
    [1, color.deep],
  ]);
  const top = e.across([
    [0, color.lit],
    [0.6, color.wall],
    [1, color.floor],
  ]);
  return [
    ellipse([420, 1130], [330, 46], { fill: color.deep, opacity: 0.6, filter: e.blur(18) }),
    path('M110 980V1110A250 56 0 0 0 610 1110V980Z', { fill: side }),
    ellipse([360, 980], [250, 56], { fill: top }),
    path('M110 980A250 56 0 0 0 610 980', { fill: 'none', stroke: color.lit, strokeWidth: 3, opacity: 0.7 }),
  ].join('');
}

/** @param {Easel} e @param {Colorway} color */
function castShadow(e, color) {
  return path('M-70-6Q0-30 90-22L250 6Q190 32 60 24Q-40 22-70-6Z', {
    fill: color.deep,
    opacity: 0.7,
    filter: e.blur(8),
  });
}

/** A niche in the wall. @param {Easel} e @param {Colorway} color */
function arch(e, color) {
  const hollow = e.across([
    [0, color.deep, 0.75],
    [0.2, color.floor],
    [0.75, color.wall],
    [1, color.lit],
  ]);
  const opening = 'M130 930V430A230 230 0 0 1 590 430V930Z';
  return (
    path(opening, { fill: hollow }) +
    path(opening, { fill: 'none', stroke: color.lit, strokeWidth: 5, opacity: 0.6 })
  );
}

/** A round panel, low like a sun. @param {Easel} e @param {Colorway} color */
function disc(e, color) {
  const paint = e.linear(
    [
      [0, color.lit],
      [0.5, color.wall],
      [1, color.floor],
    ],
    { x1: 0, y1: 0, x2: 1, y2: 1 },
  );
  return (
    circle(420, 560, 262, { fill: color.deep, opacity: 0.45, filter: e.blur(22) }) +
    circle(388, 536, 258, { fill: paint }) +
    circle(388, 536, 256, { fill: 'none', stroke: color.lit, strokeWidth: 4, opacity: 0.8 })
  );
}

/** Blocks climbing out of the picture. @param {Easel} e @param {Colorway} color */
function stairs(e, color) {
  const front = e.linear([
    [0, color.wall],
    [1, color.deep],
  ]);
  return repeat(4, (index) => {
    const [x, y] = [470 - index * 130, 470 + index * 122];
    const block = rect([x, y], [720, 620], { fill: front });
    const top = polygon(
      [
        [x, y],
        [x + 46, y - 30],
        [800, y - 30],
        [800, y],
      ],
      { fill: color.lit },
    );
    const shade = rect([x - 26, y + 8], [26, 600], { fill: color.deep, opacity: 0.25 });
    return shade + block + top + line([x, y], [720, y], { stroke: '#fff', strokeWidth: 2, opacity: 0.35 });
  });
}

/** Late sun through a window of six panes. @param {Easel} e @param {Colorway} color */
function windowPane(e, color) {
  const panes = repeat(6, (index) => {
    const [x, y] = [40 + (index % 2) * 150, 170 + Math.floor(index / 2) * 190];
    return polygon(
      [
        [x, y],
        [x + 132, y + 44],
        [x + 132, y + 214],
        [x, y + 170],
      ],
      { fill: '#fff6e2', opacity: 0.4 },
    );
  });
  return group(
    { filter: e.defocus(5) },
    panes,
    polygon(
      [
        [0, 860],
        [330, 800],
        [720, 900],
        [720, 960],
        [0, 960],
      ],
      { fill: color.lit, opacity: 0.25 },
    ),
  );
}

/** Palm leaves between the window and the wall. @param {Easel} e @param {Colorway} color */
function fronds(e, color) {
  const leaf = repeat(19, (index) => {
    const along = 40 + index * 24;
    const reach = 150 * Math.sin(((index + 2) / 22) * Math.PI);
    const blade = (/** @type {number} */ side) =>
      path(
        `M${along} 0Q${along + 40} ${side * reach * 0.5} ${along + 66} ${side * reach}Q${along + 8} ${side * reach * 0.55} ${along - 6} 0Z`,
        { fill: color.deep, opacity: 0.36 },
      );
    return blade(1) + blade(-1);
  });
  const stem = path('M0-3L520 0L0 3Z', { fill: color.deep, opacity: 0.4 });
  return group(
    { filter: e.defocus(7) },
    group({ transform: 'translate(-60 250) rotate(24)' }, stem, leaf),
    group({ transform: 'translate(750 90) rotate(132) scale(0.8)' }, stem, leaf),
  );
}
