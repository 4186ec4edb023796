import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import { requestFinding } from './advice.js';
import { type Diagnostic, type Finding, Lines, type Path, type Range, toDiagnostic } from './diagnostic.js';
import { isMergeKey, keyOf, readValue } from './read-value.js';
import { explainYaml } from './yaml-errors.js';

/** The text of one file. */
export interface Source {
  /** The path as the user named it. */
  readonly file: string;
  /** Absolute path, links resolved: the paths in a list start from the folder of the real file. */
  readonly path: string;
  readonly text: string;
  /** SHA-256 of the file's bytes, 64 hex digits. */
  readonly sha256: string;
}

/** A parsed file: its plain value, with the place of each part in the text. */
export interface ListDocument {
  readonly source: Source;
  readonly value: unknown;
  /** Makes a diagnostic about the value at `path`, or about its nearest existing parent. */
  diagnosticAt(path: Path, finding: Finding): Diagnostic;
}

/** One of the files that a list is made of. */
export interface ListFile {
  readonly document: ListDocument;
  /** Absolute path of the folder that its paths start from. */
  readonly folder: string;
  /** True for the list itself, false for a file that it includes. */
  readonly isMain: boolean;
}

/** A place in one of the files that a list is made of. */
export interface Place {
  readonly document: ListDocument;
  readonly path: Path;
}

/** A finding with its place as a path. */
export interface PlacedFinding extends Finding {
  readonly place: Place;
  /** Ignores of the shot that it is about; left out if it is about no single shot. */
  readonly ignores?: readonly Ignore[];
}

/** A code that an `ignore` of the list names. */
export interface Ignore {
  readonly code: string;
  /** Place of the code. */
  readonly place: Place;
  /** Place of the part that it holds for, which is the map with the `ignore`; null for all files. */
  readonly scope: Place | null;
}

/** The place of a value inside another. */
export function inside({ document, path }: Place, ...keys: Path): Place {
  return { document, path: [...path, ...keys] };
}

/** The finding as a diagnostic, with lines and columns. */
export function diagnose({ place: { document, path }, ignores: _, ...finding }: PlacedFinding): Diagnostic {
  return document.diagnosticAt(path, finding);
}

/** Parses text as YAML 1.2, every key as text; its errors and warnings are in the result. */
export function parseYaml(text: string): Document.Parsed {
  return parseDocument(text, {
    version: '1.2',
    stringKeys: true,
    // `readValue` finds repeated keys, in less time, and follows merge keys and aliases.
    uniqueKeys: false,
    resolveKnownTags: false,
    prettyErrors: false,
    logLevel: 'error',
  });
}

/** Nesting in one line that no person writes; the parser takes all memory for a thousand levels of it. */
const TOO_DEEP = /(?:[-?:][ \t]+){100}/;

/** Result of parsing; an unreadable text has no document, and the diagnostics say why. */
export interface Parsed {
  readonly document?: ListDocument;
  readonly diagnostics: readonly Diagnostic[];
}

/** Parses one file of a shot list: YAML 1.2 with merge keys. */
export function parse(source: Source): Parsed {
  const lines = new Lines(source.text);
  const tooDeep = (from: number): Parsed => {
    const message = 'from this line on, the file is nested too deeply';
    const range = lines.restOfLine(lines.startOf(lines.lineOf(from)));
    return { diagnostics: [toDiagnostic(range, source.file, { code: 'SL009', message })] };
  };
  const deep = source.text.search(TOO_DEEP);
  if (deep >= 0) return tooDeep(deep);
  try {
    return parseLines(source, lines);
  } catch (error) {
    // The depth at which the parser's stack overflows depends on the machine.
    if (error instanceof RangeError) return tooDeep(0);
    throw error;
  }
}

