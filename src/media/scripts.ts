/** Emoji: what a caption can do without. */
const EMOJI = 'emoji';

/** Kinds of writing that the captions' font does not have; a machine may have a font for them or not. */
const SCRIPTS: readonly { readonly name: string; readonly letters: string }[] = [
  // Emoji first, which stand within sentences; kana next, so that a Japanese sentence is not called Chinese.
  { name: EMOJI, letters: '\\p{Emoji_Presentation}' },
  { name: 'Japanese', letters: '\\p{Script=Hiragana}\\p{Script=Katakana}' },
  { name: 'Korean', letters: '\\p{Script=Hangul}' },
  { name: 'Chinese', letters: '\\p{Script=Han}' },
  { name: 'Thai', letters: '\\p{Script=Thai}' },
  { name: 'Hindi', letters: '\\p{Script=Devanagari}' },
  { name: 'Bengali', letters: '\\p{Script=Bengali}' },
  { name: 'Tamil', letters: '\\p{Script=Tamil}' },
  { name: 'Telugu', letters: '\\p{Script=Telugu}' },
  { name: 'Burmese', letters: '\\p{Script=Myanmar}' },
  { name: 'Khmer', letters: '\\p{Script=Khmer}' },
  { name: 'Amharic', letters: '\\p{Script=Ethiopic}' },
];

/** For each kind of writing in a text that needs another font: its name and one of its letters. */
export function foreignScripts(text: string): ReadonlyMap<string, string> {
  const found = SCRIPTS.flatMap(({ name, letters }): [string, string][] => {
    const letter = new RegExp(`[${letters}]`, 'u').exec(text)?.[0];
    return letter === undefined ? [] : [[name, letter]];
  });
  return new Map(found);
}

/**
 * The text with what cannot be shown named instead of drawn as boxes: "[Japanese: font missing]"; emoji are left out.
 */
export function nameUnshown(text: string, unshown: ReadonlySet<string>): string {
  let result = text;
  for (const { name, letters } of SCRIPTS) {
    if (!unshown.has(name)) continue;
    // Japanese is written with Han letters as well; marks, blanks and full-width punctuation between letters belong to them.
    const own = name === 'Japanese' ? `${letters}\\p{Script=Han}` : letters;
    const run = new RegExp(
      `[${own}](?:[${own}\\p{M}\\p{Cf}\\s\\u3000-\\u303f\\uff00-\\uffef]*[${own}\\p{M}\\u3001\\u3002])*`,
      'gu',
    );
    const ofThisOne = new RegExp(`[${letters}]`, 'u');
    result = result.replace(run, (found, at: number, whole: string) => {
      if (!ofThisOne.test(found)) return found;
      if (name === EMOJI) return '';
      return `[${name}: font missing]${/\p{L}/u.test(whole.charAt(at + found.length)) ? ' ' : ''}`;
    });
  }
  return result;
}
