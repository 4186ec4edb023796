import { distance } from 'fastest-levenshtein';

/** Longest word that is compared, characters. Longer words are pasted and not typed, so they hold no typing mistakes. */
const LONGEST_WORD = 80;

/**
 * Known word that is nearest to `word`; undefined if none is near. Near is at most two edits, or one edit per three
 * letters (Levenshtein distance); words below four letters may differ by one edit. Letter case is ignored.
 */
export function nearestWord(word: string, known: Iterable<string>): string | undefined {
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

/** Texts that are normal, as most are: printable ASCII in one line, without blanks around it. */
const NORMAL = /^[!-~](?:[ -~]*[!-~])?$/;

/**
 * A text as it is sent, so that all spellings of one text have one key: CR LF and CR become LF, blanks at the ends of lines
 * and around the text are taken out, and letters with marks are composed (NFC).
 */
export function normalText(text: string): string {
  if (NORMAL.test(text)) return text;
  const lines = text.replaceAll(/\r\n?/g, '\n').split('\n');
  return lines
    .map((line) => line.trimEnd())
    .join('\n')
    .trim()
    .normalize('NFC');
}

/** A text with each URL in it without query, fragment, user and password: these give access. */
export function withoutSecretsOfLinks(text: string): string {
  return text.replace(
    /(https?:\/\/)(?:[^\s/@"'<>]*@)?([^\s?#"'<>]+)(?:[?#][^\s"'<>]*[^\s"'<>.,;:!?)\]}])?/gi,
    '$1$2',
  );
}

/** URL without query and fragment. */
export function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/s, '');
}
