import { describe, expect, it } from 'vitest';
import { nearest, shellWord } from '../../src/base/text.js';

describe('nearest', () => {
  it.each([
    // Below four letters one edit is near, two are not.
    ['cat', ['cot'], 'cot'],
    ['cat', ['cow'], undefined],
    // From four letters on two edits are near, and one per three letters.
    ['shot', ['slat'], 'slat'],
    ['shot', ['sear'], undefined],
    ['reference', ['preferince'], 'preferince'],
    ['durration', ['duration', 'direction'], 'duration'],
    ['camera_move', ['camera-moves'], 'camera-moves'],
    ['PROMPT', ['prompt'], 'prompt'],
    ['a'.repeat(81), ['a'.repeat(80)], undefined],
  ])('takes %s among %j for %s', (word, known, meant) => {
    expect(nearest(word, known)).toBe(meant);
  });
});

describe('shellWord', () => {
  it.each([
    ['film.yaml', 'film.yaml'],
    ['my film.yaml', "'my film.yaml'"],
    ["it's", String.raw`'it'\''s'`],
    ['', "''"],
  ])('writes %j as %s, which a shell reads as one word', (text, word) => {
    expect(shellWord(text)).toBe(word);
  });
});
