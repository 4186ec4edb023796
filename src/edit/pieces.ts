import { type CST, Parser } from 'yaml';

/** A token of a YAML file (an indicator, a text or a comment), with its position as written and as printed. */
export interface Piece {
  readonly kind: CST.Token['type'];
  /** Text to print; further lines are already indented. */
  readonly text: string;
  /** Line breaks before it as written; 0 if it follows the previous piece in the same line. */
  readonly breaks: number;
  /** Characters between it and the previous piece as written, if both are in one line. */
  readonly gap: number;
  /** Column as written, from 0. */
  readonly column: number;
  /** Column in which it is printed if it begins a line. */
  readonly indent: number;
  /** The block that holds it. */
  readonly level: Level | null;
  readonly inFlow: boolean;
}

/** A block map or sequence: the column it was written in, and the one it is printed in. */
export interface Level {
  readonly column: number;
  readonly indent: number;
  readonly outer: Level | null;
}

/** Position in which a value is printed. */
interface Place {
  /** Column of its lines, if it does not begin in the line of its key. */
  readonly indent: number;
  /** Column of its closing bracket, if the opening one is in the line of its key. */
  readonly outer: number;
  readonly level: Level | null;
  readonly inFlow: boolean;
}

type Line = Pick<Place, 'indent' | 'level' | 'inFlow'>;

/** Columns by which each level is indented. */
const STEP = 2;

/** All pieces of a well-formed YAML text, in order. */
export function piecesOf(text: string): readonly Piece[] {
  const walker = new PieceWalker(text);
  for (const token of new Parser().parse(text)) walker.addDocument(token);
  return walker.pieces;
}

class PieceWalker {
  readonly pieces: Piece[] = [];
  readonly #text: string;
  /** Offset of the end of the previous piece. */
  #end = 0;

  constructor(text: string) {
    this.#text = text;
  }

  addDocument(token: CST.Token): void {
    const top: Place = { indent: 0, outer: 0, level: null, inFlow: false };
    if (token.type === 'document') {
      this.#addTokens(token.start, top);
      if (token.value) this.#addValue(token.value, top);
      this.#addTokens(token.end, top);
    } else if (token.type === 'doc-end') {
      this.#addPiece(token, top);
      this.#addTokens(token.end, top);
    } else {
      this.#addToken(token, top);
    }
  }

  #addValue(token: CST.Token, place: Place): void {
    switch (token.type) {
      case 'block-map':
      case 'block-seq':
        this.#addBlock(token, place);
        break;
      case 'flow-collection':
        this.#addFlow(token, place);
        break;
      case 'block-scalar':
        this.#addBlockScalar(token, place);
        break;
      case 'alias':
      case 'scalar':
      case 'single-quoted-scalar':
      case 'double-quoted-scalar':
        this.#addPiece(token, place, reindentFlow(token, place.indent));
        this.#addTokens(token.end, place);
        break;
      default:
        this.#addToken(token, place);
    }
  }

  #addBlock(token: CST.BlockMap | CST.BlockSequence, { indent, level: outer }: Place): void {
    const level: Level = { column: token.indent, indent, outer };
    const here: Place = { indent, outer: indent, level, inFlow: false };
    const inside: Place = { ...here, indent: indent + STEP };
    // A bracket after a dash closes in the column of the item's fields; one after a key closes below the key.
    const value = token.type === 'block-seq' ? { ...inside, outer: indent + STEP } : inside;
    for (const item of token.items as CST.CollectionItem[]) {
      const explicit = this.#addTokens(item.start, here, inside);
      if (item.key) this.#addValue(item.key, explicit ? inside : here);
      this.#addTokens(item.sep, here, inside);
      if (item.value) this.#addValue(item.value, value);
    }
  }

  #addFlow(token: CST.FlowCollection, place: Place): void {
    const startsLine = this.#text.slice(this.#end, token.offset).includes('\n');
    const indent = startsLine ? place.indent : place.outer;
    const inner = indent + STEP;
    const inside: Place = { indent: inner, outer: inner, level: place.level, inFlow: true };
    this.#addPiece(token.start, { ...place, indent });
    for (const { start, key, sep, value } of token.items) {
      this.#addTokens(start, inside);
      if (key) this.#addValue(key, inside);
      this.#addTokens(sep, inside);
      if (value) this.#addValue(value, inside);
    }
    const [close, ...after] = token.end;
    if (close) this.#addValue(close, { ...inside, indent });
    this.#addTokens(after, place);
  }

  #addBlockScalar(token: CST.BlockScalar, place: Place): void {
    const header = token.props.find(({ type }) => type === 'block-scalar-header') as CST.SourceToken;
    const { printedHeader, body, length } = reindentBlock(token, {
      header: header.source,
      indent: place.level ? place.indent : STEP,
    });
    for (const prop of token.props) {
      if (prop === header) this.#addPiece(header, place, printedHeader);
      else this.#addToken(prop, place);
    }
    const offset = header.offset + header.source.length;
    const start = this.#text.indexOf('\n', offset) + 1;
    if (body === '') return;
    this.#addPiece({ type: token.type, offset: start, source: token.source }, place, body);
    this.#end = start + length;
  }

  /** Adds tokens; those after an indicator (`-`, `?`, `:`) are printed a level deeper. Returns true if there is an indicator. */
  #addTokens(tokens: readonly CST.Token[] = [], line: Line, after: Line = line): boolean {
    let hasIndicator = false;
    for (const token of tokens) {
      this.#addToken(token, hasIndicator ? after : line);
      hasIndicator ||= token.type.endsWith('-ind');
    }
    return hasIndicator;
  }

  #addToken(token: CST.Token, line: Line): void {
    if (token.type === 'space' || token.type === 'newline' || !('source' in token)) return;
    this.#addPiece(token, line);
  }

  #addPiece(
    { type, offset, source }: { type: Piece['kind']; offset: number; source: string },
    { indent, level, inFlow }: Line,
    text = source.trimEnd(),
  ): void {
    const between = this.#text.slice(this.#end, offset);
    const column = offset - (this.#text.lastIndexOf('\n', offset - 1) + 1);
    const breaks = between.split('\n').length - 1;
    this.pieces.push({ kind: type, text, breaks, gap: between.length, column, indent, level, inFlow });
    this.#end = offset + source.length;
  }
}

