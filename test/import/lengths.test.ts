import { describe, expect, it } from 'vitest';
import { parseSeconds } from '../../src/import/csv.js';
import { clipLength } from '../../src/import/write-list.js';

const KLING = [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

describe('a length in a table', () => {
  it.each([
    ['5', 5],
    ['2,5', 2.5],
    ['4.5 sec.', 4.5],
    ['800 ms', 0.8],
    ['6"', 6],
    ['1 min', 60],
    ['0:05', 5],
    ['1:02', 62],
    ['00:00:05:12', 5.5],
    ['', null],
    ['0', null],
    ['about long', null],
    ['5 furlongs', null],
  ])('reads the length %j of a table as %j seconds', (text, seconds) => {
    expect(parseSeconds(text)).toBe(seconds);
  });

  it('reads a bare number in the unit of the column, unless the cell has its own', () => {
    expect(parseSeconds('2000', 'ms')).toBe(2);
    expect(parseSeconds('3 s', 'ms')).toBe(3);
  });
});

describe('the clip for a length', () => {
  it('makes the clip as long as the source if the model makes that length', () => {
    expect(clipLength(5, KLING)).toEqual({ duration: 5 });
  });

  it('ignores one or two frames of difference between source and clip', () => {
    expect(clipLength(5.04, KLING)).toEqual({ duration: 5 });
    expect(clipLength(4.96, KLING)).toEqual({ duration: 5 });
  });

  it('makes the clip long enough for the whole source, and keeps the source’s timing for the cut', () => {
    expect(clipLength(4.3, KLING)).toEqual({ duration: 5, use: [0, 4.3] });
  });

  it('says that the model makes no clip as short or as long as the source', () => {
    expect(clipLength(1.3, KLING)).toEqual({
      duration: 3,
      use: [0, 1.3],
      why: 'the source has 1.3 s, the model makes no less than 3',
    });
    expect(clipLength(20, KLING)).toEqual({
      duration: 15,
      why: 'the source has 20 s, the model makes at most 15',
    });
  });

  it('takes the next longer length that the model makes', () => {
    expect(clipLength(6, [5, 10])).toEqual({ duration: 10, use: [0, 6] });
  });

  it('rounds a length up for an unknown model', () => {
    expect(clipLength(1.5, [])).toEqual({ duration: 2 });
  });
});
