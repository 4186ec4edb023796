/** Words of a longer text that are kept around what differs. */
const CONTEXT = 3;

/** Texts up to this many characters are shown whole: cutting them would only hide what they say. */
const SHORT = 40;

const words = new Intl.Segmenter('en', { granularity: 'word' });

/**
 * Two texts reduced to where they differ, with a few words around it and an ellipsis for what is left out; whole where
 * they are short. Words are Unicode's, so that texts without spaces are cut between words too.
 */
export function differingParts(before: string, after: string): readonly [string, string] {
  if (Math.max(before.length, after.length) <= SHORT) return [before, after];
  const [old, now] = [wordsOf(before), wordsOf(after)];
  const shorter = Math.min(old.length, now.length);
  let start = 0;
  while (start < shorter && old[start] === now[start]) start += 1;
  let end = 0;
  while (end < shorter - start && old.at(-1 - end) === now.at(-1 - end)) end += 1;
  // Spaces and punctuation count as words: twice as many, and the first is one of those.
  const from = Math.max(0, start - 2 * CONTEXT);
  const to = Math.max(0, end - 2 * CONTEXT);
  return [excerpt(old, from, to), excerpt(now, from, to)];
}

function wordsOf(text: string): readonly string[] {
  return Array.from(words.segment(text), ({ segment }) => segment);
}

function excerpt(all: readonly string[], from: number, to: number): string {
  const text = all
    .slice(from, all.length - to)
    .join('')
    .trim();
  return `${from > 0 ? '… ' : ''}${text}${to > 0 ? ' …' : ''}`;
}
