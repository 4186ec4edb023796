import type { Code } from './codes.js';

/**
 * Something to say about a place in a shot list. A plain value: gathered, sorted, and printed by `ui/`;
 * it holds no colour codes.
 */
export interface Diagnostic extends Range {
  /** Stable, such as `SL101`; `codes.ts` lists them. */
  readonly code: Code;
  readonly severity: 'error' | 'warning';
  /** One sentence in the reader's words. */
  readonly message: string;
  /** Path of the file as the user named it. */
  readonly file: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** A stretch of text; lines and columns count from 1, the end is exclusive. */
export interface Range {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** What a check returns: its value with warnings, or every problem found (errors and warnings). */
export type Checked<T> =
  | { readonly ok: true; readonly value: T; readonly diagnostics: readonly Diagnostic[] }
  | {
      readonly ok: false;
      readonly diagnostics: readonly Diagnostic[];
      /** What could be read, for finding more problems in it; never for running. */
      readonly partial?: T;
    };

/** `value` if no diagnostic is an error, else the failure with `value` as what could be read. */
export function checked<T>(value: T, diagnostics: readonly Diagnostic[]): Checked<T> {
  const sorted = sortDiagnostics(diagnostics);
  return sorted.some(({ severity }) => severity === 'error')
    ? { ok: false, diagnostics: sorted, partial: value }
    : { ok: true, value, diagnostics: sorted };
}

/** By file and place; what several shots inherit from one place is said once. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const distinct = new Map<string, Diagnostic>();
  for (const one of diagnostics) {
    const key = `${one.file}:${one.line}:${one.column}:${one.code}:${one.message}`;
    if (!distinct.has(key)) distinct.set(key, one);
  }
  const files = [...new Set(diagnostics.map(({ file }) => file))];
  const order = (one: Diagnostic) => files.indexOf(one.file);
  return [...distinct.values()].sort((a, b) => order(a) - order(b) || a.line - b.line || a.column - b.column);
}
