import type { CST } from 'yaml';

/** A block scalar as it is printed. */
export interface Reindented {
  /** Its sign, such as `>-`. */
  readonly sign: string;
  /** Its lines, without the last line break; empty where it has none. */
  readonly body: string;
  /** Characters of the source that the body stands for; what comes after are blank lines. */
  readonly length: number;
}

/** A plain or quoted text with its further lines in another column: YAML folds away what stands before them. */
export function reindentFlow({ type, source }: CST.FlowScalar, indent: number): string {
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

/** Takes away white space that YAML folds; `\` keeps the blank after it. */
function trimLine(line: string, type: CST.FlowScalar['type']): string {
  return type === 'double-quoted-scalar' ? line.replace(/(?<!\\)[ \t]+$/, '') : line.trimEnd();
}

/** A block scalar with its lines in another column; what stands beyond its own column is part of the text. */
export function reindentBlock(
  { source, indent: parent }: CST.BlockScalar,
  { header, indent }: { header: string; indent: number },
): Reindented {
  const written = /[1-9]/.exec(header)?.[0];
  const lines = source.replace(/\n$/, '').split('\n');
  const first = lines.find((line) => /[^ ]/.test(line));
  const own = written === undefined ? first?.search(/[^ ]/) : parent + Number(written);
  // Where there is no text, blanks are none either.
  const column = first === undefined ? Number.POSITIVE_INFINITY : own;
  const texts = lines.map((line) => line.slice(column));
  const filled = header.includes('+') ? texts.length : texts.findLastIndex((text) => text !== '') + 1;
  const margin = ' '.repeat(indent);
  const printed = texts.slice(0, filled).map((text) => (text === '' ? '' : margin + text));
  return {
    // The number counts columns from the block around, which is where `indent` counts from too.
    sign: header.replace(/[1-9]/, '2'),
    body: source === '' ? '' : printed.join('\n'),
    length: lines.slice(0, filled).join('\n').length,
  };
}
