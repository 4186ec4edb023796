import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../src/language/diagnostic.js';
import { type DiagnosticFormat, formatDiagnostics } from '../../src/ui/diagnostics.js';

const source = ['version: 1', 'shots:', '  - id: cliff', '    duration: 12', '\tpromt: "海岸" # x', ''].join(
  '\n',
);

const duration: Diagnostic = {
  code: 'SL303',
  severity: 'error',
  message: 'The segments add up to 10 s (4 + 6), the duration is 12.',
  file: 'film.yaml',
  line: 4,
  column: 15,
  endLine: 4,
  endColumn: 17,
  hint: 'Write `duration: 10`, or leave it out.',
};
const unknown: Diagnostic = {
  code: 'SL102',
  severity: 'warning',
  message: 'There is no field `promt`.',
  file: 'film.yaml',
  line: 5,
  column: 9,
  endLine: 5,
  endColumn: 13,
};

function format(
  diagnostics: readonly Diagnostic[],
  as: DiagnosticFormat = 'pretty',
  width = 80,
  text = source,
) {
  return formatDiagnostics(diagnostics, {
    format: as,
    sources: new Map([['film.yaml', text]]),
    color: false,
    width,
  });
}

describe('pretty diagnostics', () => {
  it('pretty diagnostics point at the place, say what to do, and end with a count', () => {
    expect(format([duration, unknown])).toBe(`\
film.yaml:4:15 error SL303  The segments add up to 10 s (4 + 6), the duration
  is 12.
  4 |     duration: 12
    |               ^^
  hint: Write \`duration: 10\`, or leave it out.

film.yaml:5:9 warning SL102  There is no field \`promt\`.
  5 |   promt: "海岸" # x
    |          ^^^^^^

1 error, 1 warning in 1 file
`);
  });

  it('pretty diagnostics cut a long line around the place, with the carets under it', () => {
    const text = `prompt: ${'long '.repeat(40)}BAD ${'tail '.repeat(40)}`;
    const column = text.indexOf('BAD') + 1;
    const place = { line: 1, column, endLine: 1, endColumn: column + 3 };
    const lines = format([{ ...duration, ...place }], 'pretty', 50, text).split('\n');
    const frame = lines.findIndex((line) => line.startsWith('  1 | '));
    expect(lines[frame]).toMatch(/…/);
    expect(stringWidth(lines[frame] ?? '')).toBeLessThanOrEqual(50);
    expect(lines[frame]?.indexOf('BAD')).toBe(lines[frame + 1]?.indexOf('^^^'));
  });

  it.each([20, 40, 80, 200])('pretty diagnostics stay within %i columns', (width) => {
    const text = `prompt: ${'広い '.repeat(300)}`;
    for (const column of [1, 9, 200, 600]) {
      const place = { line: 1, column, endLine: 1, endColumn: column + 100 };
      const lines = format([{ ...duration, ...place }], 'pretty', width, text).split('\n');
      expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(Math.max(width, 22));
    }
  });

  it('pretty diagnostics mark a range of lines on the first, and an empty place with one caret', () => {
    expect(format([{ ...unknown, line: 2, column: 1, endLine: 4, endColumn: 3 }])).toContain(
      '  2 | shots:\n    | ^^^^^^\n',
    );
    expect(format([{ ...unknown, line: 6, column: 1, endLine: 6, endColumn: 1 }])).toContain(
      '  6 | \n    | ^\n',
    );
  });

  it('pretty diagnostics have no code frame for a file that could not be read', () => {
    expect(format([{ ...unknown, code: 'SL001', file: 'gone.yaml', line: 1, column: 1 }])).toBe(
      'gone.yaml:1:1 warning SL001  There is no field `promt`.\n\n1 warning in 1 file\n',
    );
  });

  it('pretty diagnostics show a hundred, errors first, and count the rest', () => {
    const flood = Array.from({ length: 150 }, (_, index) => ({ ...unknown, column: index + 1 }));
    const text = format([...flood, duration]);
    expect(text.match(/ warning SL102/g)).toHaveLength(99);
    expect(text).toContain('error SL303');
    expect(text).toContain('film.yaml: 51 more problems not shown\n\n1 error, 150 warnings in 1 file\n');
  });

  it('pretty diagnostics make control characters of the list and of its name visible', () => {
    const text = format(
      [{ ...unknown, message: 'No \u001b[31mred' }],
      'pretty',
      80,
      '\n\n\n\nab\u001b]0;x\u0007',
    );
    expect(text).toContain('No ␛[31mred');
    expect(text).toContain('ab␛]0;x␇');
  });

  it('pretty diagnostics have colour only when asked to', () => {
    const options = { format: 'pretty', sources: new Map(), width: 80 } as const;
    expect(formatDiagnostics([duration], { ...options, color: false })).not.toContain('\u001b');
    expect(formatDiagnostics([duration], { ...options, color: true })).toContain('\u001b[31merror');
  });
});

describe('diagnostics for programs', () => {
  it('JSON diagnostics are an array with every field', () => {
    expect(JSON.parse(format([duration, unknown], 'json'))).toEqual([duration, { ...unknown, hint: null }]);
    expect(format([], 'json')).toBe('[]\n');
  });

  it('GitHub diagnostics are workflow annotations, escaped as GitHub asks', () => {
    const odd = { ...duration, file: 'a,b:c.yaml', message: '50% of\nit' };
    expect(format([odd], 'github')).toBe(
      '::error file=a%2Cb%3Ac.yaml,line=4,col=15,endLine=4,endColumn=17,title=SL303::' +
        '50%25 of␊it%0Ahint: Write `duration: 10`, or leave it out.\n',
    );
  });
});
