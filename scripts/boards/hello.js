import { circle, dice, ellipse, group, path, polygon, repeat, ridge } from './paint.js';

/** @type {import('./paint.js').Panel[]} */
export const hello = [{ name: 'boards/hello.png', width: 1280, height: 720, draw: paperBoat }];

const waterline = 330;

/** A paper boat on a still pond at sunrise. @param {import('./paint.js').Easel} e */
function paperBoat(e) {
  const glow = e.radial([
    [0, '#fff3d6', 0.95],
    [0.25, '#ffd9a0', 0.6],
    [1, '#ff9d76', 0],
  ]);
  return [
    e.wash(
      e.linear([
        [0, '#6d7f9e'],
        [0.22, '#c9a7ac'],
        [0.38, '#f6bf99'],
        [0.46, '#ffdcab'],
      ]),
    ),
    circle(430, 240, 330, { fill: glow }),
    circle(430, 236, 40, { fill: '#fff6e0' }),
    shore(e),
    pond(e),
    group({ transform: 'translate(670 316)' }, boat(e)),
    reeds(e),
    e.wash(
      e.radial(
        [
          [0.55, '#2b1f3a', 0],
          [1, '#2b1f3a', 0.55],
        ],
        { cx: 0.5, cy: 0.5, r: 0.75 },
      ),
    ),
  ].join('');
}

/** @param {import('./paint.js').Easel} e */
function shore(e) {
  const hills = [
    { y: 306, height: 80, fill: '#dca797', seed: 40 },
    { y: 322, height: 70, fill: '#b98891', seed: 8 },
    { y: 334, height: 46, fill: '#8b6b80', seed: 21 },
  ];
  const drawn = hills.map(({ fill, ...hill }) =>
    path(ridge({ from: 0, to: 1280, bottom: waterline + 6, step: 8, ...hill }), { fill }),
  );
  const mist = e.linear([
    [0, '#ffe3c0', 0],
    [0.6, '#ffe3c0', 0.75],
    [1, '#ffe3c0', 0],
  ]);
  return [...drawn, path('M0 270H1280V352H0Z', { fill: mist })].join('');
}

/** @param {import('./paint.js').Easel} e */
function pond(e) {
  const roll = dice(5);
  const water = e.linear([
    [0, '#f7c9a0'],
    [0.12, '#d39f97'],
    [0.45, '#6f7590'],
    [1, '#24405a'],
  ]);
  // Ripples widen and thin out toward the camera; those under the sun catch it.
  const ripples = repeat(150, () => {
    const depth = roll() ** 1.7;
    const y = waterline + 6 + depth * 380;
    const sunny = roll() < 0.45;
    const x = sunny ? 430 + (roll() - 0.5) * (60 + depth * 240) : roll() * 1280;
    const reach = (10 + roll() * 46) * (0.5 + depth * 2.2);
    return ellipse([x, y], [reach, 0.8 + depth * 2.6], {
      fill: sunny ? '#ffe9c4' : '#f2c3ac',
      opacity: sunny ? 0.75 - depth * 0.35 : 0.2,
    });
  });
  return path(`M0 ${waterline}H1280V720H0Z`, { fill: water }) + ripples;
}

/** @param {import('./paint.js').Easel} e */
function boat(e) {
  const lit = e.across([
    [0, '#fffaf0'],
    [1, '#f3dcc6'],
  ]);
  const shaded = e.across([
    [0, '#d9b9ae'],
    [1, '#b294a3'],
  ]);
  const inside = e.across([
    [0, '#caa59d'],
    [1, '#957a90'],
  ]);
  const hull = [
    polygon(
      [
        [0, 88],
        [205, 122],
        [420, 66],
        [198, 156],
      ],
      { fill: inside },
    ),
    polygon(
      [
        [206, -72],
        [98, 134],
        [198, 152],
      ],
      { fill: lit },
    ),
    polygon(
      [
        [206, -72],
        [198, 152],
        [312, 118],
      ],
      { fill: shaded },
    ),
    polygon(
      [
        [0, 88],
        [112, 226],
        [214, 232],
        [198, 156],
      ],
      { fill: lit },
    ),
    polygon(
      [
        [198, 156],
        [214, 232],
        [322, 222],
        [420, 66],
      ],
      { fill: shaded },
    ),
    path('M198 156L214 232M206-72L198 152', { stroke: '#fff', strokeWidth: 1.5, opacity: 0.6, fill: 'none' }),
    path('M0 88L198 156L420 66', { stroke: '#fffaf0', strokeWidth: 2.5, opacity: 0.8, fill: 'none' }),
  ].join('');
  const fade = e.mask(
    path('M-60 226H520V520H-60Z', {
      fill: e.linear([
        [0, '#fff', 0.6],
        [0.75, '#fff', 0],
      ]),
    }),
  );
  const reflection = group({ transform: 'translate(0 456) scale(1 -1)', filter: e.blur(3) }, hull);
  const rings = [1, 1.5, 2.1].map((size) =>
    ellipse([216, 230], [130 * size, 13 * size], {
      fill: 'none',
      stroke: '#ffe7cf',
      strokeWidth: 2.4 - size * 0.7,
      opacity: 0.75 - size * 0.22,
    }),
  );
  const shadow = ellipse([216, 232], [136, 10], { fill: '#2c3550', opacity: 0.55, filter: e.blur(4) });
  return group({ mask: fade }, reflection) + rings.join('') + shadow + hull;
}

/** Out of focus, close to the lens. @param {import('./paint.js').Easel} e */
function reeds(e) {
  const roll = dice(14);
  const blades = repeat(17, (index) => {
    const x = -30 + index * 17 + roll() * 14;
    const tip = x + 20 + roll() * 110;
    const top = 250 + roll() * 270 + index * 8;
    return path(
      `M${x} 760Q${x + 8} ${(top + 720) / 2} ${tip} ${top}Q${x + 26} ${(top + 740) / 2} ${x + 15} 760Z`,
      { fill: index % 3 ? '#2b3048' : '#41384f' },
    );
  });
  return group({ filter: e.blur(2.5), opacity: 0.95 }, blades);
}
