import { type CameraPath, HAND, type View } from './camera-path.js';
import { FRAME_RATE } from './timing.js';

/**
 * The filter that shows a still picture along a path; null where nothing moves and all is seen. zoompan and crop move
 * in whole pixels, which trembles at the speed of a camera; perspective places the corners to a fraction of one.
 */
export function viewFilter(path: CameraPath): string | null {
  const steps = path.steps.filter(({ by }) => Object.values(by).some((change) => Math.abs(change) > 1e-9));
  const moves = steps.length > 0 || path.handheld.length > 0;
  if (!moves && path.start.size === 1) return null;
  const moving: CameraPath = { ...path, steps };
  const corners = [
    [-1, -1],
    [1, -1],
    [-1, 1],
    [1, 1],
  ] as const;
  const named = corners.map(([across, down], index) => {
    const { x, y } = corner(moving, { across, down });
    return `x${index}='${x}':y${index}='${y}'`;
  });
  return `perspective=${named.join(':')}:eval=${moves ? 'frame' : 'init'}`;
}

/** Expressions for where one corner of the frame is in the picture, in pixels. */
function corner(
  path: CameraPath,
  { across, down }: { across: 1 | -1; down: 1 | -1 },
): { x: string; y: string } {
  const size = along(path, 'size');
  const middle = { x: along(path, 'x') + hand(path, 'x'), y: along(path, 'y') + hand(path, 'y') };
  const turn = along(path, 'roll') + hand(path, 'roll');
  const sign = (direction: 1 | -1) => (direction > 0 ? '+' : '-');
  if (turn === '0') {
    return {
      x: `W*(${middle.x}${sign(across)}(${size})/2)`,
      y: `H*(${middle.y}${sign(down)}(${size})/2)`,
    };
  }
  // The half diagonal, turned: register 0 holds the roll, 1 the size.
  const set = `st(0,${turn})*0+st(1,${size})*0`;
  return {
    x: `${set}+W*(${middle.x})+ld(1)/2*(${across}*W*cos(ld(0))${sign(down === 1 ? -1 : 1)}H*sin(ld(0)))`,
    y: `${set}+H*(${middle.y})+ld(1)/2*(${across}*W*sin(ld(0))${sign(down)}H*cos(ld(0)))`,
  };
}

/** One part of the view as an expression of the frame's number: where it starts and all steps' eased shares. */
function along({ start, steps }: CameraPath, part: keyof View): string {
  const terms = steps
    .filter(({ by }) => Math.abs(by[part]) > 1e-9)
    .map(({ from, to, by }) => `${signed(by[part])}*${eased(from, to)}`);
  return `${number(start[part])}${terms.join('')}`;
}

/** From 0 before `from` to 1 after `to`, gently at both ends; `on` counts frames from 1. */
function eased(from: number, to: number): string {
  const first = number(from * FRAME_RATE + 1);
  // The last frame of a move is where it arrives.
  const length = number(Math.max(1, (to - from) * FRAME_RATE - 1));
  return `(st(9,clip((on-${first})/${length},0,1))*0+ld(9)*ld(9)*(3-2*ld(9)))`;
}

/** Two sines that never meet again for each direction, faded in and out at the ends of each handheld stretch. */
function hand({ start, handheld }: CameraPath, part: 'x' | 'y' | 'roll'): string {
  if (handheld.length === 0) return '';
  const [amount, slow, quick, phase] = {
    x: [HAND.shift * start.size, 2.9, 7.3, 0],
    y: [HAND.shift * start.size, 3.7, 6.1, 1.7],
    roll: [HAND.roll, 2.3, 5.3, 0.6],
  }[part] as [number, number, number, number];
  const time = `(on-1)/${FRAME_RATE}`;
  const sway = `(0.7*sin(${slow}*${time}+${phase})+0.3*sin(${quick}*${time}))`;
  const held = handheld.map(
    ({ from, to }) => `clip(min(${time}-${number(from)},${number(to)}-${time})*3,0,1)`,
  );
  return `+${number(amount)}*${sway}*(${held.join('+')})`;
}

function signed(value: number): string {
  return value < 0 ? number(value) : `+${number(value)}`;
}

/** Seven decimals: a thousandth of a pixel; never with an exponent, which begins a unit in ffmpeg's expressions. */
function number(value: number): string {
  return String(Number(value.toFixed(7)).toFixed(7)).replace(/\.?0+$/, '');
}
