import { circle, dice, ellipse, group, line, path, polygon, rect, repeat } from './paint.js';

/** The lighthouse's colours: dusk blues, and one warm lamp. */
export const dusk = {
  ink: '#0a1220',
  deep: '#14263b',
  blue: '#2d4a66',
  mist: '#7893a6',
  ember: '#dba27c',
  lamp: '#ffc66b',
  flame: '#fff0c8',
};

/** A glow with nothing at its edge. @param {import('./paint.js').Easel} e @param {import('./paint.js').Point} center @param {number} radius */
export function glow(e, [x, y], radius, strength = 1) {
  const warm = e.radial([
    [0, dusk.flame, strength],
    [0.18, dusk.lamp, strength * 0.75],
    [0.5, '#e08a3c', strength * 0.22],
    [1, '#e08a3c', 0],
  ]);
  return circle(x, y, radius, { fill: warm });
}

/**
 * The keeper in oilskins and sou'wester, 200 units tall, feet at 0, 0; from the side he faces right.
 * @param {import('./paint.js').Easel} e
 * @param {{ view: 'front' | 'side', holds: 'lantern' | 'match' | 'nothing' }} pose
 */
export function keeper(e, { view, holds }) {
  const coat = e.across([
    [0, '#8a5a1c'],
    [0.35, '#d69a35'],
    [0.6, '#c48827'],
    [1, '#6b4416'],
  ]);
  const boots =
    rect([-25, -24], [20, 24], { rx: 5, fill: '#18222d' }) +
    rect([5, -24], [20, 24], { rx: 5, fill: '#121a23' });
  return view === 'front'
    ? boots + front(coat) + lanternAt(e, holds, [47, -72])
    : boots + side(coat, holds) + lanternAt(e, holds, [45, -80]);
}

/** @param {string} coat */
function front(coat) {
  const folds = { fill: 'none', stroke: '#5f3c12', strokeWidth: 1.6, opacity: 0.7 };
  return [
    path('M-30-146Q-46-120-44-74Q-38-66-31-72L-24-120Z', { fill: '#8f601f' }),
    path('M30-146Q46-120 50-78Q44-68 37-74L24-120Z', { fill: '#7a5019' }),
    path('M-27-150Q0-162 27-150Q36-90 40-20Q0-10-40-20Q-36-90-27-150Z', { fill: coat }),
    path('M0-148V-16M-16-92Q-22-50-24-18M17-92Q24-50 25-18', folds),
    repeat(4, (index) => circle(5, -130 + index * 24, 2.2, { fill: '#3b2610' })),
    path('M-18-150Q0-138 18-150L14-158H-14Z', { fill: '#6b4416' }),
    ellipse([0, -167], [14.5, 17], { fill: '#c4906e' }),
    path('M-15-170Q-15-138 0-136Q15-138 15-170Q9-160 0-161Q-9-160-15-170Z', { fill: '#cfd4d6' }),
    path('M-7-157Q0-153 7-157', { fill: 'none', stroke: '#8d9396', strokeWidth: 1.6 }),
    circle(-5.5, -171, 1.7, { fill: '#20242a' }) + circle(5.5, -171, 1.7, { fill: '#20242a' }),
    path('M-30-174Q-18-184-17-186Q-14-204 0-204Q14-204 17-186Q18-184 30-174Q0-184-30-174Z', {
      fill: '#b57d24',
    }),
    path('M-30-174Q0-186 30-174Q0-178-30-174Z', { fill: '#6f4817' }),
    circle(-43, -70, 6, { fill: '#b98463' }) + circle(46, -74, 6, { fill: '#b98463' }),
  ].join('');
}

