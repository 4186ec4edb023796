import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import { formatNumber } from '../base/units.js';
import type { Finding, Lines, SpannedFinding } from './diagnostic.js';

/** The plain value of a document, aliases and merge keys followed. */
export interface ReadValue {
  readonly value: unknown;
  readonly findings: readonly SpannedFinding[];
  /** False if a mistake leaves no value to check further. */
  readonly isReadable: boolean;
  /** Node that each alias stands for. */
  readonly targets: ReadonlyMap<Alias, Node>;
}

/** Most values that a file may hold once its aliases are expanded; a list of 100,000 shots has about a million. */
const MOST_VALUES = 2_000_000;

/** Fields read as they are written: a plain `0010` is not the number ten. */
const VERBATIM_FIELDS = new Set(['id', 'scene', 'approved', 'title', 'notes']);

/** Fields whose plain text may lose a part that YAML reads as syntax. */
const TEXT_FIELDS = new Set(['prompt', 'negative_prompt', 'look']);

/**
 * The plain value of a document, in one walk: an alias shares its target's value, a map takes in the maps it merges.
 * Findings are mistakes that YAML allows: repeated keys, aliases without an anchor, texts of which YAML reads a part as
 * syntax.
 */
export function readValue(yaml: Document, { text, lines }: { text: string; lines: Lines }): ReadValue {
  const reader = new ValueReader(text, lines);
  const value = reader.readNode(yaml.contents);
  const { isReadable, targets } = reader;
  return { value, findings: reader.findings(), isReadable, targets };
}

interface Anchored {
  readonly node: Node;
  value?: unknown;
  /** Number of values in it, itself included; undefined until it is read. */
  size?: number;
  isUsed?: boolean;
  /** Findings to report if no alias uses the anchor. */
  readonly warnings: SpannedFinding[];
}

class ValueReader {
  isReadable = true;
  readonly targets = new Map<Alias, Node>();
  readonly #text: string;
  readonly #lines: Lines;
  readonly #findings: SpannedFinding[] = [];
  readonly #anchors = new Map<string, Anchored>();
  /** Number of values read, aliases expanded. */
  #size = 0;
  /** True inside a model's own input, whose field `id` is not a shot's. */
  #inInput = false;

  constructor(text: string, lines: Lines) {
    this.#text = text;
    this.#lines = lines;
  }

  findings(): readonly SpannedFinding[] {
    const unused = [...this.#anchors.values()].filter(({ isUsed }) => !isUsed);
    return [...this.#findings, ...unused.flatMap(({ warnings }) => warnings)];
  }

  readNode(node: unknown): unknown {
    this.#size += 1;
    if (this.#size > MOST_VALUES) this.#refuse(node as Node, tooManyValues());
    if (!this.isReadable) return undefined;
    if (isAlias(node)) return this.#alias(node);
    const anchor = (node as { anchor?: string } | null)?.anchor;
    if (!anchor) return this.#content(node);
    const anchored: Anchored = { node: node as Node, warnings: [] };
    this.#anchors.set(anchor, anchored);
    const before = this.#size - 1;
    anchored.value = this.#content(node);
    anchored.size = this.#size - before;
    return anchored.value;
  }

  #content(node: unknown): unknown {
    if (isScalar(node)) return node.value;
    if (isMap(node)) return this.#map(node);
    if (isSeq(node)) return node.items.map((item) => this.readNode(item));
    return null;
  }

  #alias(alias: Alias): unknown {
    const anchored = this.#anchors.get(alias.source);
    if (!anchored) {
      this.#refuse(alias, unknownAnchor(alias.source));
    } else if (anchored.size === undefined) {
      this.#refuse(alias, insideItself(alias.source));
    } else {
      anchored.isUsed = true;
      this.targets.set(alias, anchored.node);
      this.#size += anchored.size - 1;
    }
    return anchored?.value;
  }

  #map(map: YAMLMap): object {
    const value = {};
    let merged: readonly unknown[] | undefined;
    for (const pair of map.items) {
      const name = keyOf(pair);
      if (isMergeKey(pair)) {
        if (merged) this.#report(pair.key as Node, mergedTwice());
        merged ??= this.#mergedMaps(pair);
      } else if (Object.hasOwn(value, name)) {
        this.#report(pair.key as Node, this.#repeatedKey(map, name));
      } else {
        setProperty(value, name, this.#field(pair, name));
      }
    }
    // The map's own fields win over merged ones; of merged maps, the first wins.
    for (const other of merged ?? []) {
      for (const [name, part] of Object.entries(other as object)) {
        if (!Object.hasOwn(value, name)) setProperty(value, name, part);
      }
    }
    return value;
  }

  #field({ key, value }: Pair, name: string): unknown {
    if (isScalar(key) && key.anchor) {
      this.#anchors.set(key.anchor, { node: key, value: name, size: 1, warnings: [] });
    }
    if (this.#inInput) return this.readNode(value);
    this.#inInput = name === 'input';
    const read = this.readNode(value);
    this.#inInput = false;
    if (!isScalar(value)) return read;
    for (const { anchor, ...warning } of warningsAbout(value, { field: name, text: this.#text })) {
      const target = anchor === undefined ? this.#findings : this.#anchors.get(anchor)?.warnings;
      target?.push(warning);
    }
    return VERBATIM_FIELDS.has(name) && value.type === 'PLAIN' && read !== null ? value.source : read;
  }

  #mergedMaps({ key, value: node }: Pair): readonly unknown[] {
    const value = this.readNode(node);
    const maps = Array.isArray(value) ? value : [value];
    if (maps.every((map) => typeof map === 'object' && map !== null && !Array.isArray(map))) return maps;
    const [from, to] = (node as Node).range ?? [0, 0];
    this.#refuse((to > from ? node : key) as Node, notMergeable());
    return [];
  }

  #repeatedKey(map: YAMLMap, name: string): Finding {
    const first = map.items.find((pair) => keyOf(pair) === name)?.key as Node;
    const line = this.#lines.lineOf(first.range?.[0] ?? 0);
    return {
      code: 'SL007',
      message: `\`${name}\` is repeated here; the first is in line ${line}`,
      hint: 'keep one of them',
    };
  }

  #report(node: Node, finding: Finding): void {
    const [from, to] = node.range ?? [0, 1];
    this.#findings.push({ ...finding, from, to });
  }

