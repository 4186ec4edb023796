import { LineCounter, parseDocument } from 'yaml';
import { aliasProblem } from './aliases.js';
import { readAsWritten } from './as-written.js';
import type { Diagnostic, Range } from './diagnostic.js';
import type { Finding, Path } from './finding.js';
import { placeOf, rangeOf } from './place.js';
import type { Source } from './source.js';
import { explainYaml } from './yaml-help.js';

/** A parsed shot list: its plain value, and where each part of it stands in the text. */
export interface ListDocument {
  readonly source: Source;
  readonly value: unknown;
  /** Makes a diagnostic about the place at `path`, or about the nearest place above it that exists. */
  at(path: Path, finding: Finding): Diagnostic;
}

/** Parses YAML 1.2 with merge keys. What cannot be read is told in the diagnostics, and there is no document. */
export function parse(source: Source): { document?: ListDocument; diagnostics: readonly Diagnostic[] } {
  const lines = new LineCounter();
  const diagnose = (range: Range, { code, severity = 'error', message, hint }: Finding): Diagnostic => {
    return { code, severity, message, file: source.file, ...range, ...(hint !== undefined && { hint }) };
  };
  const spanned = (finding: Finding & { from: number; to: number }): Diagnostic =>
    diagnose(rangeOf(lines, finding.from, finding.to), finding);

  const yaml = parseDocument(source.text, {
    // Keys are names: `010:` is not the number ten.
    ...{ version: '1.2', merge: true, stringKeys: true },
    ...{ lineCounter: lines, prettyErrors: false, logLevel: 'error' },
  });
  const broken = explainYaml(yaml, source.text);
  if (broken.length > 0) return { diagnostics: broken.map(spanned) };
  const alias = aliasProblem(yaml);
  if (alias) return { diagnostics: [spanned(alias)] };
  const comments = readAsWritten(yaml, source.text);
  const document: ListDocument = {
    source,
    // What aliases expand to is counted above; their mere number says nothing.
    value: yaml.toJS({ maxAliasCount: -1 }),
    at: (path, finding) => diagnose(placeOf(yaml, lines, { path, about: finding.about ?? 'value' }), finding),
  };
  return { document, diagnostics: comments.map(spanned) };
}