/** A block scalar to print. */
interface Reindented {
  /** Such as `>-`. */
  readonly printedHeader: string;
  /** Its lines, without the last line break. */
  readonly body: string;
  /** Length of the body in the source, characters; only blank lines follow it. */
  readonly length: number;
}

/** Moves the further lines of a plain or quoted text to another column; YAML ignores their indentation. */
function reindentFlow({ type, source }: CST.FlowScalar, indent: number): string {
  const [first = '', ...rest] = source.split('\n');
  if (rest.length === 0) return source;
  const margin = ' '.repeat(indent);
  const last = rest.length - 1;
  const lines = rest.map((line, index) => {
    const text = line.replace(/^[ \t]+/, '');
    const trimmed = index === last ? text : trimLine(text, type);
    return trimmed === '' ? '' : margin + trimmed;
  });
  return [trimLine(first, type), ...lines].join('\n');
}

/** Removes white space that YAML folds; `\` keeps the blank after it. */
function trimLine(line: string, type: CST.FlowScalar['type']): string {
  return type === 'double-quoted-scalar' ? line.replace(/(?<!\\)[ \t]+$/, '') : line.trimEnd();
}

/** Moves the lines of a block scalar to another column; blanks beyond its own column are part of the text. */
function reindentBlock(
  { source, indent: parent }: CST.BlockScalar,
  { header, indent }: { header: string; indent: number },
): Reindented {
  const written = /[1-9]/.exec(header)?.[0];
  const lines = source.replace(/\n$/, '').split('\n');
  const first = lines.find((line) => /[^ ]/.test(line));
  const own = written === undefined ? first?.search(/[^ ]/) : parent + Number(written);
  // Blanks without any text are not part of the value.
  const column = first === undefined ? Number.POSITIVE_INFINITY : own;
  const texts = lines.map((line) => line.slice(column));
  const filled = header.includes('+') ? texts.length : texts.findLastIndex((text) => text !== '') + 1;
  const margin = ' '.repeat(indent);
  const printed = texts.slice(0, filled).map((text) => (text === '' ? '' : margin + text));
  return {
    // The number counts columns from the outer block, as `indent` does.
    printedHeader: header.replace(/[1-9]/, String(STEP)),
    body: source === '' ? '' : printed.join('\n'),
    length: lines.slice(0, filled).join('\n').length,
  };
}
