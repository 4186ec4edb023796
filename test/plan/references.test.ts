import { describe, expect, it } from 'vitest';
import { nameElements } from '../../src/plan/compose-input.js';

const cast = {
  field: 'prompt' as const,
  listed: ['hero', 'boat'],
  known: ['hero', 'boat', 'dog', 'hero-left', 'keeper_2'],
};

describe('nameElements', () => {
  it.each([
    ['names elements by their place in the shot', '@boat meets @hero', '@Element2 meets @Element1'],
    ['names one as often as it stands', '@hero and @hero', '@Element1 and @Element1'],
    ['leaves what follows a name', "@hero, @hero's @hero.", "@Element1, @Element1's @Element1."],
    [
      'leaves what follows a name after a dash',
      '@hero-like, @boat_shaped',
      '@Element1-like, @Element2_shaped',
    ],
    ['leaves a name that is the model’s own', '@Element1 and @Element2', '@Element1 and @Element2'],
    ['writes the sign itself', '@@hero and @@', '@hero and @'],
    ['leaves mail addresses', 'ana@hero.com, ü@hero', 'ana@hero.com, ü@hero'],
    ['leaves a sign alone', 'two @ three', 'two @ three'],
    ['finds names between signs', '(@hero)@boat', '(@Element1)@Element2'],
    ['leaves text without names', 'nobody', 'nobody'],
    ['leaves an empty text', '', ''],
  ])('replaces references in a prompt: %s', (_, prompt, expected) => {
    expect(nameElements(prompt, cast)).toEqual({ text: expected, problems: [] });
  });

  it.each([
    ['an unknown one', '@nobody', 'SL202', '@nobody', 'name it under `elements:`, or write @@nobody'],
    ['a misspelt one', '@hreo', 'SL202', '@hreo', 'did you mean @hero?'],
    ['one that the shot does not list', '@dog', 'SL203', '@dog', 'write `elements: [hero, boat, dog]`'],
    ['the longest name there is', '@hero-left', 'SL203', '@hero-left', 'elements: [hero, boat, hero-left]'],
    ['one with text after it', '@keeper_2-like', 'SL203', '@keeper_2', 'elements: [hero, boat, keeper_2]'],
    ['a number past the last', '@Element3', 'SL202', '@Element3', '@@Element3'],
    ['a number before the first', '@Element0', 'SL202', '@Element0', '@@Element0'],
    ['one that objects have', '@constructor', 'SL202', '@constructor', '@@constructor'],
  ])('leaves a wrong reference in the prompt and explains it: %s', (_, prompt, code, part, hint) => {
    const { text, problems } = nameElements(prompt, cast);
    expect(text).toBe(prompt);
    expect(problems).toMatchObject([{ code, part }]);
    expect(problems[0]?.hint).toContain(hint);
  });
});
