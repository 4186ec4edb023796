import { describe, expect, it } from 'vitest';
import { Lines } from '../../src/language/diagnostic.js';

describe('Lines', () => {
  const text = 'one\r\ntwo\n\nfour';
  const lines = new Lines(text);

  it.each([
    [0, 1],
    [4, 1],
    [5, 2],
    [8, 2],
    [9, 3],
    [10, 4],
    [14, 4],
  ])('finds offset %i of a text in line %i', (offset, line) => {
    expect(lines.lineOf(offset)).toBe(line);
  });

  it('returns the text of a line without its break, and the offset of its first character', () => {
    expect([1, 2, 3, 4].map((line) => lines.textOf(line))).toEqual(['one', 'two', '', 'four']);
    expect([1, 2, 3, 4].map((line) => lines.startOf(line))).toEqual([0, 5, 9, 10]);
  });

  it('counts columns from 1, and makes a range at least one character long', () => {
    expect(lines.range(6, 8)).toEqual({ line: 2, column: 2, endLine: 2, endColumn: 4 });
    expect(lines.range(6, 6)).toEqual({ line: 2, column: 2, endLine: 2, endColumn: 3 });
    expect(lines.range(1, 11)).toEqual({ line: 1, column: 2, endLine: 4, endColumn: 2 });
  });

  it('makes a range from an offset to the end of its line', () => {
    expect(lines.restOfLine(1)).toEqual({ line: 1, column: 2, endLine: 1, endColumn: 4 });
    expect(lines.restOfLine(9)).toEqual({ line: 3, column: 1, endLine: 3, endColumn: 2 });
  });
});
