// A small paintbox over SVG: shapes are strings, paints are references into the panel's own <defs>.

/**
 * @typedef {Record<string, string | number | undefined>} Attributes camelCase SVG attributes, such as `strokeWidth`
 * @typedef {readonly [offset: number, color: string, opacity?: number]} Stop
 * @typedef {ReturnType<typeof easel>} Easel
 * @typedef {{ name: string, width: number, height: number, zoom?: number, draw: (easel: Easel) => string }} Panel drawn in units of `width` × `height`, kept in as many pixels times `zoom`
 * @typedef {readonly [x: number, y: number]} Point
 */

/**
 * Opens the paints of one panel; every method returns a `url(#…)` to fill, filter, clip or mask with.
 * @param {{ width: number, height: number }} size in pixels
 */
export function easel({ width, height }) {
  /** @type {string[]} */
  const defs = [];
  /** @param {string} tag @param {Attributes} attributes @param {string} body */
  const define = (tag, attributes, body) => {
    const id = `d${defs.length}`;
    defs.push(element(tag, { id, ...attributes }, body));
    return `url(#${id})`;
  };

  return {
    width,
    height,
    /** A gradient from top to bottom of the shape, unless `at` says otherwise. @param {readonly Stop[]} stops */
    linear(stops, at = { x1: 0, y1: 0, x2: 0, y2: 1 }) {
      return define('linearGradient', at, stops.map(stop).join(''));
    },
    /** A gradient from left to right of the shape. @param {readonly Stop[]} stops */
    across(stops) {
      return define('linearGradient', { x1: 0, y1: 0, x2: 1, y2: 0 }, stops.map(stop).join(''));
    },
    /** A gradient outward from the middle of the shape, unless `at` says otherwise. @param {readonly Stop[]} stops */
    radial(stops, at = { cx: 0.5, cy: 0.5, r: 0.5 }) {
      return define('radialGradient', at, stops.map(stop).join(''));
    },
    /** A Gaussian blur of a shape, which must have a width and a height. @param {number} radius standard deviation in the shape's units */
    blur(radius) {
      // The region reaches past the shape, or the edge of the blur would show as a hard cut.
      const region = { x: '-100%', y: '-100%', width: '300%', height: '300%' };
      return define('filter', region, element('feGaussianBlur', { stdDeviation: radius }));
    },
    /** A Gaussian blur of what fills the panel or more. @param {number} radius standard deviation in pixels */
    defocus(radius) {
      // The margin keeps the edges from darkening; the renderer aborts on a region that reaches far outside.
      const region = {
        filterUnits: 'userSpaceOnUse',
        x: -80,
        y: -80,
        width: width + 160,
        height: height + 160,
      };
      return define('filter', region, element('feGaussianBlur', { stdDeviation: radius }));
    },
    /** Shows only the inside of the shapes. @param {...string} shapes */
    clip(...shapes) {
      return define('clipPath', {}, shapes.join(''));
    },
    /** Shows as much as the shapes are bright. @param {...string} shapes */
    mask(...shapes) {
      const everywhere = { maskUnits: 'userSpaceOnUse', x: -4000, y: -4000, width: 8000, height: 8000 };
      return define('mask', everywhere, shapes.join(''));
    },
    /** The whole panel in one paint. @param {string} fill @param {Attributes} [attributes] */
    wash(fill, attributes = {}) {
      return element('rect', { width, height, fill, ...attributes });
    },
    /** The finished picture. @param {string} body */
    finish(body) {
      const paints = element('defs', {}, defs.join(''));
      return element('svg', { xmlns: 'http://www.w3.org/2000/svg', width, height }, paints + body);
    },
  };
}

/** @param {Stop} stop */
function stop([offset, color, opacity = 1]) {
  return element('stop', { offset, stopColor: color, stopOpacity: opacity });
}

