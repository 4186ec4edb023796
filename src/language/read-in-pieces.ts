import { isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import { Lines } from './lines.js';
import { parseYaml } from './parse-yaml.js';
import { MOST_VALUES, readValue } from './read-value.js';

/** Characters parsed at a time: more than the parser's start shows in, and little enough to be forgotten cheaply. */
const PIECE = 4 * 1024;

/** `shots:` on a line of its own, what stands before its first entry, and how far that is indented. */
const SHOTS = /(?<![^\n])shots:(?:[ \t]+#[^\n]*|[ \t]*)\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*( *)-[ \r\n]/;

/**
 * The value of a long list, its shots parsed some at a time: what the parser makes of a text is twenty times as large,
 * and is never there for all of it. Null where it cannot surely be read so: where anything is to be said about the
 * text, an alias leads from one piece to another, or `shots:` is written in an unusual way. `size` is that of a piece.
 */
export function readInPieces(text: string, size = PIECE): object | null {
  const found = text.length > size && !hasMarkers(text) ? SHOTS.exec(text) : null;
  if (!found) return null;
  const { index, 0: header, 1: indent = '' } = found;
  const end = endOfShots(text, { from: index + header.length, indent });
  const reader = new PieceReader();
  const head = reader.fields(text.slice(0, index));
  const tail = reader.fields(text.slice(end));
  if (!head || !tail) return null;
  const shots: unknown[] = [];
  for (let at = text.indexOf('\n', index) + 1; at < end; ) {
    const next = nextEntry(text, { from: at + size, indent, end });
    const some = reader.entries(text.slice(at, next));
    if (!some) return null;
    for (const shot of some) shots.push(shot);
    at = next;
  }
  const isTwice = Object.keys({ ...head, shots }).some((name) => Object.hasOwn(tail, name));
  return isTwice || 'shots' in head ? null : { ...head, shots, ...tail };
}

/** Whether several documents may stand in the text, or one end before the text does. */
function hasMarkers(text: string): boolean {
  return text.includes('\n---') || text.includes('\n...');
}

/** Where the first line begins that is neither in an entry nor empty nor a comment. */
function endOfShots(text: string, { from, indent }: { from: number; indent: string }): number {
  const after = new RegExp(`\\n(?!${indent}(?: |-[ \\r\\n]))(?![ \\t]*(?:#|\\r?\\n|$))`, 'g');
  after.lastIndex = from;
  const found = after.exec(text);
  return found ? found.index + 1 : text.length;
}

/** Where an entry begins next, no scalar going on there: a line that is indented no further ends all that is open. */
function nextEntry(
  text: string,
  { from, indent, end }: { from: number; indent: string; end: number },
): number {
  const entry = new RegExp(`\\n(?=${indent}-[ \\r\\n])`, 'g');
  entry.lastIndex = from;
  const found = from < end ? entry.exec(text) : null;
  return found ? Math.min(found.index + 1, end) : end;
}

/** Reads pieces of one text, as long as nothing is wrong with them. */
class PieceReader {
  #size = 0;

  /** The fields of a map that stands in the first column. */
  fields(text: string): object | null {
    const { node, value } = this.#read(text);
    if (node === null && value === null) return {};
    return isMap(node) && !node.flow && isInFirstColumn(node, text) ? (value as object) : null;
  }

  /** The entries of a list. */
  entries(text: string): readonly unknown[] | null {
    const { node, value } = this.#read(text);
    return isSeq(node) && !node.flow ? (value as readonly unknown[]) : null;
  }

  /** The value is undefined where something is wrong. */
  #read(text: string): { node: Node | null; value: unknown } {
    const yaml = parseYaml(text);
    const node = yaml.contents as Node | null;
    if (yaml.errors.length + yaml.warnings.length > 0 || isMarked(node))
      return { node: null, value: undefined };
    const { value, findings, readable, size } = readValue(yaml, { text, lines: new Lines(text) });
    this.#size += size;
    const isSound = readable && findings.length === 0 && this.#size <= MOST_VALUES;
    return isSound ? { node, value } : { node: null, value: undefined };
  }
}

/** Whether an anchor or a tag stands before it, which would be one of the whole list. */
function isMarked(node: Node | null): boolean {
  return Boolean((node as { anchor?: string } | null)?.anchor ?? node?.tag);
}

/** Whether more fields may follow after the last one, as of the same map. */
function isInFirstColumn({ items }: YAMLMap, text: string): boolean {
  return items.every(({ key }) => {
    const at = isScalar(key) && key.value !== '<<' ? key.range?.[0] : undefined;
    return at !== undefined && (at === 0 || text[at - 1] === '\n');
  });
}
