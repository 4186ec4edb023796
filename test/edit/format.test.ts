import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { formatList } from '../../src/edit/format.js';
import { writtenLists } from './written-lists.js';

describe('a list in the one layout', () => {
  it.each([
    ['two columns a level', 'a:\n    b:\n          c: 1\n', 'a:\n  b:\n    c: 1\n'],
    ['dashes below their key', 'shots:\n- id: a\n  prompt: b\n', 'shots:\n  - id: a\n    prompt: b\n'],
    [
      'one space after a dash',
      'shots:\n  -   id: a\n      prompt: b\n',
      'shots:\n  - id: a\n    prompt: b\n',
    ],
    ['one space after a colon', 'a:   1\nb:\t2\n', 'a: 1\nb: 2\n'],
    ['spaces in braces', '{a: 1,b: {},c: [ 1,2 ]}\n', '{ a: 1, b: {}, c: [1, 2] }\n'],
    ['flow maps in their lines', 'a: {\n b: 1,\n    c: [\n 2 ]\n }\n', 'a: {\n  b: 1,\n  c: [\n    2]\n}\n'],
    ['one blank line at most', '\n\na: 1\n\n\n\nb: 2\n\n\n', 'a: 1\n\nb: 2\n'],
    ['quotes as they were chosen', `a: 'it''s'\nb: "\\u00e9"\nc: é\n`, `a: 'it''s'\nb: "\\u00e9"\nc: é\n`],
    ['line ends', 'a: 1\r\nb: |\r\n  c\r\n', 'a: 1\nb: |\n  c\n'],
    ['no byte order mark', '\ufeff# yaml-language-server: x\na: 1', '# yaml-language-server: x\na: 1\n'],
    ['numbers as they are written', 'id:  0010\nx:  1.50\n', 'id: 0010\nx: 1.50\n'],
    [
      'anchors, aliases and merge keys',
      'a:  &x\n    b: 1\nc:\n    <<:   *x\n',
      'a: &x\n  b: 1\nc:\n  <<: *x\n',
    ],
  ])('gives a formatted list %s', (_, text, formatted) => {
    expect(formatList(text)).toBe(formatted);
  });

  it.each([
    [
      'literal text, deeper lines in it',
      'a:\n    b: |\n        one\n          two  \n\n        three\n\n\n    c: 1\n',
      'a:\n  b: |\n    one\n      two  \n\n    three\n\n  c: 1\n',
    ],
    [
      'text that begins with blanks',
      'a:\n    b: |4-\n          one\n        two\n',
      'a:\n  b: |2-\n      one\n    two\n',
    ],
    ['the blank lines that `+` keeps', 'a: |+\n    one\n\n\nb: 1\n', 'a: |+\n  one\n\n\nb: 1\n'],
    ['text over several lines', 'a: one\n      two\n\n      three\n', 'a: one\n  two\n\n  three\n'],
    [
      'quoted text over several lines',
      'a: "one\\\n      two \\  \n      three"\n',
      'a: "one\\\n  two \\ \n  three"\n',
    ],
    ['text whose file ends without a line end', 'a: |\n    one', 'a: |\n  one\n'],
  ])('keeps %s when it formats a list', (_, text, formatted) => {
    expect(formatList(text)).toBe(formatted);
  });

  it.each([
    ['before the first key', '# one\n\na: 1\n'],
    ['between keys', 'a: 1\n# two\nb: 2\n'],
    ['at the end', 'a: 1\n\n# three\n'],
    ['after a key whose value is below it', 'a:   # four\n  b: 1\n'],
    ['after the sign of a block text', 'a: |-  # five\n  b\n'],
    ['in a flow map', 'a: { b: 1, # six\n  c: 2 }\n'],
    ['alone in a flow list', 'a: [\n  # seven\n  b,\n]\n'],
    ['below each other at the ends of lines', 'a: 1     # one\nbb: 22   # two\n         # and more\n'],
  ])('keeps a comment %s when it formats a list', (_, text) => {
    expect(formatList(text)).toBe(text);
  });

  it('indents a comment like the field or shot it is about', () => {
    const text = `shots:
# about a
- id: a
  # about its prompt
  prompt: b
  # at the end of a

- id: c
# at the end
`;
    expect(formatList(text)).toBe(`shots:
  # about a
  - id: a
    # about its prompt
    prompt: b
    # at the end of a

  - id: c
# at the end
`);
  });

  it('keeps comments in one column when the texts before them move', () => {
    const text = 'a:      1       # one\nlonger:    2    # two\n\nb:  3 # three\n';
    expect(formatList(text)).toBe('a: 1         # one\nlonger: 2    # two\n\nb: 3 # three\n');
  });

  it.each(readdirSync('examples').filter((name) => name.endsWith('.yaml')))(
    'finds the example %s already formatted',
    (name) => {
      const text = readFileSync(`examples/${name}`, 'utf8');
      expect(formatList(text)).toBe(text);
    },
  );

  it('returns null for a text that is no YAML', () => {
    expect(formatList('a: "b\n')).toBeNull();
  });

  it('formats any list without changing its content, and the result is already formatted', () => {
    fc.assert(
      fc.property(writtenLists(), (text) => {
        const formatted = formatList(text);
        expect(formatted).not.toBeNull();
        expect(parse(formatted ?? '', { merge: true })).toEqual(parse(text, { merge: true }));
        expect(formatList(formatted ?? '')).toBe(formatted);
      }),
      { numRuns: 300 },
    );
  });
});
