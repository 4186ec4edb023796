import { describe, expect, it } from 'vitest';
import { cutOf } from '../../src/cut/cut.js';
import { makePageData } from '../../src/dailies/make-page-data.js';
import { chooseTake, commandsFor, NO_CHOICES, toggleApproval } from '../../src/dailies/page/choices.js';
import { filmLength, layOut, type Shot, shotsOf } from '../../src/dailies/page/film.js';
import { EVERYTHING, matches, type Show } from '../../src/dailies/page/filter.js';
import { formatLength, formatShape, formatTime } from '../../src/dailies/page/format.js';
import type { PageLine } from '../../src/dailies/page-data.js';
import { entry, manifestOf, NOT_HERE, pageOptions } from './world.js';

const line = (id: string, changes: Partial<PageLine> = {}): PageLine => ({
  id,
  word: id,
  takes: 2,
  shots: 1,
  approved: 'no',
  ...changes,
});
const film = manifestOf(
  entry('a', { scene: '010', use: [1, 4] }),
  entry('a.take2', { shot: 'a', scene: '010', take: 2, selected: false, use: [1, 4] }),
  entry('b', { scene: '020', transition: 1, warnings: ['It is black.'], prompt: 'A boat at dusk' }),
  entry('c', { scene: '020', transition: 4 }),
  entry('d', { ...NOT_HERE, state: 'failed', seconds: 3 }),
);
const lines = new Map([
  ['a', line('a')],
  ['b', line('b', { takes: 1, approved: 'yes' })],
  ['c', line('c-${row.x}', { word: "'c-${row.x}'", takes: 1 })],
]);
const page = makePageData(film, { ...pageOptions(), lines });
const shots = shotsOf(page);
const ids = (found: readonly Shot[]) => found.map(({ shot }) => shot.id).join(' ');

describe('choices', () => {
  const commands = {
    select: 'shotlist select film.yaml',
    approve: 'shotlist approve film.yaml',
    options: '',
  };
  const a = line('a');

  it('choices become commands in list order, takes first', () => {
    let choices = toggleApproval(NO_CHOICES, line('c-${row.x}'));
    choices = toggleApproval(choices, a);
    choices = chooseTake(choices, { line: a, take: 2, selected: 1 });
    choices = toggleApproval(choices, line('b', { approved: 'yes' }));
    expect(commandsFor(choices, { ...page, commands })).toEqual([
      'shotlist select film.yaml a=2',
      "shotlist approve film.yaml a 'c-${row.x}'",
      'shotlist approve film.yaml b --remove',
    ]);
    const options = { ...commands, options: '--profile final' };
    expect(commandsFor(choices, { ...page, commands: options })[2]).toBe(
      'shotlist approve film.yaml b --remove --profile final',
    );
  });

  it('commands name every chosen shot, those with a leading dash after --', () => {
    const dashed = manifestOf(
      ...['-x', 'y', 'z'].flatMap((id) => [entry(id), entry(`${id}.take2`, { shot: id, take: 2 })]),
    );
    const all = ['-x', 'y', 'z'].map((id) => line(id));
    const named = new Map(all.map((one) => [one.id, one]));
    const some = makePageData(dashed, { ...pageOptions(), lines: named });
    const [, y, z] = all as [PageLine, PageLine, PageLine];
    const two = [y, z].reduce((so, one) => chooseTake(so, { line: one, take: 2, selected: 1 }), NO_CHOICES);
    expect(commandsFor(two, { ...some, commands })).toEqual(['shotlist select film.yaml y=2 z=2']);
    const three = all.reduce((so, one) => chooseTake(so, { line: one, take: 2, selected: 1 }), two);
    const options = { ...commands, options: '--profile final' };
    expect(commandsFor(three, { ...some, commands: options })).toEqual([
      'shotlist select film.yaml --profile final -- -x=2 y=2 z=2',
    ]);
  });

  it('choosing what the list already says removes the choice', () => {
    const chosen = chooseTake(NO_CHOICES, { line: a, take: 2, selected: 1 });
    expect(chooseTake(chosen, { line: a, take: 1, selected: 1 })).toEqual(NO_CHOICES);
    expect(toggleApproval(toggleApproval(NO_CHOICES, a), a)).toEqual(NO_CHOICES);
  });
});

describe('the filter', () => {
  const shown = (show: Show) =>
    ids(shots.filter((shot) => matches(shot, { ...EVERYTHING, show }, NO_CHOICES)));

  it.each([
    ['all', 'a b c d'],
    ['choose', 'a'],
    ['flagged', 'b'],
    ['trouble', 'd'],
    ['waiting', ''],
    ['open', 'a c d'],
    ['approved', 'b'],
  ] as const)('the filter %s shows the shots "%s"', (show, wanted) => {
    expect(shown(show)).toBe(wanted);
  });

  it('a search finds shots that contain every word, within the chosen scene', () => {
    const found = (search: string, scene: string | null = null) =>
      ids(shots.filter((shot) => matches(shot, { show: 'all', scene, search }, NO_CHOICES)));
    expect(found('dusk boat')).toBe('b');
    expect(found('req-c')).toBe('c');
    expect(found('', '020')).toBe('b c');
    expect(found('boat', '010')).toBe('');
  });
});

describe('the timeline', () => {
  it('the timeline is as long as the cut if every clip is here', () => {
    const here = film.submissions.filter(({ id }) => id !== 'd');
    const manifest = manifestOf(...here);
    const pieces = layOut(shotsOf(makePageData(manifest, pageOptions())), NO_CHOICES);
    const lengths = cutOf(manifest).pieces.map(({ from, to, transition }) => to - from - transition);
    expect(filmLength(pieces)).toBe(lengths.reduce((sum, one) => sum + one));
    expect(pieces.map(({ at, from, to, transition }) => [at, from, to, transition])).toEqual([
      [0, 1, 4, 0],
      [2, 0, 5, 1],
      [4.5, 0, 5, 2.5],
    ]);
  });

  it('the timeline shows a missing clip with the length asked for, and the take chosen on the page', () => {
    const choices = chooseTake(NO_CHOICES, { line: line('a'), take: 2, selected: 1 });
    const pieces = layOut(shots, choices);
    expect(pieces.map(({ part }) => part.id)).toEqual(['a.take2', 'b', 'c', 'd']);
    expect(filmLength(pieces)).toBe(9.5 + 3);
  });
});

describe('words for times and shapes', () => {
  it('times, lengths and picture shapes are formatted as editors write them', () => {
    expect([formatTime(0), formatTime(59.97), formatTime(754)]).toEqual(['0:00.0', '1:00.0', '12:34.0']);
    expect([formatLength(5), formatLength(4.958)]).toEqual(['5 s', '4.96 s']);
    expect([formatShape(1280, 720), formatShape(720, 1280), formatShape(1000, 450)]).toEqual([
      '16:9',
      '9:16',
      '2.22:1',
    ]);
  });
});
