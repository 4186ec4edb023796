import { formatCount } from '../base/units.js';
import type { Diagnostic } from '../language/diagnostic.js';
import { codeFrame } from './code-frame.js';
import { INDENT, wrap } from './fit.js';
import { jsonText } from './json-text.js';
import { createPaint, type Paint } from './paint.js';
import { visible } from './visible.js';

export type DiagnosticFormat = 'pretty' | 'json' | 'github';

export interface DiagnosticOptions {
  readonly format: DiagnosticFormat;
  /** Text of each file by the name its diagnostics use; without it there is no code frame. */
  readonly sources: ReadonlyMap<string, string>;
  readonly color: boolean;
  /** Terminal columns to fit in; `Infinity` to leave lines as long as they are. */
  readonly width: number;
}

/** Per file; a list of ten thousand shots with one wrong default has ten thousand problems of one kind. */
const MOST_SHOWN = 100;

/** Past this a frame no longer helps, even where lines may be as long as they like. */
const WIDEST_FRAME = 160;

/**
 * Diagnostics as text, in the order given, ending with a newline. `pretty` is for people: code frames, hints and a
 * count, at most 100 of a file; `json` is an array with every field, `hint` null where there is none; `github` is
 * workflow annotations.
 */
export function formatDiagnostics(diagnostics: readonly Diagnostic[], options: DiagnosticOptions): string {
  switch (options.format) {
    case 'json':
      return `${jsonText(diagnostics.map(toJson), 2)}\n`;
    case 'github':
      return diagnostics.map((each) => `${annotation(each)}\n`).join('');
    case 'pretty':
      return diagnostics.length === 0 ? '' : pretty(diagnostics, options);
  }
}

function toJson(diagnostic: Diagnostic) {
  const { code, severity, message, file, line, column, endLine, endColumn, hint = null } = diagnostic;
  return { code, severity, message, file, line, column, endLine, endColumn, hint };
}

function annotation(diagnostic: Diagnostic): string {
  const { severity, file, line, column, endLine, endColumn, code, message, hint } = diagnostic;
  const properties = Object.entries({ file, line, col: column, endLine, endColumn, title: code })
    .map(([key, value]) => `${key}=${escapeProperty(visible(String(value)))}`)
    .join(',');
  const text = hint === undefined ? visible(message) : `${visible(message)}\nhint: ${visible(hint)}`;
  return `::${severity} ${properties}::${escapeData(text)}`;
}

/** As GitHub's own `@actions/core` does it: workflow commands are one line, percent-encoded. */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

function pretty(diagnostics: readonly Diagnostic[], options: DiagnosticOptions): string {
  const paint = createPaint(options.color);
  const files = [...new Set(diagnostics.map(({ file }) => file))];
  const blocks = files.flatMap((file) => {
    const all = diagnostics.filter((each) => each.file === file);
    const lines = options.sources.get(file)?.split('\n');
    const shown = most(all).map((each) => block(each, { lines, options, paint }));
    const hidden = all.length - shown.length;
    if (hidden === 0) return shown;
    return [...shown, `${visible(file)}: ${formatCount(hidden, 'more problem')} not shown`];
  });
  return `${[...blocks, count(diagnostics, files.length)].join('\n\n')}\n`;
}

/** The first hundred of a file, errors before warnings if not all fit, still in the order given. */
function most(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  if (diagnostics.length <= MOST_SHOWN) return diagnostics;
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const warnings = diagnostics.filter(({ severity }) => severity === 'warning');
  const chosen = new Set([...errors, ...warnings].slice(0, MOST_SHOWN));
  return diagnostics.filter((each) => chosen.has(each));
}

interface BlockContext {
  readonly lines: readonly string[] | undefined;
  readonly options: DiagnosticOptions;
  readonly paint: Paint;
}

function block(diagnostic: Diagnostic, { lines, options: { width }, paint }: BlockContext): string {
  const { file, line, column, severity, code, message, hint } = diagnostic;
  const mark = severity === 'error' ? paint.red : paint.yellow;
  const place = paint.cyan(`${visible(file)}:${line}:${column}`);
  const text = lines?.[line - 1]?.replace(/\r$/, '');
  const frameWidth = Math.min(width, WIDEST_FRAME);
  return [
    wrap(`${place} ${mark(severity)} ${paint.dim(code)}  ${visible(message)}`, width),
    ...(text === undefined ? [] : codeFrame({ text, range: diagnostic, width: frameWidth, paint, mark })),
    ...(hint === undefined ? [] : [wrap(`${INDENT}${paint.bold('hint:')} ${visible(hint)}`, width)]),
  ].join('\n');
}

function count(diagnostics: readonly Diagnostic[], files: number): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const warnings = diagnostics.length - errors;
  const parts = [
    ...(errors > 0 ? [formatCount(errors, 'error')] : []),
    ...(warnings > 0 ? [formatCount(warnings, 'warning')] : []),
  ];
  return `${parts.join(', ')} in ${formatCount(files, 'file')}`;
}
