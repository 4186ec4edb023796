/** Box for text. */
export interface TextBox {
  /** Width of a line, ems (multiples of the font size). */
  readonly ems: number;
  /** Most lines. */
  readonly lines: number;
}

/** Text in lines; `isWhole` is false if an ellipsis replaces a part. */
export interface WrappedText {
  readonly lines: readonly string[];
  readonly isWhole: boolean;
}

/** Breaks text into lines of about equal length that fit the box; text that does not fit ends in an ellipsis. Keeps line breaks. */
export function wrapText(text: string, box: TextBox): WrappedText {
  const lines = wrapLines(text, box.ems);
  if (lines.length <= box.lines) return { lines: balanced(text, box.ems, lines), isWhole: true };
  const kept = lines.slice(0, box.lines);
  kept.push(withEllipsis(kept.pop() ?? '', box.ems));
  return { lines: kept, isWhole: false };
}

function wrapLines(text: string, ems: number): readonly string[] {
  return text
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .flatMap((paragraph) => wrapParagraph(paragraph, ems))
    .filter((line) => line !== '');
}

/** The same number of lines, as narrow as possible, so that no last line is a single word. */
function balanced(text: string, ems: number, lines: readonly string[]): readonly string[] {
  let best = lines;
  // In steps of a fiftieth, not below six tenths: narrower lines would look like a column.
  for (let share = 0.98; share >= 0.6 && lines.length > 1; share -= 0.02) {
    const narrower = wrapLines(text, ems * share);
    if (narrower.length > lines.length) break;
    best = narrower;
  }
  return best;
}

function wrapParagraph(paragraph: string, ems: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of paragraph.split(/\s+/).flatMap((word) => breakWord(word, ems))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && widthOf(longer) > ems) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}

/** Pieces of a word that is too long for a line, such as a URL or a Chinese sentence; visible characters stay whole. */
function breakWord(word: string, ems: number): string[] {
  if (widthOf(word) <= ems) return [word];
  const pieces: string[] = [];
  let piece = '';
  for (const { segment } of new Intl.Segmenter().segment(word)) {
    if (piece !== '' && widthOf(piece + segment) > ems) {
      pieces.push(piece);
      piece = '';
    }
    piece += segment;
  }
  return [...pieces, piece];
}

/** Line with an ellipsis, for which words are dropped from the end; or letters, if the line is one word. */
function withEllipsis(line: string, ems: number): string {
  const isOneWord = !line.includes(' ');
  let kept = isOneWord
    ? [...new Intl.Segmenter().segment(line)].map((part) => part.segment)
    : line.split(' ');
  const joined = () => kept.join(isOneWord ? '' : ' ').replace(/[\s,;:.–—-]+$/, '');
  while (kept.length > 1 && widthOf(`${joined()}…`) > ems) kept = kept.slice(0, -1);
  return `${joined()}…`;
}

/** Advance widths of DejaVu Sans from space to tilde, hundredths of an em (its `hmtx` table, version 2.37). */
const ASCII_WIDTHS = [
  32, 40, 46, 84, 64, 95, 78, 27, 39, 39, 50, 84, 32, 36, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34,
  34, 84, 84, 84, 53, 100, 68, 69, 70, 77, 63, 58, 77, 75, 29, 29, 66, 56, 86, 75, 79, 60, 79, 69, 63, 61, 73,
  68, 99, 69, 61, 69, 39, 34, 39, 84, 50, 50, 61, 63, 55, 63, 62, 35, 63, 63, 28, 28, 58, 28, 97, 63, 61, 63,
  63, 41, 52, 39, 63, 59, 82, 59, 59, 52, 64, 34, 64, 84,
];
/** East Asian letters and pictographs, which are as wide as high in every font. */
const FULL_WIDTH =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Extended_Pictographic}\uff00-\uffef…—]/u;
/** Marks that combine with the letter before them. */
const NO_WIDTH = /[\p{Mn}\p{Cf}]/u;

/** Width of text in DejaVu Sans, ems; letters of other fonts count as wide. */
export function widthOf(text: string): number {
  let ems = 0;
  for (const character of text) ems += emsOf(character);
  return ems;
}

function emsOf(character: string): number {
  const ascii = ASCII_WIDTHS[character.charCodeAt(0) - 32];
  if (ascii !== undefined) return ascii / 100;
  if (NO_WIDTH.test(character)) return 0;
  return FULL_WIDTH.test(character) ? 1 : 0.7;
}
