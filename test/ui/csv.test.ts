import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCsv } from '../../src/ui/csv.js';

const cellOf = (text: string): string => parse(formatCsv([text], []))[0]?.[0] ?? '';

describe('a table as CSV', () => {
  it('a CSV table quotes cells that need it and leaves numbers and empty cells alone', () => {
    expect(
      formatCsv(
        ['a', 'b'],
        [
          ['one, two', 0.5],
          ['say "x"', null],
        ],
      ),
    ).toBe('a,b\r\n"one, two",0.5\r\n"say ""x""",\r\n');
  });

  it.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'=1"],
    ['\r\n=1', "'=1"],
    ['＝1', "'＝1"],
    ['"=1', '"\'=1'],
    ['a;=1', "a;'=1"],
    ["=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"],
    ['a - b = c', 'a - b = c'],
    ['two\nlines', 'two lines'],
    ['\u001b[31m', '␛[31m'],
  ])('a CSV table holds %j as the cell %j', (text, cell) => {
    expect(cellOf(text)).toBe(cell);
  });

  it('a CSV table has no formula, whatever its cells and separator', () => {
    const text = fc.string({
      unit: fc.constantFrom('=', '+', '-', '@', ';', '"', "'", ',', ' ', '\n', '\t', 'a'),
    });
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), (cells) => {
        const csv = formatCsv(cells, []);
        const read: string[] = parse(csv, { relax_column_count: true }).flat();
        for (const cell of read.flatMap((one) => [one, ...one.split(';')]))
          expect(cell).not.toMatch(/^["\s]*[=+\-@]/);
      }),
    );
  });
});
