import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CameraPath,
  cameraPath,
  HAND,
  shotBeats,
  type View,
  viewFilter,
} from '../../src/emulator/camera-path.js';
import type { AnimaticShot } from '../../src/emulator/shot.js';

/** A shot of four-second segments with these prompts. */
function shotOf(prompts: readonly string[]): AnimaticShot {
  return {
    model: 'kling-3.0/pro',
    seconds: 4 * prompts.length,
    segments: prompts.map((prompt) => ({ prompt, seconds: 4 })),
    audio: false,
    start: { kind: 'stored', file: 'a.png', width: 1280, height: 720 },
    end: null,
  };
}

const ASPECT = 16 / 9;

function pathOf(...prompts: string[]): CameraPath {
  return cameraPath(shotBeats(shotOf(prompts)), { aspect: ASPECT, until: 4 * prompts.length });
}

/** The view at the end of each step, after the first one. */
function views({ start, steps }: CameraPath): View[] {
  const all = [start];
  for (const { by } of steps) {
    const { size, x, y, roll } = all.at(-1) as View;
    all.push({ size: size + by.size, x: x + by.x, y: y + by.y, roll: roll + by.roll });
  }
  return all;
}

function ends(prompt: string): { from: View; to: View } {
  const all = views(pathOf(prompt));
  return { from: all[0] as View, to: all.at(-1) as View };
}

describe('the path of the camera over a board', () => {
  it('the camera starts with the whole board and moves nearer for a push in and by default', () => {
    for (const prompt of ['Push in.', 'She waits.', '']) {
      const { from, to } = ends(prompt);
      expect(from).toEqual({ size: 1, x: 0.5, y: 0.5, roll: 0 });
      expect(to.size).toBeLessThan(0.95);
    }
  });

  it('the camera ends with the whole board for a pull back', () => {
    const { from, to } = ends('Pull back.');
    expect(from.size).toBeLessThan(0.95);
    expect(to.size).toBeCloseTo(1);
  });

  it.each([
    ['Pan right.', 'x', 1],
    ['Pan left.', 'x', -1],
    ['Truck left.', 'x', -1],
    ['Tilt up.', 'y', -1],
    ['Crane down.', 'y', 1],
    ['Slow rotation.', 'roll', 1],
  ] as const)('the camera follows %j: the sign of %s changes by %i', (prompt, part, sign) => {
    const { from, to } = ends(prompt);
    expect(Math.sign(to[part] - from[part])).toBe(sign);
  });

  it('the camera goes from edge to edge in a pan', () => {
    const { from, to } = ends('Pan right.');
    expect(from.x - from.size / 2).toBeCloseTo(0);
    expect(to.x + to.size / 2).toBeCloseTo(1);
  });

  it('the camera shows the whole board without a filter for a static shot', () => {
    const path = pathOf('Static shot.');
    expect(views(path).at(-1)).toEqual({ size: 1, x: 0.5, y: 0.5, roll: 0 });
    expect(viewFilter(path)).toBeNull();
  });

  it('the camera moves in each segment as the segment says, and pauses in one that says nothing', () => {
    const { steps } = pathOf('Static shot.', 'Push in.', 'She smiles.');
    expect(steps.map(({ from, to, by }) => [from, to, by.size < 0])).toEqual([
      [0, 4, false],
      [4, 8, true],
    ]);
  });

  it('the camera does not stop between two segments with the same move', () => {
    expect(pathOf('Slow push in.', 'Slow push in.').steps).toHaveLength(1);
  });

  it('the camera never leaves the board, whatever the moves', () => {
    const said = fc.constantFrom(
      ...[
        'Push in.',
        'Whip pan right.',
        'Pan left, then tilt up.',
        'Crane up.',
        'Slow rotation.',
        'Handheld.',
      ],
      ...['Pull back and drift left.', 'Orbit.', 'Static.', 'Zoom out quickly. Pan up.', 'She turns.'],
    );
    fc.assert(
      fc.property(fc.array(said, { minLength: 1, maxLength: 6 }), (prompts) => {
        const path = pathOf(...prompts);
        const hand = path.handheld.length > 0 ? HAND : { shift: 0, roll: 0 };
        const shift = hand.shift * path.start.size;
        for (const { size, x, y, roll } of views(path)) {
          const [cos, sin] = [Math.cos(Math.abs(roll) + hand.roll), Math.sin(Math.abs(roll) + hand.roll)];
          const [width, height] = [(size * (cos + sin / ASPECT)) / 2, (size * (cos + sin * ASPECT)) / 2];
          const slack = 1e-9;
          expect(x - width - shift).toBeGreaterThanOrEqual(-slack);
          expect(x + width + shift).toBeLessThanOrEqual(1 + slack);
          expect(y - height - shift).toBeGreaterThanOrEqual(-slack);
          expect(y + height + shift).toBeLessThanOrEqual(1 + slack);
          expect(size).toBeGreaterThan(0.5);
        }
      }),
    );
  });
});
