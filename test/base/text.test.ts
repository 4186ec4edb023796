import { describe, expect, it } from 'vitest';
import { nearestWord, normalText, shellWord } from '../../src/base/text.js';

describe('nearestWord', () => {
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
    expect(nearestWord(word, known)).toBe(meant);
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

describe('normalText', () => {
  it.each([
    ['She waits.', 'She waits.'],
    ['', ''],
    [' \n\t ', ''],
    [' She waits. \n', 'She waits.'],
    ['one\r\ntwo\rthree', 'one\ntwo\nthree'],
    ['one \t\ntwo\u00a0\n', 'one\ntwo'],
    ['one\n\n\n  two', 'one\n\n\n  two'],
    ['\n  one\n two', 'one\n two'],
    ['two  three', 'two  three'],
    ['cafe\u0301', 'café'],
    ['a\u200bb', 'a\u200bb'],
  ])('makes %j into %j', (text, normal) => {
    expect(normalText(text)).toBe(normal);
    expect(normalText(normal)).toBe(normal);
  });
});
