import { type Alias, type Document, isAlias, isMap, isNode, isSeq, type Node } from 'yaml';
import type { SpannedFinding } from './as-written.js';
import type { Finding } from './finding.js';

/** Most values that a file may hold once its aliases are expanded; a list of 100,000 shots has about a million. */
const MOST = 2_000_000;

/**
 * What is wrong with the document's aliases, if anything: one without an anchor, one inside its own anchor,
 * or so many that the file expands to more than two million values ("billion laughs"). Counts without expanding.
 */
export function aliasProblem(yaml: Document): SpannedFinding | undefined {
  const counter = new Counter();
  counter.count(yaml.contents);
  return counter.problem;
}

class Counter {
  problem: SpannedFinding | undefined;
  /** Values under each anchor seen so far; undefined while its own content is being counted. */
  readonly #sizes = new Map<string, number | undefined>();

  /** How many values the node expands to, itself included. */
  count(node: unknown): number {
    if (this.problem) return 0;
    if (isAlias(node)) return this.#countAlias(node);
    const anchor = isNode(node) && 'anchor' in node ? node.anchor : undefined;
    if (anchor) this.#sizes.set(anchor, undefined);
    let total = 1;
    for (const child of childrenOf(node)) total += this.count(child);
    if (anchor) this.#sizes.set(anchor, total);
    if (total > MOST) this.#refuse(node as Node, tooMuch());
    return total;
  }

  #countAlias(alias: Alias): number {
    if (!this.#sizes.has(alias.source)) this.#refuse(alias, unknownAnchor(alias.source));
    const size = this.#sizes.get(alias.source);
    if (size === undefined) this.#refuse(alias, insideItself(alias.source));
    return size ?? 0;
  }

  #refuse(node: Node, finding: Finding): void {
    const [from, to] = node.range ?? [0, 1];
    this.problem ??= { ...finding, from, to };
  }
}

function childrenOf(node: unknown): readonly unknown[] {
  if (isSeq(node)) return node.items;
  return isMap(node) ? node.items.map(({ value }) => value) : [];
}

function unknownAnchor(name: string): Finding {
  return {
    code: 'SL006',
    message: `the alias \`*${name}\` has no anchor \`&${name}\` before it`,
    hint: 'text that begins with * goes in quotes',
  };
}

function insideItself(name: string): Finding {
  return { code: 'SL008', message: `the alias \`*${name}\` stands inside \`&${name}\` itself` };
}

function tooMuch(): Finding {
  return {
    code: 'SL008',
    message: `with its aliases expanded, this holds more than ${MOST.toLocaleString('en-US')} values`,
    hint: 'write fewer aliases of aliases',
  };
}
