import type { SpannedFinding } from './as-written.js';
import type { Diagnostic, Range } from './diagnostic.js';
import type { Finding, Path } from './finding.js';
import { Lines } from './lines.js';
import { parseYaml } from './parse-yaml.js';
import { Places } from './place.js';
import { readInPieces } from './read-in-pieces.js';
import { readValue } from './read-value.js';
import type { Source } from './source.js';
import { explainYaml } from './yaml-help.js';

/** A parsed shot list: its plain value, and where each part of it stands in the text. */
export interface ListDocument {
  readonly source: Source;
  readonly value: unknown;
  /** Makes a diagnostic about the place at `path`, or about the nearest place above it that exists. */
  at(path: Path, finding: Finding): Diagnostic;
}

/** A place in one of the files that a list is made of. */
export interface Place {
  readonly document: ListDocument;
  readonly path: Path;
}

/** A finding whose place is yet to be looked up. */
export interface PlacedFinding extends Finding {
  readonly place: Place;
}

/** A place further down. */
export function inside({ document, path }: Place, ...keys: Path): Place {
  return { document, path: [...path, ...keys] };
}

/** The finding as a diagnostic, with lines and columns. */
export function diagnose({ place: { document, path }, ...finding }: PlacedFinding): Diagnostic {
  return document.at(path, finding);
}

/** What parsing came to. */
interface Parsed {
  readonly document?: ListDocument;
  readonly diagnostics: readonly Diagnostic[];
}

/** Parses YAML 1.2 with merge keys. What cannot be read is told in the diagnostics, and there is no document. */
export function parse(source: Source): Parsed {
  const lines = new Lines(source.text);
  const tooDeep = (from: number): Parsed => {
    const message = 'from this line on, the file is nested too deeply';
    const range = lines.restOfLine(lines.startOf(lines.lineOf(from)));
    return { diagnostics: [{ code: 'SL009', severity: 'error', message, file: source.file, ...range }] };
  };
  const bottomless = source.text.search(BOTTOMLESS);
  if (bottomless >= 0) return tooDeep(bottomless);
  try {
    return parseLines(source, lines);
  } catch (error) {
    // The parser tells most files of that kind itself; how deep is too deep depends on the machine's stack.
    if (error instanceof RangeError) return tooDeep(0);
    throw error;
  }
}

/** Lists in lists in one line, deeper than anybody writes: the parser takes all memory for a thousand of them. */
const BOTTOMLESS = /(?:[-?:][ \t]+){100}/;

function parseLines(source: Source, lines: Lines): Parsed {
  const { file, text } = source;
  const spread = (range: Range, { code, severity = 'error', message, hint }: Finding): Diagnostic => {
    return { code, severity, message, file, ...range, ...(hint !== undefined && { hint }) };
  };
  const documentOf = (value: unknown, places: () => Places): ListDocument => {
    return { source, value, at: (path, finding) => spread(places().find(path, finding), finding) };
  };
  const inPieces = readInPieces(text);
  // Parsed as a whole only where a place is asked for, which a sound list never does.
  if (inPieces)
    return {
      document: documentOf(
        inPieces,
        once(() => placesOf(text, lines)),
      ),
      diagnostics: [],
    };

  const yaml = parseYaml(text);
  const spanned = (finding: SpannedFinding) => spread(lines.range(finding.from, finding.to), finding);
  const broken = explainYaml(yaml, { text, lines });
  if (broken.length > 0) return { diagnostics: broken.map(spanned) };
  const { value, findings, readable, targets } = readValue(yaml, { text, lines });
  const diagnostics = findings.map(spanned);
  if (!readable) return { diagnostics };
  const places = new Places(yaml, { text, lines, targets });
  return { document: documentOf(value, () => places), diagnostics };
}

function placesOf(text: string, lines: Lines): Places {
  const yaml = parseYaml(text);
  return new Places(yaml, { text, lines, targets: readValue(yaml, { text, lines }).targets });
}

function once<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