/** @param {string} coat @param {string} holds */
function side(coat, holds) {
  const arm =
    holds === 'nothing'
      ? 'M-9-142Q-18-104-8-70L8-72Q12-110 10-140Z'
      : 'M-10-140Q0-108 38-86L47-97Q24-118 11-146Z';
  const raised = 'M-9-136Q18-118 50-146L45-158Q20-138 8-148Z';
  return [
    path('M-22-148Q0-160 18-148Q26-100 30-20Q0-10-34-20Q-34-90-22-148Z', { fill: coat }),
    path('M-10-92Q-16-50-18-18M14-88Q18-50 20-18', {
      fill: 'none',
      stroke: '#5f3c12',
      strokeWidth: 1.6,
      opacity: 0.7,
    }),
    path('M-14-150Q2-140 18-149L14-158H-12Z', { fill: '#6b4416' }),
    ellipse([3, -167], [13, 16], { fill: '#c4906e' }),
    path('M14-172L20-164L14-162Z', { fill: '#b98463' }),
    path('M-4-166Q6-158 16-161Q22-144 9-138Q-4-140-6-158Z', { fill: '#cfd4d6' }),
    circle(10, -170, 1.7, { fill: '#20242a' }),
    path('M-36-166Q-22-178-16-186Q-12-204 2-204Q16-203 18-186L28-178Q2-184-36-166Z', { fill: '#b57d24' }),
    path('M-36-166Q0-186 28-178Q0-180-36-166Z', { fill: '#6f4817' }),
    path(holds === 'match' ? raised : arm, { fill: '#a8741f', stroke: '#5f3c12', strokeWidth: 1 }),
    holds === 'match' ? circle(50, -153, 6, { fill: '#c4906e' }) : '',
    holds === 'lantern' ? circle(45, -92, 6, { fill: '#c4906e' }) : '',
    holds === 'nothing' ? circle(0, -68, 6, { fill: '#c4906e' }) : '',
  ].join('');
}

/** @param {import('./paint.js').Easel} e @param {string} holds @param {import('./paint.js').Point} hand */
function lanternAt(e, holds, [x, y]) {
  if (holds === 'match') {
    return (
      line([52, -156], [62, -166], { stroke: '#e8d7b0', strokeWidth: 1.4 }) +
      glow(e, [64, -171], 46, 0.9) +
      path('M61-166Q64-182 67-166Q64-160 61-166Z', { fill: dusk.flame })
    );
  }
  if (holds === 'nothing') return '';
  return [
    glow(e, [x, y + 18], 120, 0.6),
    path(`M${x - 8} ${y + 6}Q${x} ${y - 14} ${x + 8} ${y + 6}`, {
      fill: 'none',
      stroke: '#2a2f36',
      strokeWidth: 1.8,
    }),
    rect([x - 9, y + 4], [18, 5], { rx: 1.5, fill: '#2a2f36' }),
    rect([x - 8, y + 9], [16, 20], { rx: 3, fill: dusk.lamp }),
    ellipse([x, y + 20], [4, 7], { fill: '#fffbe8' }),
    rect([x - 10, y + 29], [20, 5], { rx: 1.5, fill: '#2a2f36' }),
  ].join('');
}

/** The fishing boat from its side, 240 units long, waterline at y = 0, bow to the right. @param {import('./paint.js').Easel} e */
export function boat(e) {
  const hull = e.linear([
    [0, '#7d3b35'],
    [0.45, '#54272a'],
    [1, '#251620'],
  ]);
  const house = e.across([
    [0, '#8b949a'],
    [0.5, '#c6ccce'],
    [1, '#737c84'],
  ]);
  return [
    line([-42, -30], [-42, -150], { stroke: '#39424c', strokeWidth: 4 }),
    path('M-42-146L-112-46M-42-146L74-52M-42-100L-100-118', {
      stroke: '#39424c',
      strokeWidth: 1.4,
      fill: 'none',
    }),
    rect([2, -86], [52, 46], { rx: 3, fill: house }),
    rect([-4, -92], [66, 8], { rx: 2, fill: '#4a545d' }),
    [9, 24, 39].map((x) => rect([x, -78], [11, 15], { rx: 1.5, fill: dusk.lamp })).join(''),
    glow(e, [28, -70], 62, 0.5),
    path('M-122-44Q-60-34 0-38Q70-40 128-70Q112-24 92 12H-98Q-116-10-122-44Z', { fill: hull }),
    path('M-122-44Q-60-34 0-38Q70-40 128-70L126-62Q70-32 0-30Q-60-26-120-36Z', { fill: '#d9d2c4' }),
    path('M-110-8Q0 2 104-8L98 12H-98Z', { fill: '#1b2b38' }),
    repeat(4, (index) =>
      circle(-92 + index * 15, -33, 5, { fill: '#39464f', stroke: '#8f979a', strokeWidth: 1.2 }),
    ),
    circle(-42, -152, 4, { fill: dusk.flame }) + glow(e, [-42, -152], 30, 0.8),
  ].join('');
}

