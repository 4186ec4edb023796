import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';
import { formatNumber } from '../base/units.js';
import { doubtsOf, isNamed, type SpannedFinding } from './as-written.js';
import type { Finding } from './finding.js';
import type { Lines } from './lines.js';

/** What a document says once aliases and merge keys are followed. */
export interface ReadValue {
  readonly value: unknown;
  readonly findings: readonly SpannedFinding[];
  /** False where what is wrong leaves nothing sound to look at. */
  readonly readable: boolean;
  /** What each alias stands for. */
  readonly targets: ReadonlyMap<Alias, Node>;
  /** How many values it is, aliases expanded. */
  readonly size: number;
}

/** Most values that a file may hold once its aliases are expanded; a list of 100,000 shots has about a million. */
export const MOST_VALUES = 2_000_000;

/**
 * The plain value of a document, in one walk: aliases share what they stand for, maps take in what they merge, names
 * are kept as they are written. What YAML lets pass and a reader would not is found on the way: keys that stand
 * twice, aliases that lead nowhere, texts that lose a part to YAML's own signs.
 */
export function readValue(yaml: Document, { text, lines }: { text: string; lines: Lines }): ReadValue {
  const reader = new Reader(text, lines);
  const value = reader.read(yaml.contents);
  const { readable, targets, size } = reader;
  return { value, findings: reader.findings(), readable, targets, size };
}

interface Anchored {
  readonly node: Node;
  value?: unknown;
  /** Values under it, itself included; undefined while it is being read. */
  size?: number;
  used?: boolean;
  /** Said if no alias uses it. */
  readonly doubts: SpannedFinding[];
}

class Reader {
  readable = true;
  readonly targets = new Map<Alias, Node>();
  readonly #text: string;
  readonly #lines: Lines;
  readonly #findings: SpannedFinding[] = [];
  readonly #anchors = new Map<string, Anchored>();
  /** Values read so far, aliases expanded. */
  size = 0;
  /** Whether we are inside a model's own input, where a field called `id` is the model's business. */
  #inInput = false;

  constructor(text: string, lines: Lines) {
    this.#text = text;
    this.#lines = lines;
  }

  findings(): readonly SpannedFinding[] {
    const unused = [...this.#anchors.values()].filter(({ used }) => !used);
    return [...this.#findings, ...unused.flatMap(({ doubts }) => doubts)];
  }

  read(node: unknown): unknown {
    this.size += 1;
    if (this.size > MOST_VALUES) this.#refuse(node as Node, tooMuch());
    if (!this.readable) return undefined;
    if (isAlias(node)) return this.#alias(node);
    const anchor = (node as { anchor?: string } | null)?.anchor;
    if (!anchor) return this.#content(node);
    const anchored: Anchored = { node: node as Node, doubts: [] };
    this.#anchors.set(anchor, anchored);
    const before = this.size - 1;
    anchored.value = this.#content(node);
    anchored.size = this.size - before;
    return anchored.value;
  }

  #content(node: unknown): unknown {
    if (isScalar(node)) return node.value;
    if (isMap(node)) return this.#map(node);
    if (isSeq(node)) return node.items.map((item) => this.read(item));
    return null;
  }

  #alias(alias: Alias): unknown {
    const anchored = this.#anchors.get(alias.source);
    if (!anchored) {
      this.#refuse(alias, unknownAnchor(alias.source));
    } else if (anchored.size === undefined) {
      this.#refuse(alias, insideItself(alias.source));
    } else {
      anchored.used = true;
      this.targets.set(alias, anchored.node);
      this.size += anchored.size - 1;
    }
    return anchored?.value;
  }

  #map(map: YAMLMap): object {
    const value = {};
    let merged: readonly unknown[] | undefined;
    for (const pair of map.items) {
      const name = nameOf(pair);
      if (isMergeKey(pair)) {
        if (merged) this.#report(pair.key as Node, mergedTwice());
        merged ??= this.#mergeSources(pair);
      } else if (Object.hasOwn(value, name)) {
        this.#report(pair.key as Node, this.#twice(map, name));
      } else {
        put(value, name, this.#field(pair, name));
      }
    }
    // What stands in the map itself wins over what it merges, and what is merged first over what comes after.
    for (const source of merged ?? []) {
      for (const [name, part] of Object.entries(source as object)) {
        if (!Object.hasOwn(value, name)) put(value, name, part);
      }
    }
    return value;
  }

  #field({ key, value }: Pair, name: string): unknown {
    if (isScalar(key) && key.anchor) {
      this.#anchors.set(key.anchor, { node: key, value: name, size: 1, doubts: [] });
    }
    if (this.#inInput) return this.read(value);
    this.#inInput = name === 'input';
    const read = this.read(value);
    this.#inInput = false;
    if (!isScalar(value)) return read;
    for (const { anchor, ...doubt } of doubtsOf(value, { field: name, text: this.#text })) {
      const place = anchor === undefined ? this.#findings : this.#anchors.get(anchor)?.doubts;
      place?.push(doubt);
    }
    return isNamed(name) && value.type === 'PLAIN' && read !== null ? value.source : read;
  }

  #mergeSources({ key, value: node }: Pair): readonly unknown[] {
    const value = this.read(node);
    const sources = Array.isArray(value) ? value : [value];
    if (sources.every((source) => typeof source === 'object' && source !== null && !Array.isArray(source))) {
      return sources;
    }
    const [from, to] = (node as Node).range ?? [0, 0];
    this.#refuse((to > from ? node : key) as Node, notMergeable());
    return [];
  }

  #twice(map: YAMLMap, name: string): Finding {
    const first = map.items.find((pair) => nameOf(pair) === name)?.key as Node;
    const line = this.#lines.lineOf(first.range?.[0] ?? 0);
    return {
      code: 'SL007',
      message: `\`${name}\` stands here a second time; the first is in line ${line}`,
      hint: 'keep one of them',
    };
  }

  #report(node: Node, finding: Finding): void {
    const [from, to] = node.range ?? [0, 1];
    this.#findings.push({ ...finding, from, to });
  }

  #refuse(node: Node, finding: Finding): void {
    if (this.readable) this.#report(node, finding);
    this.readable = false;
  }
}

/** The name that a pair gives its value; keys are always text here. */
export function nameOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : '';
}

/** Whether a pair merges other maps; `"<<"` in quotes is a name like others. */
export function isMergeKey({ key }: Pair): boolean {
  return isScalar(key) && key.value === '<<' && key.type === 'PLAIN';
}

/** Sets a key that may be called `__proto__`. */
function put(object: object, name: string, value: unknown): void {
  if (name !== '__proto__') (object as Record<string, unknown>)[name] = value;
  else Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
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
    message: `with its aliases expanded, the file holds more than ${formatNumber(MOST_VALUES)} values`,
    hint: 'write fewer aliases of aliases',
  };
}

function mergedTwice(): Finding {
  return {
    code: 'SL007',
    message: '`<<` stands here a second time',
    hint: 'merge several maps with one: `<<: [*one, *other]`',
  };
}

function notMergeable(): Finding {
  return {
    code: 'SL006',
    message: '`<<` takes in the fields of another map, and this is none',
    hint: 'write `<<: *name`, where `&name` stands before the map to take in',
  };
}
