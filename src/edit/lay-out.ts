import { alignComments, type Line } from './align-comments.js';
import { type Level, type Piece, piecesOf } from './pieces.js';

/**
 * A well-formed YAML text, its lines ending with LF, as it is best read: two columns a level, one space between signs,
 * at most one blank line. Lines are broken where they were broken; every text, quote and comment stays as it is.
 */
export function layOut(text: string): string {
  const pieces = piecesOf(text);
  const columns = columnsOfComments(pieces);
  const lines: Line[] = [];
  for (const [index, piece] of pieces.entries()) {
    const before = pieces[index - 1];
    const line = lines.at(-1);
    if (before && line && piece.breaks === 0 && before.kind !== 'block-scalar') {
      addTo(line, { piece, before });
    } else {
      if (before && piece.breaks > 1) lines.push({ code: '' });
      lines.push(begin(piece, { column: columns.get(piece) ?? piece.indent, line }));
    }
    unfold(lines);
  }
  return lines.length === 0 ? '' : `${alignComments(lines).join('\n')}\n`;
}

function begin(piece: Piece, { column, line }: { column: number; line: Line | undefined }): Line {
  if (piece.kind === 'block-scalar') return { code: piece.text };
  const goesOn = piece.kind === 'comment' && piece.breaks === 1 && line?.comment?.column === piece.column;
  if (goesOn && piece.column > column) return { code: '', comment: { ...piece, gap: null } };
  return { code: ' '.repeat(column) + piece.text };
}

function addTo(line: Line, { piece, before }: { piece: Piece; before: Piece }): void {
  if (piece.kind === 'comment') line.comment = piece;
  else line.code += (isSpaced(before, piece) ? ' ' : '') + piece.text;
}

/** Makes lines of the last line's further lines: what follows stands after the last. */
function unfold(lines: Line[]): void {
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

/** The column of each comment that stands alone in its line, in a block. */
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

/** A comment belongs to what follows it, unless it is indented like a block that ends before it. */
function columnOf(
  { column }: Piece,
  { before, next }: { before: Level | null; next: Piece | undefined },
): number {
  const following = next?.indent ?? 0;
  if (column <= (next?.column ?? 0)) return following;
  let level = before;
  while (level && level.column > column) level = level.outer;
  // Of a key and the dashes below it in the same column, the key's.
  while (level?.outer && level.outer.column === level.column) level = level.outer;
  return Math.max(following, level?.indent ?? 0);
}
