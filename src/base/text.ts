import { distance } from 'fastest-levenshtein';

/** Longest word that is compared, characters. Longer words are pasted and not typed, so they hold no typing mistakes. */
const LONGEST_WORD = 80;

/**
 * Known word that is nearest to `word`; undefined if none is near. Near is at most two edits, or one edit per three
 * letters (Levenshtein distance); words below four letters may differ by one edit. Letter case is ignored.
 */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  if (word.length > LONGEST_WORD) return undefined;
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

/** A path, a name or a value, quoted so that a shell reads it as one word. */
export function shellWord(text: string): string {
  return /^[\w./@:+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