// SVG spells these few in camelCase itself.
const ownSpelling = new Set([
  'stdDeviation',
  'gradientUnits',
  'gradientTransform',
  'maskUnits',
  'filterUnits',
  'clipPathUnits',
]);

/**
 * A shape's `opacity` as that of its paints: the same picture without a layer of its own, which is faster, and which
 * the renderer can't make (it aborts) for a shape far outside the panel.
 * @param {string} tag @param {Attributes} attributes
 */
function shape(tag, { opacity, ...attributes }) {
  return element(tag, { fillOpacity: opacity, strokeOpacity: opacity, ...attributes });
}

/** One SVG element. @param {string} tag @param {Attributes} attributes */
export function element(tag, attributes, body = '') {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      const spelled = ownSpelling.has(name)
        ? name
        : name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      return ` ${spelled}="${typeof value === 'number' ? round(value) : value}"`;
    });
  return `<${tag}${written.join('')}>${body}</${tag}>`;
}

/** Several shapes moved, dimmed or filtered as one. @param {Attributes} attributes @param {...string} children */
export const group = (attributes, ...children) => element('g', attributes, children.join(''));

/** @param {string} d @param {Attributes} attributes */
export const path = (d, attributes) => shape('path', { d, ...attributes });

/** @param {readonly Point[]} points @param {Attributes} attributes */
export const polygon = (points, attributes) =>
  shape('polygon', { points: points.map((p) => p.map(round).join(',')).join(' '), ...attributes });

/** @param {number} cx @param {number} cy @param {number} r @param {Attributes} attributes */
export const circle = (cx, cy, r, attributes) => shape('circle', { cx, cy, r, ...attributes });

/** @param {Point} center @param {Point} radii @param {Attributes} attributes */
export const ellipse = ([cx, cy], [rx, ry], attributes) =>
  shape('ellipse', { cx, cy, rx, ry, ...attributes });

/** @param {Point} corner @param {Point} size @param {Attributes} attributes */
export const rect = ([x, y], [width, height], attributes) =>
  shape('rect', { x, y, width, height, ...attributes });

/** @param {Point} from @param {Point} to @param {Attributes} attributes */
export const line = ([x1, y1], [x2, y2], attributes) => shape('line', { x1, y1, x2, y2, ...attributes });

/** The values of `draw` for 0 … count − 1, as one string. @param {number} count @param {(index: number) => string} draw */
export const repeat = (count, draw) => Array.from({ length: count }, (_, index) => draw(index)).join('');

/** The point at an angle (degrees, 0 is up, clockwise) and a distance. @param {number} angle @param {number} radius @returns {Point} */
export function polar(angle, radius) {
  const radians = ((angle - 90) * Math.PI) / 180;
  return [radius * Math.cos(radians), radius * Math.sin(radians)];
}

/**
 * Numbers in 0 … 1 that look random and are the same on every machine, so that a redrawn board is the same file.
 * The mixing steps are Mulberry32, which is in the public domain.
 * @param {number} seed
 */
export function dice(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * A skyline of hills, trees or waves as a closed path down to `bottom`.
 * @param {{ from: number, to: number, y: number, height: number, bottom: number, step: number, seed: number }} shape in pixels
 */
export function ridge({ from, to, y, height, bottom, step, seed }) {
  const roll = dice(seed);
  const waves = [1, 2.3, 5.1].map((pace) => ({ pace, phase: roll() * 7, size: 1 / pace }));
  let d = `M${from} ${bottom}`;
  for (let x = from; x <= to; x += step) {
    const swell = waves.reduce(
      (sum, wave) => sum + wave.size * Math.sin((x / (to - from)) * 6 * wave.pace + wave.phase),
      0,
    );
    d += `L${x} ${round(y - (height * (swell + 1.5)) / 3 - roll() * height * 0.06)}`;
  }
  return `${d}L${to} ${bottom}Z`;
}

/** Two decimals are finer than a pixel and keep the SVG short and the same everywhere. @param {number} value */
function round(value) {
  return Math.round(value * 100) / 100;
}
