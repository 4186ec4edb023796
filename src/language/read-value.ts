import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import { formatNumber } from '../base/units.js';
import type { Finding, Lines, SpannedFinding } from './diagnostic.js';
import { textWarnings } from './text-warnings.js';

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

/** Fields whose texts are not sent: words for people, and names of files, which are found or not. */
const UNSENT_FIELDS = new Set([
  'title',
  'notes',
  'ignore',
  'include',
  'each',
  'start_image',
  'end_image',
  'frontal_image',
  'reference_images',
  'video',
]);

/** Maps whose keys are names and not fields. */
const OWN_NAMES = new Set(['vars', 'elements', 'scenes', 'profiles']);

/** A text that may need a warning: one with a backslash, or with more than printable ASCII. */
const SUSPECT = /[^\t\n\r -[\]-~]/;

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
  /** Findings about texts that are sent only if an alias sends them. */
  readonly unsent: Set<SpannedFinding>;
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
  /** False inside a field that is not sent; an alias may send its anchors. */
  #isSent = true;
  /** True directly inside a map whose keys are names that the writer chose. */
  #hasOwnNames = false;
  readonly #textFindings = new Set<SpannedFinding>();
  /** Anchors around the value that is read, the outermost first. */
  readonly #around: Anchored[] = [];

  constructor(text: string, lines: Lines) {
    this.#text = text;
    this.#lines = lines;
  }

  findings(): readonly SpannedFinding[] {
    const unused = [...this.#anchors.values()].filter(({ isUsed }) => !isUsed);
    return [...this.#findings, ...this.#textFindings, ...unused.flatMap(({ warnings }) => warnings)];
  }

  readNode(node: unknown): unknown {
    this.#size += 1;
    if (this.#size > MOST_VALUES) this.#refuse(node as Node, tooManyValues());
    if (!this.isReadable) return undefined;
    if (isAlias(node)) return this.#alias(node);
    const anchor = (node as { anchor?: string } | null)?.anchor;
    if (!anchor) return this.#content(node);
    const anchored: Anchored = { node: node as Node, warnings: [], unsent: new Set() };
    this.#anchors.set(anchor, anchored);
    const before = this.#size - 1;
    this.#around.push(anchored);
    anchored.value = this.#content(node);
    this.#around.pop();
    anchored.size = this.#size - before;
    return anchored.value;
  }

  #content(node: unknown): unknown {
    if (isScalar(node)) {
      this.#checkText(node);
      return node.type === 'BLOCK_FOLDED' ? this.#folded(node) : node.value;
    }
    if (isMap(node)) return this.#map(node);
    if (isSeq(node)) return node.items.map((item) => this.readNode(item));
    return null;
  }

  #checkText({ value, range, type }: Scalar): void {
    if (typeof value !== 'string' || !range || !SUSPECT.test(value)) return;
    const isBlock = type === 'BLOCK_LITERAL' || type === 'BLOCK_FOLDED';
    // A comment may follow the sign of a block.
    const from = isBlock ? this.#text.indexOf('\n', range[0]) : range[0];
    const writing = type === 'QUOTE_DOUBLE' ? 'double-quoted' : 'yaml';
    for (const warning of textWarnings(this.#text.slice(from, range[1]), writing))
      this.#warnIfSent({ ...warning, from: from + warning.from, to: from + warning.to });
  }

  /** Text of a folded block without the blanks at the ends of its lines: folding would put them between two words. */
  #folded({ value, range }: Scalar): unknown {
    const [header = '', ...lines] = this.#text.slice(range?.[0], range?.[1]).split(/\r?\n/);
    const trimmed = lines.map((line) => line.trimEnd());
    // A digit in the header counts the indent from a line that is not here.
    if (/^.\S*\d/.test(header) || lines.every((line, index) => line === trimmed[index])) return value;
    const { contents, errors } = parseDocument(`text: ${[header, ...trimmed].join('\n')}`);
    // A file that is one text need not indent it; it is no list.
    return errors.length === 0 && isMap(contents) ? contents.get('text') : value;
  }

  #warnIfSent(warning: SpannedFinding): void {
    if (this.#isSent) this.#textFindings.add(warning);
    else for (const { unsent } of this.#around) unsent.add(warning);
  }

  #alias(alias: Alias): unknown {
    const anchored = this.#anchors.get(alias.source);
    if (!anchored) {
      this.#refuse(alias, unknownAnchor(alias.source));
    } else if (anchored.size === undefined) {
      this.#refuse(alias, insideItself(alias.source));
    } else {
      anchored.isUsed = true;
      for (const warning of anchored.unsent) this.#warnIfSent(warning);
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
      this.#anchors.set(key.anchor, { node: key, value: name, size: 1, warnings: [], unsent: new Set() });
    }
    if (this.#inInput) return this.readNode(value);
    const [isSent, hasOwnNames] = [this.#isSent, this.#hasOwnNames];
    this.#inInput = name === 'input';
    this.#isSent = isSent && (hasOwnNames || !(UNSENT_FIELDS.has(name) || name.startsWith('x-')));
    this.#hasOwnNames = !hasOwnNames && OWN_NAMES.has(name);
    const read = this.readNode(value);
    this.#inInput = false;
    this.#isSent = isSent;
    this.#hasOwnNames = hasOwnNames;
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
