import type { MoveName } from './camera-rules.js';
import { cameraBeats, type Move } from './camera-words.js';
import type { AnimaticShot } from './shot.js';
import { FRAME_RATE, segmentTimes } from './timing.js';

/** Visible part of a picture, in shares of its size: `x` and `y` are its centre; `roll` in radians, clockwise. */
export interface View {
  /** 1 for the whole picture. */
  readonly size: number;
  readonly x: number;
  readonly y: number;
  readonly roll: number;
}

/** A change of the view between two times, in seconds: eased at both ends, and added to all other changes. */
export interface Step {
  readonly from: number;
  readonly to: number;
  readonly by: View;
}

/** Movement of the camera over a picture during a shot. */
export interface CameraPath {
  readonly start: View;
  readonly steps: readonly Step[];
  /** Stretches with a handheld camera, seconds. */
  readonly handheld: readonly { readonly from: number; readonly to: number }[];
}

/** Amplitude of a handheld camera: a share of the view at the start, and radians. Hardly noticeable. */
export const HAND = { shift: 0.006, roll: 0.004 };

/** Travel per second, as a share of the view. */
const SPEED = { slow: 0.022, usual: 0.04, fast: 0.12 };
/** Largest travel of a move, as a share of the view: a long move is slower, so that it stays on the board. */
const FARTHEST = 0.24;
/** Radians per second, and the largest roll. */
const ROLL = { speed: 0.012, most: 0.07 };
/** Smallest view, as a share of the board: a smaller one would be blurred. */
const SMALLEST = 0.62;
/** Share of the travel by which a crane or an orbit also comes nearer or goes away. */
const ALONGSIDE = 0.35;

/** Effect of a move per unit of travel; `near` makes the view smaller. */
const EFFECTS: Readonly<Record<MoveName, { near?: number; x?: number; y?: number; roll?: number }>> = {
  static: {},
  handheld: {},
  'push in': { near: 1 },
  'pull back': { near: -1 },
  'zoom in': { near: 1 },
  'zoom out': { near: -1 },
  'pan left': { x: -1 },
  'pan right': { x: 1 },
  'track left': { x: -1 },
  'track right': { x: 1 },
  'tilt up': { y: -1 },
  'tilt down': { y: 1 },
  'crane up': { y: -1, near: -ALONGSIDE },
  'crane down': { y: 1, near: ALONGSIDE },
  'roll left': { roll: -1 },
  'roll right': { roll: 1 },
  orbit: { x: 1, near: ALONGSIDE },
};

/** Moves and their time, seconds. */
export interface TimedBeat {
  readonly from: number;
  readonly to: number;
  readonly moves: readonly Move[];
}

/**
 * Moves of the camera over a shot: each segment's words during that segment. A shot without any camera words gets a slow
 * push in; a segment without camera words beside others is a pause.
 */
export function shotBeats(shot: AnimaticShot): readonly TimedBeat[] {
  const times = segmentTimes(shot.segments);
  const beats = shot.segments.flatMap(({ prompt, seconds }, index) => {
    const said = cameraBeats(prompt);
    const from = times[index]?.from ?? 0;
    const each = seconds / said.length;
    return said.map((moves, beat) => ({ from: from + beat * each, to: from + (beat + 1) * each, moves }));
  });
  const defaultMove: Move = { name: 'push in', pace: 'slow' };
  return beats.length > 0 ? joinedBeats(beats) : [{ from: 0, to: shot.seconds, moves: [defaultMove] }];
}

/** Joins consecutive beats with the same moves, so that the camera does not stop between them. */
function joinedBeats(beats: readonly TimedBeat[]): readonly TimedBeat[] {
  const result: TimedBeat[] = [];
  for (const beat of beats) {
    const last = result.at(-1);
    const isSame = last?.to === beat.from && JSON.stringify(last.moves) === JSON.stringify(beat.moves);
    if (last && isSame) result[result.length - 1] = { ...last, to: beat.to };
    else result.push(beat);
  }
  return result;
}

