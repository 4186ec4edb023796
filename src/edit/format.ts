import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import { parseYaml } from '../language/document.js';
import { type Level, type Piece, piecesOf } from './pieces.js';

/**
 * Formats a shot list's text in the project's layout; null if that would change its content, and the text must stay as
 * it is. The text must be well-formed YAML. The result has LF line ends and no byte order mark.
 */
export function formatList(text: string): string | null {
  const plain = text.replace(/^\ufeff/, '').replaceAll('\r\n', '\n');
  const formatted = layOut(plain);
  return isSameContent(plain, formatted) ? formatted : null;
}

/** A line of the new layout. */
interface Line {
  /** The line without the comment at its end. */
  code: string;
  comment?: Comment;
}

/** A comment at the end of a line. */
interface Comment {
  readonly text: string;
  /** Column as written, from 0. */
  readonly column: number;
  /** Spaces before it as written; null if it continues the comment of the previous line. */
  readonly gap: number | null;
}

/**
 * Lays out a well-formed YAML text with LF line ends: two columns a level, one space between tokens, at most one blank
 * line. Line breaks, texts, quotes and comments stay as they are.
 */
function layOut(text: string): string {
  const pieces = piecesOf(text);
  const columns = columnsOfComments(pieces);
  const lines: Line[] = [];
  for (const [index, piece] of pieces.entries()) {
    const before = pieces[index - 1];
    const line = lines.at(-1);
    if (before && line && piece.breaks === 0 && before.kind !== 'block-scalar') {
      append(line, { piece, before });
    } else {
      if (before && piece.breaks > 1) lines.push({ code: '' });
      lines.push(newLine(piece, { column: columns.get(piece) ?? piece.indent, line }));
    }
    splitLastLine(lines);
  }
  return lines.length === 0 ? '' : `${alignComments(lines).join('\n')}\n`;
}

function newLine(piece: Piece, { column, line }: { column: number; line: Line | undefined }): Line {
  if (piece.kind === 'block-scalar') return { code: piece.text };
  const continues = piece.kind === 'comment' && piece.breaks === 1 && line?.comment?.column === piece.column;
  if (continues && piece.column > column) return { code: '', comment: { ...piece, gap: null } };
  return { code: ' '.repeat(column) + piece.text };
}

function append(line: Line, { piece, before }: { piece: Piece; before: Piece }): void {
  if (piece.kind === 'comment') line.comment = piece;
  else line.code += (isSpaced(before, piece) ? ' ' : '') + piece.text;
}

/** Splits a last line that holds several, so that the next piece follows the last of them. */
function splitLastLine(lines: Line[]): void {
  const last = lines.at(-1);
  if (!last?.code.includes('\n')) return;
  lines.pop();
  for (const code of last.code.split('\n')) lines.push({ code });
}

function isSpaced({ kind: before }: Piece, { kind: after }: Piece): boolean {
  if (after === 'map-value-ind') return false;
  if (after === 'comma') return before === 'map-value-ind';
  if (before === 'flow-map-start') return after !== 'flow-map-end';
  return before !== 'flow-seq-start' && after !== 'flow-seq-end';
}

/** Column of each comment that has its own line, in a block. */
function columnsOfComments(pieces: readonly Piece[]): ReadonlyMap<Piece, number> {
  const columns = new Map<Piece, number>();
  let next: Piece | undefined;
  const level = levelsBefore(pieces);
  for (const piece of pieces.toReversed()) {
    if (piece.kind !== 'comment') next = piece;
    else if (!piece.inFlow) columns.set(piece, columnOf(piece, { before: level.get(piece) ?? null, next }));
  }
  return columns;
}

function levelsBefore(pieces: readonly Piece[]): ReadonlyMap<Piece, Level | null> {
  const levels = new Map<Piece, Level | null>();
  let level: Level | null = null;
  for (const piece of pieces) {
    if (piece.kind === 'comment') levels.set(piece, level);
    else level = piece.level;
  }
  return levels;
}

/** Column of a comment: that of the next piece, unless the comment is indented like a block that ends before it. */
function columnOf(
  { column }: Piece,
  { before, next }: { before: Level | null; next: Piece | undefined },
): number {
  const following = next?.indent ?? 0;
  if (column <= (next?.column ?? 0)) return following;
  let level = before;
  while (level && level.column > column) level = level.outer;
  // A key and the dashes below it may be in one column; the comment belongs to the key.
  while (level?.outer && level.outer.column === level.column) level = level.outer;
  return Math.max(following, level?.indent ?? 0);
}

/**
 * Adds the comments at the ends of lines. Comments that were in one column stay in one column, as far from the longest
 * line as before; others keep their distance.
 */
function alignComments(lines: readonly Line[]): readonly string[] {
  const columns = new Map<Line, number>();
  for (const group of groupsOf(lines)) {
    const gaps = group.flatMap(({ comment }) => comment?.gap ?? []);
    const gap = Math.max(1, Math.min(...gaps));
    const isTable = gaps.some((one) => one > 1);
    const common = Math.max(...group.map(({ code }) => code.length)) + gap;
    let column = common;
    for (const line of group) {
      if (!isTable && line.comment?.gap !== null) column = line.code.length + 1;
      columns.set(line, column);
    }
  }
  return lines.map((line) => line.code.padEnd(columns.get(line) ?? 0) + (line.comment?.text ?? ''));
}

/** Groups of lines whose comments are in one column; lines without a comment do not end a group. */
function groupsOf(lines: readonly Line[]): readonly Line[][] {
  const groups: Line[][] = [];
  let column: number | undefined;
  for (const line of lines) {
    if (!line.comment) continue;
    if (line.comment.column === column) groups.at(-1)?.push(line);
    else groups.push([line]);
    column = line.comment.column;
  }
  return groups;
}

/**
 * True if two YAML texts have the same content: the same values under the same keys in the same order, with the same
 * styles, anchors, tags and comments. A malformed text equals no other.
 */
function isSameContent(one: string, other: string): boolean {
  const content = contentOf(one);
  return content !== null && content === contentOf(other);
}

function contentOf(text: string): string | null {
  const { contents, directives, errors } = parseYaml(text);
  if (errors.length > 0) return null;
  return JSON.stringify([directives.toString(), nodeContent(contents), commentsOf(text)]);
}

function nodeContent(node: unknown): unknown {
  if (isAlias(node)) return ['alias', node.source];
  if (isMap(node)) {
    const pairs = node.items.map(({ key, value }) => [nodeContent(key), nodeContent(value)]);
    return ['map', node.flow, node.anchor, node.tag, pairs];
  }
  if (isSeq(node)) return ['list', node.flow, node.anchor, node.tag, node.items.map(nodeContent)];
  // The source distinguishes `0010` from the number ten.
  if (isScalar(node)) return [node.type, node.anchor, node.tag, node.source];
  return null;
}

function commentsOf(text: string): readonly string[] {
  return piecesOf(text).flatMap((piece) => (piece.kind === 'comment' ? piece.text : []));
}
