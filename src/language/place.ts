import { type Alias, type Document, isAlias, isMap, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import type { Range } from './diagnostic.js';
import type { Finding, Path } from './finding.js';
import type { Lines } from './lines.js';
import { isMergeKey, nameOf } from './read-value.js';

/** Finds the stretch of text that a finding is about. */
export class Places {
  readonly #yaml: Document;
  readonly #text: string;
  readonly #lines: Lines;
  readonly #targets: ReadonlyMap<Alias, Node>;
  /** Each map's own pairs by name, for the maps that were looked into. */
  readonly #pairs = new Map<YAMLMap, ReadonlyMap<string, Pair>>();

  constructor(
    yaml: Document,
    { text, lines, targets }: { text: string; lines: Lines; targets: ReadonlyMap<Alias, Node> },
  ) {
    this.#yaml = yaml;
    this.#text = text;
    this.#lines = lines;
    this.#targets = targets;
  }

  /** Where `path` leads, or the nearest thing above it that is there. */
  find(path: Path, { about = 'value', part }: Pick<Finding, 'about' | 'part'>): Range {
    const { node, pair } = this.#follow(path);
    const target = about === 'key' || !hasText(node) ? (pair?.key ?? node) : node;
    const [from, to] = (target as Node | null)?.range ?? [0, 1];
    if (about === 'missing') return this.#lines.restOfLine(from);
    const at = part === undefined ? -1 : indexOfName(this.#text.slice(from, to), part);
    return at < 0
      ? this.#lines.range(from, trimmed(this.#text, { from, to }))
      : this.#lines.range(from + at, from + at + (part as string).length);
  }

  /** Where a path leads as far as it goes, and the pair whose value that is, if it is one. */
  #follow(path: Path): { node: unknown; pair: Pair | undefined } {
    let node: unknown = this.#yaml.contents;
    let pair: Pair | undefined;
    for (const key of path) {
      const inside = this.#resolve(node);
      if (isMap(inside)) {
        const next = this.#pair(inside, String(key));
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

  /** The pair of that name in the map itself, else in what it merges. */
  #pair(map: YAMLMap, name: string): Pair | undefined {
    let pairs = this.#pairs.get(map);
    if (!pairs) {
      // Of a name that stands twice, the first is the one that was read.
      pairs = new Map(map.items.map((pair): [string, Pair] => [nameOf(pair), pair]).reverse());
      this.#pairs.set(map, pairs);
    }
    const own = pairs.get(name);
    if (own) return own;
    const merge = pairs.get('<<');
    if (!merge || !isMergeKey(merge)) return undefined;
    const merged = this.#resolve(merge.value);
    for (const item of isSeq(merged) ? merged.items : [merged]) {
      const source = this.#resolve(item);
      const found = isMap(source) ? this.#pair(source, name) : undefined;
      if (found) return found;
    }
    return undefined;
  }

  #resolve(node: unknown): unknown {
    return isAlias(node) ? this.#targets.get(node) : node;
  }
}

/** An empty value has no text to point at; its key does. */
function hasText(node: unknown): boolean {
  const range = (node as Node | null)?.range;
  return range ? range[1] > range[0] : false;
}

/** Where a stretch ends without the line breaks that YAML counts to it. */
function trimmed(text: string, { from, to }: { from: number; to: number }): number {
  return from + text.slice(from, to).trimEnd().length;
}

/** Where a `@name` or a `${name}` stands in a text; `@he` does not stand in `@hero`. */
function indexOfName(text: string, name: string): number {
  const goesOn = name.startsWith('@') ? /[A-Za-z0-9_-]/ : /[^\s\S]/;
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    if (!goesOn.test(text.charAt(at + name.length))) return at;
  }
  return -1;
}
