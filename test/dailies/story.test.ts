import { expect, it } from 'vitest';
import { storyOf } from '../../src/dailies/story.js';
import { entry, manifestOf } from './world.js';

it('a story has scenes, shots, takes and parts in list order', () => {
  const story = storyOf(
    manifestOf(
      entry('wide', { scene: '010' }),
      entry('walk.part1', { scene: '010', part: 1 }),
      entry('walk.part2', { scene: '010', part: 2 }),
      entry('walk.take2.part1', { scene: '010', take: 2, part: 1, selected: false }),
      entry('walk.take2.part2', { scene: '010', take: 2, part: 2, selected: false }),
      entry('sea', { scene: '020' }),
      entry('again', { scene: '010' }),
    ),
  );
  expect(story.title).toBe('film');
  expect(story.scenes.map(({ id, title, shots }) => [id, title, shots.map((shot) => shot.id)])).toEqual([
    ['010', 'The cliff', ['wide', 'walk']],
    ['020', null, ['sea']],
    ['010', 'The cliff', ['again']],
  ]);
  const takes = story.scenes[0]?.shots[1]?.variants[0]?.takes;
  expect(takes?.map(({ take, selected, parts }) => [take, selected, parts.map(({ id }) => id)])).toEqual([
    [1, true, ['walk.part1', 'walk.part2']],
    [2, false, ['walk.take2.part1', 'walk.take2.part2']],
  ]);
});

it('a story keeps the variants of a matrix together', () => {
  const variant = (value: string, take = 1) =>
    entry(`cliff.cfg_scale-${value}${take > 1 ? `.take${take}` : ''}`, {
      shot: `cliff.cfg_scale-${value}`,
      variant_of: 'cliff',
      take,
    });
  const story = storyOf(manifestOf(variant('0.3'), variant('0.3', 2), variant('0.7'), entry('beach')));
  const [cliff, beach] = story.scenes[0]?.shots ?? [];
  expect(cliff?.variants.map(({ id, takes }) => [id, takes.length])).toEqual([
    ['cliff.cfg_scale-0.3', 2],
    ['cliff.cfg_scale-0.7', 1],
  ]);
  expect(beach?.variants.map(({ id }) => id)).toEqual(['beach']);
});
