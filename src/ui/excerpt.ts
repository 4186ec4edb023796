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
  const [old, now] = [partsOf(before), partsOf(after)];
  const shorter = Math.min(old.length, now.length);
  let start = 0;
  while (start < shorter && old[start] === now[start]) start += 1;
  let end = 0;
  while (end < shorter - start && old.at(-1 - end) === now.at(-1 - end)) end += 1;
  const from = start - contextIn(old.slice(0, start).reverse());
  const to = end - contextIn(old.slice(old.length - end));
  return [excerpt(old, from, to), excerpt(now, from, to)];
}

/** Words, and what stands between them. */
function partsOf(text: string): readonly string[] {
  return Array.from(words.segment(text), ({ segment }) => segment);
}

/** How many parts to keep of those that both texts have, nearest first: a few words, or all if only marks are left. */
function contextIn(parts: readonly string[]): number {
  const places = parts.flatMap((part, place) => (/[\p{L}\p{N}]/u.test(part) ? [place] : []));
  return places.length > CONTEXT ? (places[CONTEXT - 1] as number) + 1 : parts.length;
}

function excerpt(parts: readonly string[], from: number, to: number): string {
  const text = parts
    .slice(from, parts.length - to)
    .join('')
    .trim();
  return `${from > 0 ? '… ' : ''}${text}${to > 0 ? ' …' : ''}`;
}