/**
 * Path over a picture of an aspect (width by height) that makes these moves, shows as much of the picture as possible,
 * and nothing outside it. Moves that begin after `until` seconds are left out; longer ones end there.
 */
export function cameraPath(
  beats: readonly TimedBeat[],
  { aspect, until }: { readonly aspect: number; readonly until: number },
): CameraPath {
  const seen = beats
    .filter(({ from }) => from < until)
    .map((beat) => ({ ...beat, to: Math.min(beat.to, until) }));
  const handheld = seen.filter(({ moves }) => moves.some(({ name }) => name === 'handheld'));
  const margin = handheld.length > 0 ? HAND : { shift: 0, roll: 0 };
  for (let reach = 1; ; reach *= 0.85) {
    const steps = seen.map((beat) => ({ from: beat.from, to: beat.to, by: travel(beat, reach) }));
    const framed = framedWithin(steps, { aspect, margin });
    const least = Math.min(...viewsAlong(framed).map(({ size }) => size));
    if (least >= SMALLEST || reach < 0.1)
      return { ...framed, handheld: handheld.map(({ from, to }) => ({ from, to })) };
  }
}

/** Change of the view by a beat, for a view that begins at size 1. */
function travel({ from, to, moves }: TimedBeat, reach: number): View {
  const by = { size: 0, x: 0, y: 0, roll: 0 };
  for (const { name, pace } of moves) {
    const distance = Math.min(SPEED[pace] * (to - from), FARTHEST) * reach;
    const { near = 0, x = 0, y = 0, roll = 0 } = EFFECTS[name];
    by.size -= near * distance;
    by.x += x * distance;
    by.y += y * distance;
    by.roll += roll * Math.min(ROLL.speed * (SPEED[pace] / SPEED.usual) * (to - from), ROLL.most) * reach;
  }
  return by;
}

/** Limits of a path. */
interface Framing {
  readonly aspect: number;
  readonly margin: { readonly shift: number; readonly roll: number };
}

/** Scales and moves the steps so that the views along them fill the picture and stay inside it. */
function framedWithin(steps: readonly Step[], { aspect, margin }: Framing): Omit<CameraPath, 'handheld'> {
  const boxes = viewsAlong({ start: { size: 1, x: 0, y: 0, roll: 0 }, steps }).map((view) => {
    const roll = Math.abs(view.roll) + margin.roll;
    const [cos, sin] = [Math.cos(roll), Math.sin(roll)];
    const halfWidth = (view.size / 2) * (cos + sin / aspect) + margin.shift;
    const halfHeight = (view.size / 2) * (cos + sin * aspect) + margin.shift;
    return {
      left: view.x - halfWidth,
      right: view.x + halfWidth,
      top: view.y - halfHeight,
      bottom: view.y + halfHeight,
    };
  });
  const left = Math.min(...boxes.map((box) => box.left));
  const right = Math.max(...boxes.map((box) => box.right));
  const top = Math.min(...boxes.map((box) => box.top));
  const bottom = Math.max(...boxes.map((box) => box.bottom));
  const scale = 1 / Math.max(right - left, bottom - top);
  const start = {
    size: scale,
    x: 0.5 - (scale * (left + right)) / 2,
    y: 0.5 - (scale * (top + bottom)) / 2,
    roll: 0,
  };
  return {
    start,
    steps: steps.map(({ from, to, by }) => ({
      from,
      to,
      by: { size: by.size * scale, x: by.x * scale, y: by.y * scale, roll: by.roll },
    })),
  };
}

/** Views at the start, within and at the end of each step. They include the extremes, because each step is monotonic. */
function viewsAlong({
  start,
  steps,
}: {
  readonly start: View;
  readonly steps: readonly Step[];
}): readonly View[] {
  const views = [start];
  let here = start;
  for (const { by } of steps) {
    for (const share of [0.25, 0.5, 0.75, 1]) views.push(shiftedView(here, by, share));
    here = shiftedView(here, by, 1);
  }
  return views;
}

