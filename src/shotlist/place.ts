import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';
import type { Range } from './diagnostic.js';
import type { About, Path } from './finding.js';

/** The stretch of text that holds what `path` leads to, or the nearest thing above it that is there. */
export function placeOf(
  yaml: Document,
  lines: LineCounter,
  { path, about }: { path: Path; about: About },
): Range {
  const { node, pair } = follow(yaml, path);
  const target = about === 'key' || !hasText(node) ? (pair?.key ?? node) : node;
  const [from, to] = (target as Node | null)?.range ?? [0, 1];
  return about === 'missing' ? firstLine(lines, from) : rangeOf(lines, from, to);
}

/** Offsets into the text as lines and columns. */
export function rangeOf(lines: LineCounter, from: number, to: number): Range {
  const start = lines.linePos(from);
  const end = lines.linePos(Math.max(to, from + 1));
  return { line: start.line, column: start.col, endLine: end.line, endColumn: end.col };
}

/** Where a path leads as far as it goes, and the pair whose value that is, if it is one. */
function follow(yaml: Document, path: Path): { node: unknown; pair: Pair | undefined } {
  let node: unknown = yaml.contents;
  let pair: Pair | undefined;
  for (const key of path) {
    const inside = resolve(node, yaml);
    if (isMap(inside)) {
      const next = findPair(inside, { key: String(key), yaml });
      if (!next) break;
      pair = next;
      node = next.value;
    } else if (isSeq(inside) && inside.items[Number(key)] !== undefined) {
      pair = undefined;
      node = inside.items[Number(key)];
    } else break;
  }
  return { node, pair };
}

/** The pair of that key in the map itself, else in what it merges with `<<`. */
function findPair(map: YAMLMap, { key, yaml }: { key: string; yaml: Document }): Pair | undefined {
  const own = map.items.find((pair) => nameOf(pair) === key);
  if (own) return own;
  for (const pair of map.items) {
    if (nameOf(pair) !== '<<') continue;
    const merged = resolve(pair.value, yaml);
    for (const item of isSeq(merged) ? merged.items : [merged]) {
      const source = resolve(item, yaml);
      const found = isMap(source) ? findPair(source, { key, yaml }) : undefined;
      if (found) return found;
    }
  }
  return undefined;
}

function nameOf({ key }: Pair): string | undefined {
  if (!isScalar(key)) return undefined;
  // `yaml` reads the merge key as a symbol.
  return typeof key.value === 'symbol' ? key.value.description : String(key.value);
}

function resolve(node: unknown, yaml: Document): unknown {
  return isAlias(node) ? node.resolve(yaml) : node;
}

/** An empty value has no text to point at; its key does. */
function hasText(node: unknown): boolean {
  const range = (node as Node | null)?.range;
  return range ? range[1] > range[0] : false;
}

/** From `offset` to the end of its line. */
function firstLine(lines: LineCounter, offset: number): Range {
  const { line, col } = lines.linePos(offset);
  const start = lines.lineStarts[line - 1] as number;
  const next = lines.lineStarts[line];
  const endColumn = next === undefined ? col + 1 : Math.max(col + 1, next - start);
  return { line, column: col, endLine: line, endColumn };
}
