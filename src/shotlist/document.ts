import { parseDocument } from 'yaml';
import type { SpannedFinding } from './as-written.js';
import type { Diagnostic, Range } from './diagnostic.js';
import type { Finding, Path } from './finding.js';
import { Lines } from './lines.js';
import { Places } from './place.js';
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

/** Parses YAML 1.2 with merge keys. What cannot be read is told in the diagnostics, and there is no document. */
export function parse(source: Source): { document?: ListDocument; diagnostics: readonly Diagnostic[] } {
  const { file, text } = source;
  const lines = new Lines(text);
  const spread = (range: Range, { code, severity = 'error', message, hint }: Finding): Diagnostic => {
    return { code, severity, message, file, ...range, ...(hint !== undefined && { hint }) };
  };
  const spanned = (finding: SpannedFinding): Diagnostic =>
    spread(lines.range(finding.from, finding.to), finding);

  const yaml = parseDocument(text, {
    // Keys are names: `010:` is not the number ten. Keys that stand twice are found in `readValue`, where it
    // takes no comparison of each with each; so are merge keys and aliases.
    ...{ version: '1.2', stringKeys: true, uniqueKeys: false, resolveKnownTags: false },
    ...{ prettyErrors: false, logLevel: 'error' },
  });
  const broken = explainYaml(yaml, { text, lines });
  if (broken.length > 0) return { diagnostics: broken.map(spanned) };
  const { value, findings, readable, targets } = readValue(yaml, { text, lines });
  const diagnostics = findings.map(spanned);
  if (!readable) return { diagnostics };
  const places = new Places(yaml, { text, lines, targets });
  const at = (path: Path, finding: Finding) => spread(places.find(path, finding), finding);
  return { document: { source, value, at }, diagnostics };
}
