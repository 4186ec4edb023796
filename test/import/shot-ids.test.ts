import { describe, expect, it } from 'vitest';
import { sceneName, shotIds } from '../../src/import/write-list.js';

describe('ids of imported shots', () => {
  it.each([
    ['keeps names that are already ids', ['cliff', '0010', 'A_1-b'], ['cliff', '0010', 'A_1-b']],
    ['replaces other characters by dashes', ['sc 01  panel #3', '—Ébène!'], ['sc-01-panel-3', 'Ebene']],
    [
      'numbers equal names, letter case ignored',
      ['Cliff', 'cliff', 'CLIFF'],
      ['Cliff', 'cliff-2', 'CLIFF-3'],
    ],
    [
      'does not give a shot the name that another shot already has',
      ['a b', 'a-b', 'a-b-2'],
      ['a-b-3', 'a-b', 'a-b-2'],
    ],
    ['avoids the devices of Windows', ['con', 'COM1', 'console'], ['shot-con', 'shot-COM1', 'console']],
    ['names shots whose names have no letters', ['崖', '', '...'], ['shot', 'shot-2', 'shot-3']],
  ])('%s when it makes shot ids', (_, names, ids) => {
    expect(shotIds(names)).toEqual(ids);
  });

  it('makes ids of at most 64 characters, numbers included', () => {
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

  it('allows dots in the name of a scene, and returns undefined for a blank one', () => {
    expect(sceneName('INT. KITCHEN / DAY')).toBe('INT.-KITCHEN-DAY');
    expect(sceneName(' ')).toBeUndefined();
  });
});
