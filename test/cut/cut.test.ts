import { expect, it } from 'vitest';
import { cutOf } from '../../src/cut/cut.js';
import { entry, manifestOf, NOT_HERE } from '../dailies/world.js';

const piecesOf = (...parameters: Parameters<typeof cutOf>) =>
  cutOf(...parameters).pieces.map(({ entry: { id }, from, to, transition }) => [id, from, to, transition]);

it('the cut has the used ranges of the chosen takes, in list order', () => {
  const manifest = manifestOf(
    entry('cliff', { use: [0.5, 4] }),
    entry('beach', { selected: false }),
    entry('beach.take2', { take: 2 }),
  );
  expect(piecesOf(manifest)).toEqual([
    ['cliff', 0.5, 4, 0],
    ['beach.take2', 0, 5, 0],
  ]);
  expect(piecesOf(manifest, ({ id }) => id !== 'cliff')).toEqual([['beach.take2', 0, 5, 0]]);
});

it('the cut uses no more of a clip than exists, and no part outside the use of the shot', () => {
  const manifest = manifestOf(
    entry('long.part1', { part: 1, use: [5, 5] }),
    entry('long.part2', { part: 2, use: [1, 9] }),
  );
  expect(piecesOf(manifest)).toEqual([['long.part2', 1, 5, 0]]);
});

it('the cut names missing clips, and those that end before their use begins', () => {
  const manifest = manifestOf(entry('a', NOT_HERE), entry('b', { use: [6, 7] }), entry('c'));
  const { pieces, missing } = cutOf(manifest);
  expect([pieces, missing].map((list) => list.length)).toEqual([1, 2]);
  expect(missing.map(({ id }) => id)).toEqual(['a', 'b']);
});

it('a crossfade overlaps at most half of the shorter shot, and the first shot has none', () => {
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
});
