import { describe, expect, it } from 'vitest';
import { escapeOf, hiddenCharacters } from '../../src/base/hidden-characters.js';

describe('hiddenCharacters', () => {
  it.each([
    ['a zero width space', 'two\u200bwords', ['3 a zero width space (U+200B)']],
    ['a zero width joiner between Latin letters', 'fi\u200dn', ['2 a zero width joiner (U+200D)']],
    [
      'a zero width non-joiner between Latin letters',
      'Auf\u200clage',
      ['3 a zero width non-joiner (U+200C)'],
    ],
    ['a soft hyphen', 'storm\u00adcoast', ['5 a soft hyphen (U+00AD)']],
    ['a byte order mark', '\ufeffShe', ['0 a byte order mark (U+FEFF)']],
    ['a no-break space', 'Big\u00a0Sur', ['3 a no-break space (U+00A0)']],
    ['a narrow no-break space', 'où\u202f?', ['2 a narrow no-break space (U+202F)']],
    ['a thin space', 'a\u2009b', ['1 a space that is not a plain one (U+2009)']],
    ['a word joiner', 'a\u2060b', ['1 a word joiner (U+2060)']],
    ['a line separator', 'a\u2028b', ['1 a line separator (U+2028)']],
    ['a control character', 'a\u0007b', ['1 a control character (U+0007)']],
    ['the line break of mainframes', 'a\u0085b', ['1 a control character (U+0085)']],
    ['a mark of writing direction', 'a\u202eb', ['1 a mark of writing direction (U+202E)']],
    ['a right-to-left mark in Hebrew', 'שלום\u200f!', ['4 a right-to-left mark (U+200F)']],
    ['a Hangul filler alone', 'a \u3164', ['2 an invisible character (U+3164)']],
    ['an empty Braille pattern alone', 'a\u2800b', ['1 an invisible character (U+2800)']],
    ['a text in tags', 'a\u{e0068}\u{e0069}', ['1 a tag character (U+E0068) × 2']],
    ['a joiner after an emoji and before a letter', '👩\u200dx', ['2 a zero width joiner (U+200D)']],
    ['the same character twice', 'a\u00a0b\u00a0c', ['1 a no-break space (U+00A0) × 2']],
    [
      'two different ones',
      'a\u200bb\u00a0c',
      ['1 a zero width space (U+200B)', '3 a no-break space (U+00A0)'],
    ],
    ['one after a joiner that an emoji needs', '👩‍👧 a\u200db', ['7 a zero width joiner (U+200D)']],
  ])('finds %s', (_, text, expected) => {
    const found = hiddenCharacters(text).map(
      ({ at, name, count }) => `${at} ${name}${count > 1 ? ` × ${count}` : ''}`,
    );
    expect(found).toEqual(expected);
  });

  it.each([
    ['plain text, tabs and line breaks', 'She walks.\n\tShe stops.\r\n'],
    ['families, professions and skin tones', '👩‍👩‍👧 👩🏽‍🚒 🧑‍⚕️ 🧑🏻‍❤️‍💋‍🧑🏿'],
    ['flags of emoji', '🏳️‍🌈 🏴‍☠️ 🏴󠁧󠁢󠁳󠁣󠁴󠁿 🇫🇷'],
    ['other joined emoji', '❤️‍🔥 👁️‍🗨️ 🐦‍⬛ ⛓️‍💥 🏃‍➡️'],
    ['variation selectors and keycaps', '❤️ ☎︎ 1️⃣ 葛\u{e0100} a\ufe0f'],
    ['Persian', 'می‌خواهم کتاب‌ها ۲۰‌ساله PDF‌ها'],
    ['Hindi and Marathi', 'क्‍ष क्‌ष र्‍य'],
    ['Bengali', 'র‍্যাব'],
    ['Malayalam, in its old spelling', 'ന്‍ ല്‍'],
    ['Sinhala', 'ශ්‍රී ලංකා'],
    ['Khmer with marks between words', 'ភាសា\u200bខ្មែរ'],
    ['Thai with marks between words', 'ภาษา\u200bไทย'],
    ['Mongolian', 'ᠮᠣᠩᠭᠣᠯ\u202fᠤᠨ ᠪᠠᠢ\u180eᠨ\u180b'],
    ['old Korean', 'ᄒ\u1160ᆫ'],
    ['Japanese with its wide space', '夜\u3000港'],
    ['letters with marks of their own', 'cafe\u0301 हिन्दी'],
  ])('finds nothing in %s', (_, text) => {
    expect(hiddenCharacters(text)).toEqual([]);
  });
});

describe('escapeOf', () => {
  it.each([
    ['\u200b', String.raw`\u200b`],
    ['\u0007', String.raw`\u0007`],
    ['\u{e0041}', String.raw`\U000e0041`],
  ])('writes %j by its number', (character, expected) => {
    expect(escapeOf(character)).toBe(expected);
  });
});
