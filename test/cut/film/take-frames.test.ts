import fc from 'fast-check';
import { expect, it } from 'vitest';
import { roundToFrames, type Wanted } from '../../../src/cut/film/film.js';
import { clip } from './world.js';

const RATES = [
  { num: 24, den: 1 },
  { num: 24_000, den: 1001 },
  { num: 25, den: 1 },
];
const shapeAt = (rate: { readonly num: number; readonly den: number }) => ({
  width: 1280,
  height: 720,
  rate,
});
const [FILM] = RATES.map(shapeAt);
if (!FILM) throw new Error('no rate');

function use(from: number, to: number, transition = 0, rate = FILM?.rate): Wanted {
  const seconds = rate ? (120 * rate.den) / rate.num : 5;
  return { kind: 'clip', pictures: clip({ ...(rate && { rate }), seconds }), use: [from, to], transition };
}

function lengthOf(all: readonly Wanted[], shape = FILM): number {
  if (!shape) throw new Error('no shape');
  return roundToFrames(all, shape).reduce((sum, { from, to, fade }) => sum + to - from - fade, 0);
}

it('rounding errors that add up to a frame are corrected, and other cuts stay unchanged', () => {
  // 14.64 pictures each, which are 7 to 22: 15.
  const cuts = Array.from({ length: 10 }, () => use(0.3, 0.91));
  expect(FILM && roundToFrames(cuts, FILM).map(({ from, to }) => to - from)).toEqual([
    ...[15, 15, 14, 15, 15, 14, 15, 15, 14, 15],
  ]);
  expect(lengthOf(cuts)).toBe(147);
});

it('a film of any cuts differs by less than a frame from its ranges, and each cut by at most one and a half', () => {
  const cut = fc.record({
    from: fc.double({ min: 0.1, max: 2, noNaN: true }),
    length: fc.double({ min: 0.5, max: 2.5, noNaN: true }),
    transition: fc.double({ min: 0, max: 0.2, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.constantFrom(...RATES), fc.array(cut, { minLength: 1, maxLength: 60 }), (rate, cuts) => {
      const shape = shapeAt(rate);
      const all = cuts.map(({ from, length, transition }) => use(from, from + length, transition, rate));
      const perSecond = rate.num / rate.den;
      const seconds = cuts.reduce(
        (sum, { length, transition }, index) => sum + length - (index === 0 ? 0 : transition),
        0,
      );
      expect(Math.abs(lengthOf(all, shape) - seconds * perSecond)).toBeLessThan(1);
      for (const [index, { from, to }] of roundToFrames(all, shape).entries()) {
        const { from: begin, length } = cuts[index] as (typeof cuts)[number];
        expect(Math.abs(from - begin * perSecond)).toBeLessThanOrEqual(0.5);
        expect(Math.abs(to - (begin + length) * perSecond)).toBeLessThanOrEqual(1.5);
      }
    }),
  );
});

it('a film keeps its length if a clip is missing beside a crossfade', () => {
  const [a, b, c] = [use(0, 5), use(1, 4, 0.5), use(0, 2, 1)];
  const gap: Wanted = { kind: 'gap', seconds: 3, transition: 0.5 };
  expect(lengthOf([a, gap, c])).toBe(lengthOf([a, b, c]));
  expect(FILM && roundToFrames([a, gap, c], FILM).map(({ fade }) => fade)).toEqual([0, 0, 0]);
});
