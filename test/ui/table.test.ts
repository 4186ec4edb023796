import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { formatTable } from '../../src/ui/table.js';

const columns = [
  { title: 'id', shrinkTo: 6 },
  { title: 'model', shrinkTo: 8 },
  { title: 'cost', align: 'right' },
] as const;
const rows = [
  ['cliff', 'kling-3.0/standard', '$0.84'],
  ['海岸の崖', 'kling-o3/pro', '$12.60'],
];
const plain = { columns, rows, width: 80, color: false };

describe('formatTable', () => {
  it('formatTable aligns words left and numbers right, wide characters included', () => {
    expect(formatTable({ ...plain, footer: ['2 shots', '', '$13.44'] })).toBe(
      [
        'id        model                 cost',
        'cliff     kling-3.0/standard   $0.84',
        '海岸の崖  kling-o3/pro        $12.60',
        '2 shots                       $13.44',
        '',
      ].join('\n'),
    );
  });

  it('formatTable cuts the widest columns first on a narrow terminal', () => {
    expect(formatTable({ ...plain, width: 28 })).toBe(
      [
        'id        model         cost',
        'cliff     kling-3.0…   $0.84',
        '海岸の崖  kling-o3/…  $12.60',
        '',
      ].join('\n'),
    );
  });

  it('formatTable never exceeds the width while it is a table', () => {
    for (let width = 26; width < 60; width += 1) {
      const lines = formatTable({ ...plain, width }).split('\n');
      expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(width);
    }
  });

  it('formatTable prints one block a row where no table fits, with long values wrapped', () => {
    expect(formatTable({ ...plain, width: 20 })).toBe(
      [
        'cliff',
        '  model  kling-3.0/st',
        '         andard',
        '  cost   $0.84',
        '海岸の崖',
        '  model  kling-o3/pro',
        '  cost   $12.60',
        '',
      ].join('\n'),
    );
  });

  it('formatTable makes control characters visible and prints nothing for no rows', () => {
    expect(formatTable({ ...plain, rows: [['a\u001b[2J', 'm', '$1']] })).toContain('a␛[2J');
    expect(formatTable({ ...plain, rows: [] })).toBe('');
  });
});