/**
 * The tower, 230 units from the rock at 0, 0 to the tip of its roof.
 * @param {import('./paint.js').Easel} e @param {{ lit: boolean }} lamp
 */
export function tower(e, { lit }) {
  const wall = e.across([
    [0, '#54667a'],
    [0.3, '#c9c4bd'],
    [0.55, '#8e98a3'],
    [1, '#2a394b'],
  ]);
  const band = e.across([
    [0, '#4a2226'],
    [0.3, '#a8493f'],
    [0.55, '#74323a'],
    [1, '#2b1a24'],
  ]);
  const glass = lit ? dusk.flame : '#3a536b';
  return [
    path('M-31 0L-19-166H19L31 0Z', { fill: wall }),
    polygon(
      [
        [-27.6, -48],
        [-24, -98],
        [24, -98],
        [27.6, -48],
      ],
      { fill: band },
    ),
    polygon(
      [
        [-20.5, -146],
        [-19, -166],
        [19, -166],
        [20.5, -146],
      ],
      { fill: band },
    ),
    [-120, -72, -24].map((y) => rect([-3, y], [6, 11], { rx: 3, fill: '#1a2636' })).join(''),
    rect([-27, -172], [54, 7], { fill: '#1c2836' }),
    path('M-27-184H27M-27-172V-185M-13-172V-185M13-172V-185M27-172V-185', {
      stroke: '#1c2836',
      strokeWidth: 1.6,
      fill: 'none',
    }),
    rect([-14, -204], [28, 32], { fill: glass }),
    path('M-14-204V-172M-5-204V-172M5-204V-172M14-204V-172', {
      stroke: '#16202c',
      strokeWidth: 1.6,
      fill: 'none',
    }),
    path('M-19-204Q0-232 19-204Z', { fill: '#7b342f' }),
    line([0, -218], [0, -232], { stroke: '#1c2836', strokeWidth: 2 }),
  ].join('');
}

/** The light on moving water between two heights. @param {{ from: number, to: number, seed: number, fill: string, strength: number }} sea */
export function glints({ from, to, seed, fill, strength }) {
  const roll = dice(seed);
  return repeat(130, () => {
    const near = roll() ** 1.5;
    const reach = (5 + roll() * 34) * (0.4 + near * 2);
    return ellipse([roll() * 1280, from + near * (to - from)], [reach, 0.6 + near * 2.2], {
      fill,
      opacity: strength * (0.25 + roll() * 0.75),
    });
  });
}

/**
 * Long flat clouds. They are a mask for one flat color: blurred as they are, faint dark shapes would come out
 * in stripes of red and green, since the renderer rounds color and opacity together.
 * @param {import('./paint.js').Easel} e @param {{ seed: number, fill: string, from: number, to: number }} sky
 */
export function clouds(e, { seed, fill, from, to }) {
  const roll = dice(seed);
  const banks = repeat(22, () =>
    ellipse([roll() * 1280, from + roll() * (to - from)], [80 + roll() * 210, 5 + roll() * 16], {
      fill: '#fff',
      opacity: 0.15 + roll() * 0.35,
    }),
  );
  return e.wash(fill, { mask: e.mask(group({ filter: e.defocus(9) }, banks)) });
}

/** Dark corners, which hold the eye in the frame. @param {import('./paint.js').Easel} e */
export function vignette(e) {
  return e.wash(
    e.radial(
      [
        [0.5, dusk.ink, 0],
        [1, dusk.ink, 0.7],
      ],
      { cx: 0.5, cy: 0.5, r: 0.75 },
    ),
  );
}
