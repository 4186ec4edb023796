/** A line of a file that is being laid out. */
export interface Line {
  /** Everything but the comment at its end. */
  code: string;
  comment?: Comment;
}

/** A comment at the end of a line. */
interface Comment {
  readonly text: string;
  /** Column as written, from 0. */
  readonly column: number;
  /** Spaces before it as written; null where it goes on with the comment of the line before. */
  readonly gap: number | null;
}

/**
 * Lines with the comments at their ends: those that stood below each other still do, as far from the longest line as
 * before; others keep their distance.
 */
export function alignComments(lines: readonly Line[]): readonly string[] {
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

/** Runs of comments in one column; lines without a comment do not end a run. */
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
