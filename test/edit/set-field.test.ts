import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { setField } from '../../src/edit/set-field.js';

/** The text with `select` set in its first shot. */
function choose(text: string, value: number | null = 2): string | null {
  return set(text, { field: 'select', after: ['takes'], values: new Map([[0, value]]) });
}

/** The text with `approved` set in its first shot. */
function approve(text: string, key: string): string | null {
  return set(text, { field: 'approved', after: ['takes', 'select'], values: new Map([[0, key]]) });
}

function set(text: string, edits: Parameters<typeof setField>[1]): string | null {
  const sha256 = createHash('sha256').update(text).digest('hex');
  return setField({ file: 'film.yaml', path: '/film.yaml', text, sha256 }, edits);
}

describe('a field set in a list', () => {
  it.each([
    [
      'at the end of the shot',
      'shots:\n  - id: a\n    prompt: b # c\n  - id: z\n',
      'shots:\n  - id: a\n    prompt: b # c\n    select: 2\n  - id: z\n',
    ],
    [
      'with the list’s own indentation',
      'shots:\n-   id: a\n    prompt: b\n',
      'shots:\n-   id: a\n    prompt: b\n    select: 2\n',
    ],
    [
      'after the takes',
      'shots:\n  - id: a\n    takes: 3 # so far\n    # words\n    prompt: b\n',
      'shots:\n  - id: a\n    takes: 3 # so far\n    select: 2\n    # words\n    prompt: b\n',
    ],
    [
      'in place of the old value',
      'shots:\n  - id: a\n    select:   1   # the calm one\n',
      'shots:\n  - id: a\n    select:   2   # the calm one\n',
    ],
    [
      'in place of an empty value',
      'shots:\n  - id: a\n    select: # which\n    prompt: b\n',
      'shots:\n  - id: a\n    select: 2 # which\n    prompt: b\n',
    ],
    [
      'after a block text',
      'shots:\n  - id: a\n    prompt: |\n      b\n\n      c\n\n\n  # next\n  - id: z\n',
      'shots:\n  - id: a\n    prompt: |\n      b\n\n      c\n    select: 2\n\n\n  # next\n  - id: z\n',
    ],
    [
      'after the blank lines that `+` keeps',
      'shots:\n  - id: a\n    notes: |+\n      b\n\n\n  - id: z\n',
      'shots:\n  - id: a\n    notes: |+\n      b\n\n\n    select: 2\n  - id: z\n',
    ],
    [
      'after segments',
      'shots:\n  - id: a\n    segments:\n      - prompt: b\n        duration: 3 # c\n    # d\n',
      'shots:\n  - id: a\n    segments:\n      - prompt: b\n        duration: 3 # c\n    select: 2\n    # d\n',
    ],
    [
      'after a text of several lines',
      'shots:\n  - id: a\n    prompt: one\n      two\n',
      'shots:\n  - id: a\n    prompt: one\n      two\n    select: 2\n',
    ],
    [
      'after an empty field',
      'shots:\n  - id: a\n    model: # later\n  # next\n  - id: z\n',
      'shots:\n  - id: a\n    model: # later\n    select: 2\n  # next\n  - id: z\n',
    ],
    ['on a new line if the last line has no end', 'shots:\n  - id: a', 'shots:\n  - id: a\n    select: 2'],
    ['with the line ends of the list', 'shots:\r\n  - id: a\r\n', 'shots:\r\n  - id: a\r\n    select: 2\r\n'],
    [
      'inside a flow map',
      'shots:\n  - {id: a,   prompt: b} # c\n',
      'shots:\n  - {id: a,   prompt: b, select: 2} # c\n',
    ],
    ['inside a flow map with a last comma', 'shots: [{ id: a, }]\n', 'shots: [{ id: a, select: 2, }]\n'],
    [
      'inside JSON',
      '{\n  "shots": [\n    {\n      "id": "a",\n      "prompt": "b"\n    }\n  ]\n}\n',
      '{\n  "shots": [\n    {\n      "id": "a",\n      "select": 2,\n      "prompt": "b"\n    }\n  ]\n}\n',
    ],
    [
      'in place of a value in a flow map',
      'shots:\n  - { id: a, select: 1 }\n',
      'shots:\n  - { id: a, select: 2 }\n',
    ],
    [
      'on the shot, not in the map that it merges',
      'x-b: &b { select: 1, takes: 3 }\nshots:\n  - <<: *b\n    id: a\n  - <<: *b\n    id: z\n',
      'x-b: &b { select: 1, takes: 3 }\nshots:\n  - <<: *b\n    id: a\n    select: 2\n  - <<: *b\n    id: z\n',
    ],
    ['on a shot with an anchor', 'shots:\n  - &a\n    id: a\n', 'shots:\n  - &a\n    id: a\n    select: 2\n'],
  ])('writes a field %s', (_, text, edited) => {
    expect(choose(text)).toBe(edited);
  });

  it.each([
    [
      'with its line',
      'shots:\n  - id: a\n    select: 2 # so\n    prompt: b\n',
      'shots:\n  - id: a\n    prompt: b\n',
    ],
    ['that comes first', 'shots:\n  - select: 2\n    id: a\n', 'shots:\n  - id: a\n'],
    ['in a flow map', 'shots:\n  - { id: a, select: 2, prompt: b }\n', 'shots:\n  - { id: a, prompt: b }\n'],
    ['that comes first in a flow map', 'shots:\n  - { select: 2, id: a }\n', 'shots:\n  - { id: a }\n'],
  ])('removes a field %s', (_, text, edited) => {
    expect(choose(text, null)).toBe(edited);
  });

  it.each([
    ['12345678', '"12345678"'],
    ['1234e567', '"1234e567"'],
    ['3fa9c1d2', '3fa9c1d2'],
  ])('quotes the approved key %s if YAML would read it as a number', (key, written) => {
    expect(approve('shots:\n  - id: a\n', key)).toBe(`shots:\n  - id: a\n    approved: ${written}\n`);
    expect(approve("shots:\n  - id: a\n    approved: 'ffffffff'\n", key)).toBe(
      `shots:\n  - id: a\n    approved: '${key}'\n`,
    );
  });

  it('returns null if setting the field would change something else', () => {
    expect(choose('x-a: &a { id: a }\nshots:\n  - *a\n  - { <<: *a, id: z }\n')).toBeNull();
    expect(choose('shots:\n  - id: a\n    select: &n 1\n  - id: z\n    select: *n\n')).toBeNull();
  });

  it('restores the text when a field is removed again from the shots it was set in', () => {
    const shots = fc.array(
      fc.constantFrom(
        '  - id: ID\n    prompt: a # b\n\n',
        '  # c\n  - { id: ID, prompt: "a, }" }\n',
        '  - prompt: >-\n      a\n      b\n    id: ID\n    # d\n',
        '  - id: ID\n    segments:\n    - prompt: a\n      # e\n\n',
        '  -\n    takes: 7 # so far\n    id: ID\n',
      ),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(shots, fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }), (each, isChosen) => {
        const text = `shots:\n${each.map((shot, index) => shot.replace('ID', `s${index}`)).join('')}`;
        const chosen = each.flatMap((_, index) => (isChosen[index] ? index : []));
        const edit = (from: string, value: number | null) =>
          set(from, { field: 'select', after: ['takes'], values: new Map(chosen.map((at) => [at, value])) });
        const edited = edit(text, 3);
        expect(edited?.match(/select: 3/g)?.length ?? 0).toBe(chosen.length);
        expect(edit(edited ?? '', null)).toBe(text);
      }),
    );
  });
});