function parseLines(source: Source, lines: Lines): Parsed {
  const { text } = source;
  const request = requestFinding(text, source.file);
  if (request) return { diagnostics: [toDiagnostic(lines.restOfLine(0), source.file, request)] };
  const yaml = parseYaml(text);
  const isWellFormed =
    yaml.errors.length + yaml.warnings.length === 0 && yaml.directives.yaml.version === '1.2';
  const { value, findings, isReadable, targets } = isWellFormed
    ? readValue(yaml, { text, lines })
    : { value: null, findings: explainYaml(yaml, { text, lines }), isReadable: false, targets: new Map() };
  const diagnostics = findings.map((each) =>
    toDiagnostic(lines.range(each.from, each.to), source.file, each),
  );
  if (!isReadable) return { diagnostics };
  return { document: new YamlDocument(value, { source, yaml, lines, targets }), diagnostics };
}

interface Origin {
  readonly source: Source;
  readonly yaml: Document;
  readonly lines: Lines;
  /** Node that each alias stands for. */
  readonly targets: ReadonlyMap<Alias, Node>;
}

class YamlDocument implements ListDocument {
  readonly source: Source;
  readonly value: unknown;
  readonly #origin: Origin;
  /** Pairs of each visited map, by name. */
  readonly #pairs = new Map<YAMLMap, ReadonlyMap<string, Pair>>();

  constructor(value: unknown, origin: Origin) {
    this.source = origin.source;
    this.value = value;
    this.#origin = origin;
  }

  diagnosticAt(path: Path, finding: Finding): Diagnostic {
    return toDiagnostic(this.#rangeOf(path, finding), this.source.file, finding);
  }

  #rangeOf(path: Path, { about = 'value', part }: Finding): Range {
    const { lines } = this.#origin;
    const { text } = this.source;
    const { node, pair } = this.#follow(path);
    const target = about === 'key' || !hasText(node) ? (pair?.key ?? node) : node;
    const [from, to] = (target as Node | null)?.range ?? [0, 1];
    if (about === 'missing') return lines.restOfLine(from);
    const written = text.slice(from, to);
    const at = part === undefined ? -1 : indexOfName(written, part);
    // YAML counts the line breaks after a value to it.
    if (part === undefined || at < 0) return lines.range(from, from + written.trimEnd().length);
    return lines.range(from + at, from + at + part.length);
  }

  /** The last existing node on a path, and the pair whose value it is, if any. */
  #follow(path: Path): { node: unknown; pair: Pair | undefined } {
    let node: unknown = this.#origin.yaml.contents;
    let pair: Pair | undefined;
    for (const key of path) {
      const parent = this.#resolve(node);
      if (isMap(parent)) {
        const next = this.#pair(parent, String(key));
        if (!next) break;
        pair = next;
        node = next.value;
      } else if (isSeq(parent) && parent.items[Number(key)] !== undefined) {
        pair = undefined;
        node = parent.items[Number(key)];
      } else break;
    }
    return { node, pair };
  }

  /** The pair of that name in the map itself, otherwise in the maps that it merges. */
  #pair(map: YAMLMap, name: string): Pair | undefined {
    let pairs = this.#pairs.get(map);
    if (!pairs) {
      // `readValue` takes the first of two equal names.
      pairs = new Map(map.items.map((pair): [string, Pair] => [keyOf(pair), pair]).reverse());
      this.#pairs.set(map, pairs);
    }
    const own = pairs.get(name);
    if (own) return own;
    const merge = pairs.get('<<');
    if (!merge || !isMergeKey(merge)) return undefined;
    const merged = this.#resolve(merge.value);
    for (const item of isSeq(merged) ? merged.items : [merged]) {
      const map = this.#resolve(item);
      const found = isMap(map) ? this.#pair(map, name) : undefined;
      if (found) return found;
    }
    return undefined;
  }

  #resolve(node: unknown): unknown {
    return isAlias(node) ? this.#origin.targets.get(node) : node;
  }
}

/** False for an empty value: its key is pointed at instead. */
function hasText(node: unknown): boolean {
  const range = (node as Node | null)?.range;
  return range ? range[1] > range[0] : false;
}

/** Index of a `@name` or a `${name}` in a text, -1 if it is not there; `@he` is not in `@hero`. */
function indexOfName(text: string, name: string): number {
  const continues = name.startsWith('@') ? /[A-Za-z0-9_-]/ : /[^\s\S]/;
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    if (!continues.test(text.charAt(at + name.length))) return at;
  }
  return -1;
}