  #refuse(node: Node, finding: Finding): void {
    if (this.isReadable) this.#report(node, finding);
    this.isReadable = false;
  }
}

/** The key of a pair; keys are always text here. */
export function keyOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : '';
}

/** True if a pair merges other maps; `"<<"` in quotes is an ordinary key. */
export function isMergeKey({ key }: Pair): boolean {
  return isScalar(key) && key.value === '<<' && key.type === 'PLAIN';
}

/** Sets a property whose name may be `__proto__`. */
function setProperty(object: object, name: string, value: unknown): void {
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
  return { code: 'SL008', message: `the alias \`*${name}\` is inside \`&${name}\` itself` };
}

function tooManyValues(): Finding {
  return {
    code: 'SL008',
    message: `with its aliases expanded, the file holds more than ${formatNumber(MOST_VALUES)} values`,
    hint: 'write fewer aliases of aliases',
  };
}

function mergedTwice(): Finding {
  return {
    code: 'SL007',
    message: '`<<` is repeated here',
    hint: 'merge several maps with one: `<<: [*one, *other]`',
  };
}

function notMergeable(): Finding {
  return {
    code: 'SL006',
    message: '`<<` takes in the fields of another map; this is not a map',
    hint: 'write `<<: *name`, and `&name` before the map to take in',
  };
}

/**
 * Warnings that YAML may have read part of a text as syntax: a comment right after it, an anchor or a tag before it.
 * The warning about an anchor has its name: it is dropped if an alias uses the anchor.
 */
function warningsAbout(
  scalar: Scalar,
  { field, text }: { field: string; text: string },
): readonly (SpannedFinding & { readonly anchor?: string })[] {
  if (!TEXT_FIELDS.has(field) || scalar.type !== 'PLAIN' || !scalar.range) return [];
  const warnings: (SpannedFinding & { anchor?: string })[] = [];
  if (scalar.comment) warnings.push(...commentAfter(scalar, { field, text }));
  if (scalar.anchor) {
    warnings.push({
      ...indicatorBefore(scalar, { indicator: `&${scalar.anchor}`, text }),
      anchor: scalar.anchor,
    });
  }
  if (scalar.tag === '!') warnings.push(indicatorBefore(scalar, { indicator: '!', text }));
  return warnings;
}

function commentAfter(
  scalar: Scalar,
  { field, text }: { field: string; text: string },
): readonly SpannedFinding[] {
  const [, end, next] = scalar.range as [number, number, number];
  const sameLine = /^[^\r\n]*/.exec(text.slice(end, next))?.[0] ?? '';
  const hash = sameLine.indexOf('#');
  if (hash < 0) return [];
  const message = `\`${field}\` ends here: YAML reads the rest of the line as a comment`;
  const hint = `if it belongs to the ${field.replace('_', ' ')}, put the whole text in quotes`;
  return [{ from: end + hash, to: end + sameLine.length, code: 'SL010', severity: 'warning', message, hint }];
}

function indicatorBefore(
  scalar: Scalar,
  { indicator, text }: { indicator: string; text: string },
): SpannedFinding {
  const from = text.lastIndexOf(indicator, scalar.range?.[0]);
  return {
    from,
    to: from + indicator.length,
    code: 'SL011',
    severity: 'warning',
    message: `\`${indicator}\` is not sent: YAML reads it as syntax`,
    hint: 'if it belongs to the text, put the whole text in quotes',
  };
}
