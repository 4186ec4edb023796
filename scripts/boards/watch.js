import { circle, element, group, line, path, polar, polygon, rect, repeat } from './paint.js';

/** The teaser's colours: graphite and a cool rim, with one warm accent. */
export const ink = {
  night: '#07090d',
  graphite: '#161c24',
  steel: '#8c9aa8',
  rim: '#cfe8ff',
  amber: '#ff9a45',
  lume: '#a9ffe0',
};

/** The case is 100 units in radius and the drawing centred on 0, 0, so a panel only has to move and scale it. */
const dialRadius = 74;

/**
 * A diver's watch from the front, 200 units across the case; the strap runs out of the picture both ways.
 * @param {import('./paint.js').Easel} e
 * @param {{ second?: number, lume?: boolean }} [look] where the second hand stands (0–60), and whether the paint glows
 */
export function watch(e, look) {
  return [strap(e), lugs(e), crown(e), face(e, look)].join('');
}

/**
 * The watch without what holds it, for macros.
 * @param {import('./paint.js').Easel} e
 * @param {{ second?: number, lume?: boolean }} [look]
 */
export function face(e, { second = 41, lume = false } = {}) {
  return [bezel(e), dial(e, lume), hands(e, { second, lume }), crystal(e)].join('');
}

/** @param {import('./paint.js').Easel} e */
function strap(e) {
  const rubber = e.across([
    [0, '#0a0d11'],
    [0.12, '#2c3540'],
    [0.25, '#171d24'],
    [0.75, '#11161c'],
    [0.9, '#232b34'],
    [1, '#07090c'],
  ]);
  const ribs = repeat(16, (index) => {
    const y = 116 + index * 17;
    return [y, -y].map((at) => line([-45, at], [45, at], { stroke: '#05070a', strokeWidth: 4 })).join('');
  });
  const edges = path('M-44-380V380M44-380V380', { stroke: '#3b4652', strokeWidth: 1, fill: 'none' });
  return rect([-54, -380], [108, 760], { fill: rubber }) + ribs + edges;
}

/** @param {import('./paint.js').Easel} e */
function lugs(e) {
  const metal = e.across([
    [0, '#39434e'],
    [0.2, '#c3d0db'],
    [0.35, '#5b6773'],
    [0.7, '#2d353e'],
    [0.92, '#93a2b0'],
    [1, '#222931'],
  ]);
  const lug = 'M-86 44L-75 108Q-72 119-62 119L-53 118V64ZM86 44L75 108Q72 119 62 119L53 118V64Z';
  return [1, -1]
    .map((flip) =>
      group({ transform: `scale(1 ${flip})` }, path(lug, { fill: metal, stroke: '#0b0e12', strokeWidth: 1 })),
    )
    .join('');
}

/** @param {import('./paint.js').Easel} e */
function crown(e) {
  const metal = e.linear([
    [0, '#4b5662'],
    [0.25, '#e8f1f8'],
    [0.5, '#7d8b98'],
    [1, '#1b2128'],
  ]);
  const teeth = repeat(11, (index) =>
    line([103, -12 + index * 2.4], [118, -12 + index * 2.4], { stroke: '#10151a', strokeWidth: 0.8 }),
  );
  return (
    rect([94, -9], [10, 18], { fill: '#2a323b' }) + rect([102, -14], [17, 28], { rx: 3, fill: metal }) + teeth
  );
}

/** @param {import('./paint.js').Easel} e */
function bezel(e) {
  const body = e.linear(
    [
      [0, '#dfe9f2'],
      [0.3, '#7b8894'],
      [0.55, '#2f3740'],
      [0.85, '#6c7985'],
      [1, '#1a2027'],
    ],
    { x1: 0.1, y1: 0, x2: 0.8, y2: 1 },
  );
  const insert = e.linear(
    [
      [0, '#2a3947'],
      [0.5, '#0c131b'],
      [1, '#1a2733'],
    ],
    { x1: 0, y1: 0, x2: 1, y2: 1 },
  );
  const grip = repeat(120, (index) =>
    line(polar(index * 3, 96.5), polar(index * 3, 100), { stroke: '#0c1014', strokeWidth: 1.6 }),
  );
  const minutes = repeat(60, (index) => {
    const five = index % 5 === 0;
    const style = { stroke: '#dfe8ee', strokeWidth: five ? 1.7 : 0.6, opacity: five || index < 20 ? 0.9 : 0 };
    return line(polar(index * 6, 93), polar(index * 6, five ? 84 : 89), style);
  });
  const pip = polygon([polar(0, 83), polar(-4.5, 93), polar(4.5, 93)], { fill: ink.amber });
  return [
    circle(0, 0, 100, { fill: body }),
    grip,
    circle(0, 0, 96, { fill: insert, stroke: '#05080b', strokeWidth: 0.8 }),
    minutes,
    pip,
    circle(0, 0, 80, { fill: '#05080b' }),
    circle(0, 0, 79, { fill: 'none', stroke: body, strokeWidth: 2.4 }),
  ].join('');
}

