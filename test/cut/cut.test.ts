import { expect, it } from 'vitest';
import { cutLength, cutOf } from '../../src/cut/cut.js';
import { entry, manifestOf, NOT_HERE } from '../dailies/world.js';

const piecesOf = (...parameters: Parameters<typeof cutOf>) =>
  cutOf(...parameters).pieces.map(({ entry: { id }, from, to, transition }) => [id, from, to, transition]);

it('joins what is used of the chosen takes, in list order', () => {
  const manifest = manifestOf(
    entry('cliff', { use: [0.5, 4] }),
    entry('beach', { selected: false }),
    entry('beach.take2', { take: 2 }),
  );
  expect(piecesOf(manifest)).toEqual([
    ['cliff', 0.5, 4, 0],
    ['beach.take2', 0, 5, 0],
  ]);
  expect(cutLength(cutOf(manifest))).toBe(8.5);
  expect(piecesOf(manifest, ({ id }) => id !== 'cliff')).toEqual([['beach.take2', 0, 5, 0]]);
});

it('takes no more of a clip than there is, and no part that lies outside the shot’s use', () => {
  const manifest = manifestOf(
    entry('long.part1', { part: 1, use: [5, 5] }),
    entry('long.part2', { part: 2, use: [1, 9] }),
  );
  expect(piecesOf(manifest)).toEqual([['long.part2', 1, 5, 0]]);
});

it('says what is missing, a clip that is shorter than its use included', () => {
  const manifest = manifestOf(entry('a', NOT_HERE), entry('b', { use: [6, 7] }), entry('c'));
  const { pieces, missing } = cutOf(manifest);
  expect([pieces, missing].map((list) => list.length)).toEqual([1, 2]);
  expect(missing.map(({ id }) => id)).toEqual(['a', 'b']);
});

it('lets a crossfade overlap its shots, half of the shorter one at most, and none begin the film', () => {
  const manifest = manifestOf(
    entry('a', { transition: 1 }),
    entry('b', { transition: 0.5 }),
    entry('c', { transition: 10, use: [0, 2] }),
  );
  expect(piecesOf(manifest)).toEqual([
    ['a', 0, 5, 0],
    ['b', 0, 5, 0.5],
    ['c', 0, 2, 1],
  ]);
  expect(cutLength(cutOf(manifest))).toBe(10.5);
});
