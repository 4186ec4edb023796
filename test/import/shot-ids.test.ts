import { describe, expect, it } from 'vitest';
import { sceneName, shotIds } from '../../src/import/write-list.js';

describe('ids of imported shots', () => {
  it.each([
    ['keeps what is fit', ['cliff', '0010', 'A_1-b'], ['cliff', '0010', 'A_1-b']],
    ['joins what is not', ['sc 01  panel #3', '—Ébène!'], ['sc-01-panel-3', 'Ebene']],
    [
      'numbers names that are there twice, letter case aside',
      ['Cliff', 'cliff', 'CLIFF'],
      ['Cliff', 'cliff-2', 'CLIFF-3'],
    ],
    ['leaves a fit name to whoever has it as it is', ['a b', 'a-b', 'a-b-2'], ['a-b-3', 'a-b', 'a-b-2']],
    ['lets none be a device of Windows', ['con', 'COM1', 'console'], ['shot-con', 'shot-COM1', 'console']],
    ['names what has nothing to be named by', ['崖', '', '...'], ['shot', 'shot-2', 'shot-3']],
  ])('%s', (_, names, ids) => {
    expect(shotIds(names)).toEqual(ids);
  });

  it('keeps to 64 characters, numbers included', () => {
    const long = 'x'.repeat(200);
    const ids = shotIds([long, long, long]);
    expect(new Set(ids).size).toBe(3);
    expect(ids.map((id) => id.length)).toEqual([64, 64, 64]);
  });

  it('numbers ten thousand equal names without comparing them all', () => {
    const ids = shotIds(Array.from({ length: 10_000 }, () => 'panel'));
    expect(new Set(ids).size).toBe(10_000);
    expect(ids.at(-1)).toBe('panel-10000');
  });

  it('lets a scene have dots, and be nothing', () => {
    expect(sceneName('INT. KITCHEN / DAY')).toBe('INT.-KITCHEN-DAY');
    expect(sceneName(' ')).toBeUndefined();
  });
});