/** @param {import('./paint.js').Easel} e @param {boolean} lume */
function dial(e, lume) {
  const ground = e.radial([
    [0, '#2b5a70'],
    [0.6, '#133243'],
    [1, '#071019'],
  ]);
  // A sunburst: brushed metal reflects in two opposite fans, and wedges of changing strength are how one draws it.
  const rays = repeat(90, (index) => {
    const strength = Math.max(0, Math.cos(((index * 4 - 40) * Math.PI) / 90)) ** 3;
    return polygon([[0, 0], polar(index * 4, dialRadius), polar(index * 4 + 4.4, dialRadius)], {
      fill: '#9fd4ea',
      opacity: strength * 0.3,
    });
  });
  const track = repeat(60, (index) =>
    line(polar(index * 6, 73), polar(index * 6, index % 5 ? 70.5 : 69), {
      stroke: '#c9dbe4',
      strokeWidth: 0.5,
    }),
  );
  const paint = lume ? ink.lume : '#f1f5f2';
  const marks = repeat(12, (hour) => {
    const bar = rect([-2.6, -67], [5.2, hour % 3 ? 11 : 17], {
      rx: 0.8,
      fill: paint,
      stroke: '#d5dde2',
      strokeWidth: 0.9,
    });
    const shape =
      hour === 0
        ? polygon(
            [
              [-6.5, -67],
              [6.5, -67],
              [0, -49],
            ],
            { fill: paint, stroke: '#d5dde2', strokeWidth: 0.9 },
          )
        : bar;
    const cast = rect([-1.4, -65.2], [5.2, hour % 3 ? 11 : 17], { fill: '#000', opacity: 0.5 });
    return group({ transform: `rotate(${hour * 30})` }, cast, shape);
  });
  const halo = lume
    ? repeat(12, (hour) =>
        circle(...polar(hour * 30, 60), 13, { fill: ink.lume, opacity: 0.4, filter: e.blur(5) }),
      )
    : '';
  return (
    circle(0, 0, dialRadius, { fill: ground }) +
    rays +
    circle(0, 0, 46, { fill: 'none', stroke: '#04090d', strokeWidth: 0.4 }) +
    track +
    halo +
    marks
  );
}

/** @param {import('./paint.js').Easel} e @param {{ second: number, lume: boolean }} look */
function hands(e, { second, lume }) {
  const steel = e.across([
    [0, '#f4f8fb'],
    [0.49, '#c2ccd4'],
    [0.51, '#5c6872'],
    [1, '#8b98a3'],
  ]);
  const paint = lume ? ink.lume : '#f1f5f2';
  /** @param {number} angle @param {number} length @param {number} width */
  const sword = (angle, length, width) => {
    const outline = `M${-width * 0.5} 10L${-width} ${-length * 0.72}L0 ${-length}L${width} ${-length * 0.72}L${width * 0.5} 10Z`;
    const core = `M${-width * 0.3} ${-length * 0.25}L${-width * 0.55} ${-length * 0.7}L0 ${-length * 0.9}L${width * 0.55} ${-length * 0.7}L${width * 0.3} ${-length * 0.25}Z`;
    const shadow = path(outline, { fill: '#000', opacity: 0.45, transform: 'translate(2 3)' });
    return group(
      { transform: `rotate(${angle})` },
      shadow,
      path(outline, { fill: steel }),
      path(core, { fill: paint }),
    );
  };
  const sweep = group(
    { transform: `rotate(${second * 6})` },
    line([0, 20], [0, -70], {
      stroke: '#000',
      strokeWidth: 1.6,
      opacity: 0.4,
      transform: 'translate(2.4 2)',
    }),
    line([0, 22], [0, -70], { stroke: ink.amber, strokeWidth: 1.3 }),
    circle(0, -52, 3.4, { fill: paint, stroke: ink.amber, strokeWidth: 1.2 }),
  );
  const hub = circle(0, 0, 4.6, { fill: ink.amber }) + circle(0, 0, 1.8, { fill: '#3a2412' });
  return sword(305, 44, 5) + sword(52, 64, 4) + sweep + hub;
}

/** @param {import('./paint.js').Easel} e */
function crystal(e) {
  const sheen = e.linear(
    [
      [0, '#eaf6ff', 0.34],
      [0.45, '#eaf6ff', 0.02],
      [1, '#eaf6ff', 0],
    ],
    { x1: 0, y1: 0, x2: 0.8, y2: 1 },
  );
  const window = e.clip(element('circle', { r: 77 }));
  return group({ clipPath: window }, path('M-110-30L40-110L90-96L-84 78Z', { fill: sheen }));
}
