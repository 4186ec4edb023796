import { type CST, Parser } from 'yaml';
import { reindentBlock, reindentFlow } from './reindent.js';

/** A sign, a text or a comment of a YAML file, with what decides where it is printed. */
export interface Piece {
  readonly kind: CST.Token['type'];
  /** As it is printed, already indented from its second line on. */
  readonly text: string;
  /** Line breaks before it as written; 0 where it stands in the line of the piece before it. */
  readonly breaks: number;
  /** Characters between it and the piece before it as written, where both stand in one line. */
  readonly gap: number;
  /** Column as written, from 0. */
  readonly column: number;
  /** Column in which it is printed where it begins a line. */
  readonly indent: number;
  /** The block it stands in. */
  readonly level: Level | null;
  readonly inFlow: boolean;
}

/** A block map or sequence: the column it was written in, and the one it is printed in. */
export interface Level {
  readonly column: number;
  readonly indent: number;
  readonly outer: Level | null;
}

/** Where a value is printed. */
interface Place {
  /** Column of its lines, where it does not stand in the line of its key. */
  readonly indent: number;
  /** Column of the bracket that closes it, where it was opened in the line of its key. */
  readonly outer: number;
  readonly level: Level | null;
  readonly inFlow: boolean;
}

type Line = Pick<Place, 'indent' | 'level' | 'inFlow'>;

/** Columns by which each level is indented. */
export const STEP = 2;

/** Everything of a well-formed YAML text but its white space, in order. */
export function piecesOf(text: string): readonly Piece[] {
  const walk = new Walk(text);
  for (const token of new Parser().parse(text)) walk.document(token);
  return walk.pieces;
}

class Walk {
  readonly pieces: Piece[] = [];
  readonly #text: string;
  /** Offset at which the piece before ends. */
  #end = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(token: CST.Token): void {
    const top: Place = { indent: 0, outer: 0, level: null, inFlow: false };
    if (token.type === 'document') {
      this.#signs(token.start, top);
      if (token.value) this.#value(token.value, top);
      this.#signs(token.end, top);
    } else if (token.type === 'doc-end') {
      this.#put(token, top);
      this.#signs(token.end, top);
    } else {
      this.#sign(token, top);
    }
  }

  #value(token: CST.Token, place: Place): void {
    switch (token.type) {
      case 'block-map':
      case 'block-seq':
        this.#block(token, place);
        break;
      case 'flow-collection':
        this.#flow(token, place);
        break;
      case 'block-scalar':
        this.#blockScalar(token, place);
        break;
      case 'alias':
      case 'scalar':
      case 'single-quoted-scalar':
      case 'double-quoted-scalar':
        this.#put(token, place, reindentFlow(token, place.indent));
        this.#signs(token.end, place);
        break;
      default:
        this.#sign(token, place);
    }
  }

  #block(token: CST.BlockMap | CST.BlockSequence, { indent, level: outer }: Place): void {
    const level: Level = { column: token.indent, indent, outer };
    const here: Place = { indent, outer: indent, level, inFlow: false };
    const inside: Place = { ...here, indent: indent + STEP };
    // What follows a dash begins where its map does; a bracket that follows a key closes below the key.
    const value = token.type === 'block-seq' ? { ...inside, outer: indent + STEP } : inside;
    for (const item of token.items as CST.CollectionItem[]) {
      const explicit = this.#signs(item.start, here, inside);
      if (item.key) this.#value(item.key, explicit ? inside : here);
      this.#signs(item.sep, here, inside);
      if (item.value) this.#value(item.value, value);
    }
  }

  #flow(token: CST.FlowCollection, place: Place): void {
    const startsLine = this.#text.slice(this.#end, token.offset).includes('\n');
    const indent = startsLine ? place.indent : place.outer;
    const inner = indent + STEP;
    const inside: Place = { indent: inner, outer: inner, level: place.level, inFlow: true };
    this.#put(token.start, { ...place, indent });
    for (const { start, key, sep, value } of token.items) {
      this.#signs(start, inside);
      if (key) this.#value(key, inside);
      this.#signs(sep, inside);
      if (value) this.#value(value, inside);
    }
    const [close, ...after] = token.end;
    if (close) this.#value(close, { ...inside, indent });
    this.#signs(after, place);
  }

  #blockScalar(token: CST.BlockScalar, place: Place): void {
    const header = token.props.find(({ type }) => type === 'block-scalar-header') as CST.SourceToken;
    const { sign, body, length } = reindentBlock(token, {
      header: header.source,
      indent: place.level ? place.indent : STEP,
    });
    for (const prop of token.props) {
      if (prop === header) this.#put(header, place, sign);
      else this.#sign(prop, place);
    }
    const offset = header.offset + header.source.length;
    const start = this.#text.indexOf('\n', offset) + 1;
    if (body === '') return;
    this.#put({ type: token.type, offset: start, source: token.source }, place, body);
    this.#end = start + length;
  }

  /** Prints signs, those that follow the item's own sign a level deeper; returns whether there was such a sign. */
  #signs(tokens: readonly CST.Token[] = [], line: Line, after: Line = line): boolean {
    let passed = false;
    for (const token of tokens) {
      this.#sign(token, passed ? after : line);
      passed ||= token.type.endsWith('-ind');
    }
    return passed;
  }

  #sign(token: CST.Token, line: Line): void {
    if (token.type === 'space' || token.type === 'newline' || !('source' in token)) return;
    this.#put(token, line);
  }

  #put(
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
