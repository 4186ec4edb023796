import type { MoveName } from './camera-rules.js';
import { cameraBeats, type Move } from './camera-words.js';
import type { AnimaticShot } from './shot.js';
import { stretches } from './timing.js';

/** What of a picture is seen: shares of its own size, `x` and `y` being the middle; `roll` in radians, clockwise. */
export interface View {
  /** 1 is all of it. */
  readonly size: number;
  readonly x: number;
  readonly y: number;
  readonly roll: number;
}

/** A change of the view from one time to another, in seconds: eased at both ends, and added to all others. */
export interface Step {
  readonly from: number;
  readonly to: number;
  readonly by: View;
}

/** How one picture is looked at over a shot. */
export interface CameraPath {
  readonly start: View;
  readonly steps: readonly Step[];
  /** When the camera is in somebody's hands, seconds. */
  readonly handheld: readonly { readonly from: number; readonly to: number }[];
}

/** How far a hand moves the picture: a share of what is seen at the start, and radians. Enough to be felt, too little to be noticed. */
export const HAND = { shift: 0.006, roll: 0.004 };

/** Travel a second, as a share of what is seen. */
const SPEED = { slow: 0.022, usual: 0.04, fast: 0.12 };
/** A move that goes on for long slows down rather than leave the board: share of what is seen. */
const FARTHEST = 0.24;
/** Radians a second, and at most. */
const ROLL = { speed: 0.012, most: 0.07 };
/** Less of the board than this is not shown: it would be blurred. */
const SMALLEST = 0.62;
/** Share of the travel by which a crane and an orbit also draw nearer or away. */
const ALONGSIDE = 0.35;

/** What a move does per unit of travel: `near` shrinks what is seen. */
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

/** Moves and when they are made, in seconds. */
export interface TimedBeat {
  readonly from: number;
  readonly to: number;
  readonly moves: readonly Move[];
}

/**
 * What the camera does when, over the whole shot: each segment's own words during that segment. A slow push in where
 * nothing is said at all; a segment that says nothing beside others that do is a pause.
 */
export function shotBeats(shot: AnimaticShot): readonly TimedBeat[] {
  const times = stretches(shot.segments);
  const beats = shot.segments.flatMap(({ prompt, seconds }, index) => {
    const said = cameraBeats(prompt);
    const from = times[index]?.from ?? 0;
    const each = seconds / said.length;
    return said.map((moves, beat) => ({ from: from + beat * each, to: from + (beat + 1) * each, moves }));
  });
  const unsaid: Move = { name: 'push in', pace: 'slow' };
  return beats.length > 0 ? joined(beats) : [{ from: 0, to: shot.seconds, moves: [unsaid] }];
}

/** One after another of the same moves is one: it should not stop and begin again. */
function joined(beats: readonly TimedBeat[]): readonly TimedBeat[] {
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
 * The path over a picture of that aspect (width by height) that makes these moves and never shows its outside, nor
 * less of it than necessary. What would begin after `until` seconds is left out; what would last longer is over by then.
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

/** What a beat changes, of a view that begins at size 1. */
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

interface Framing {
  readonly aspect: number;
  readonly margin: { readonly shift: number; readonly roll: number };
}

/** The steps, scaled and placed so that the views along them fill the picture and stay inside it. */
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

/** Views at the start, within and at the end of each step: enough to know the farthest, for each step is monotonous. */
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
    for (const share of [0.25, 0.5, 0.75, 1]) views.push(added(here, by, share));
    here = added(here, by, 1);
  }
  return views;
}

function added(view: View, by: View, share: number): View {
  return {
    size: view.size + by.size * share,
    x: view.x + by.x * share,
    y: view.y + by.y * share,
    roll: view.roll + by.roll * share,
  };
}
