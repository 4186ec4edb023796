import { distance } from 'fastest-levenshtein';

/** Longer words are not worth comparing: nobody mistypes them by a letter or two. */
const LONGEST = 80;

/**
 * The known word that `word` was most likely meant to be, or undefined when none is near:
 * at most two edits, or one in three letters (Levenshtein distance), letter case ignored.
 */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  if (word.length > LONGEST) return undefined;
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const edits = distance(word.toLowerCase(), candidate.toLowerCase());
    const longest = Math.max(word.length, candidate.length);
    const allowed = longest < 4 ? 1 : Math.max(2, Math.floor(longest / 3));
    if (edits <= allowed && edits < least) {
      best = candidate;
      least = edits;
    }
  }
  return best;
}