/** The view after a share of a change. */
function shiftedView(view: View, by: View, share: number): View {
  return {
    size: view.size + by.size * share,
    x: view.x + by.x * share,
    y: view.y + by.y * share,
    roll: view.roll + by.roll * share,
  };
}

/**
 * Filter that shows a still picture along a path; null if the whole picture is shown without motion. zoompan and crop
 * move in whole pixels, which looks shaky; perspective places corners to a fraction of a pixel.
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

/** Expressions for the position in the picture of one corner of the frame, pixels. */
function corner(
  path: CameraPath,
  { across, down }: { across: 1 | -1; down: 1 | -1 },
): { x: string; y: string } {
  const size = viewTerm(path, 'size');
  const middle = {
    x: viewTerm(path, 'x') + handheldTerm(path, 'x'),
    y: viewTerm(path, 'y') + handheldTerm(path, 'y'),
  };
  const turn = viewTerm(path, 'roll') + handheldTerm(path, 'roll');
  const sign = (direction: 1 | -1) => (direction > 0 ? '+' : '-');
  if (turn === '0') {
    return {
      x: `W*(${middle.x}${sign(across)}(${size})/2)`,
      y: `H*(${middle.y}${sign(down)}(${size})/2)`,
    };
  }
  // Half of the diagonal, rotated: register 0 holds the roll, register 1 the size.
  const set = `st(0,${turn})*0+st(1,${size})*0`;
  return {
    x: `${set}+W*(${middle.x})+ld(1)/2*(${across}*W*cos(ld(0))${sign(down === 1 ? -1 : 1)}H*sin(ld(0)))`,
    y: `${set}+H*(${middle.y})+ld(1)/2*(${across}*W*sin(ld(0))${sign(down)}H*cos(ld(0)))`,
  };
}

/** One part of the view as an expression of the frame number: its start and the eased shares of all steps. */
function viewTerm({ start, steps }: CameraPath, part: keyof View): string {
  const terms = steps
    .filter(({ by }) => Math.abs(by[part]) > 1e-9)
    .map(({ from, to, by }) => `${signed(by[part])}*${eased(from, to)}`);
  return `${decimal(start[part])}${terms.join('')}`;
}

/** Expression that goes from 0 before `from` to 1 after `to`, eased at both ends; `on` counts frames from 1. */
function eased(from: number, to: number): string {
  const first = decimal(from * FRAME_RATE + 1);
  // A move arrives in its last frame.
  const length = decimal(Math.max(1, (to - from) * FRAME_RATE - 1));
  return `(st(9,clip((on-${first})/${length},0,1))*0+ld(9)*ld(9)*(3-2*ld(9)))`;
}

/** Handheld motion: two sines without a common period per direction, faded in and out at the ends of each stretch. */
function handheldTerm({ start, handheld }: CameraPath, part: 'x' | 'y' | 'roll'): string {
  if (handheld.length === 0) return '';
  const [amount, slow, quick, phase] = {
    x: [HAND.shift * start.size, 2.9, 7.3, 0],
    y: [HAND.shift * start.size, 3.7, 6.1, 1.7],
    roll: [HAND.roll, 2.3, 5.3, 0.6],
  }[part] as [number, number, number, number];
  const time = `(on-1)/${FRAME_RATE}`;
  const sway = `(0.7*sin(${slow}*${time}+${phase})+0.3*sin(${quick}*${time}))`;
  const held = handheld.map(
    ({ from, to }) => `clip(min(${time}-${decimal(from)},${decimal(to)}-${time})*3,0,1)`,
  );
  return `+${decimal(amount)}*${sway}*(${held.join('+')})`;
}

function signed(value: number): string {
  return value < 0 ? decimal(value) : `+${decimal(value)}`;
}

/** A number with 7 decimals (a thousandth of a pixel) and no exponent, which ffmpeg would read as a unit. */
function decimal(value: number): string {
  return String(Number(value.toFixed(7)).toFixed(7)).replace(/\.?0+$/, '');
}
