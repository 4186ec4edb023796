/**
 * Something to say about a place in a shot list. A plain value: gathered, sorted, and printed by `ui/`
 * without colour codes of its own.
 */
export interface Diagnostic extends Range {
  /** Stable, such as `SL101`; listed in `codes.ts`. */
  readonly code: string;
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
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };
