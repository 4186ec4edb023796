import stringWidth from 'string-width';
import { escapeOf, hiddenCharacters } from '../base/hidden-characters.js';
import { formatCount } from '../base/units.js';
import type { Diagnostic, Range } from '../language/diagnostic.js';
import { cut, INDENT, wrap } from './fit.js';
import { createPaint, type Paint } from './paint.js';
import { jsonText, visible } from './visible.js';

/** Format of printed diagnostics. */
export type DiagnosticFormat = 'pretty' | 'json' | 'github';

/** Format of diagnostics, and the screen to fit. */
export interface DiagnosticOptions {
  readonly format: DiagnosticFormat;
  /** Text of each file by the name its diagnostics use; without it there is no code frame. */
  readonly sources: ReadonlyMap<string, string>;
  readonly color: boolean;
  /** Terminal columns to fit in; `Infinity` to leave lines as long as they are. */
  readonly width: number;
}

/** Most problems shown of one file: one wrong default in a list of ten thousand shots makes ten thousand of them. */
const MOST_SHOWN = 100;

/** Widest code frame, columns: a wider one does not help, even where lines may have any length. */
const WIDEST_FRAME = 160;

/**
 * Diagnostics as text that ends with a newline, in the order given. `pretty` is for people: code frames, hints and a
 * count, at most 100 problems of a file. `json` is an array of objects with every field; a missing `hint` is null.
 * `github` is annotations of a workflow.
 */
export function formatDiagnostics(diagnostics: readonly Diagnostic[], options: DiagnosticOptions): string {
  switch (options.format) {
    case 'json':
      return `${jsonText(diagnostics.map(toJson), 2)}\n`;
    case 'github':
      return diagnostics.map((each) => `${annotation(each)}\n`).join('');
    case 'pretty':
      return diagnostics.length === 0 ? '' : formatPretty(diagnostics, options);
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

/** Percent-encodes as GitHub's own `@actions/core` does: a workflow command is one line. */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

function formatPretty(diagnostics: readonly Diagnostic[], options: DiagnosticOptions): string {
  const paint = createPaint(options.color);
  const files = [...new Set(diagnostics.map(({ file }) => file))];
  const blocks = files.flatMap((file) => {
    const all = diagnostics.filter((each) => each.file === file);
    const lines = options.sources.get(file)?.split('\n');
    const shown = mostSevere(all).map((each) => formatDiagnostic(each, { lines, options, paint }));
    const hidden = all.length - shown.length;
    if (hidden === 0) return shown;
    return [...shown, `${visible(file)}: ${formatCount(hidden, 'more problem')} not shown`];
  });
  return `${[...blocks, countLine(diagnostics, files.length)].join('\n\n')}\n`;
}

/** At most 100 diagnostics, in the order given; errors are kept before warnings. */
function mostSevere(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
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

function formatDiagnostic(
  diagnostic: Diagnostic,
  { lines, options: { width }, paint }: BlockContext,
): string {
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

function countLine(diagnostics: readonly Diagnostic[], files: number): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const warnings = diagnostics.length - errors;
  const parts = [
    ...(errors > 0 ? [formatCount(errors, 'error')] : []),
    ...(warnings > 0 ? [formatCount(warnings, 'warning')] : []),
  ];
  return `${parts.join(', ')} in ${formatCount(files, 'file')}`;
}

/** A line of a file, and the part of it to mark. */
export interface CodeFrameOptions {
  /** The line of text that the range begins on, without its line break. */
  readonly text: string;
  readonly range: Range;
  /** Terminal columns to fit in. */
  readonly width: number;
  readonly paint: Paint;
  /** Colours the carets. */
  readonly mark: (text: string) => string;
}

/** Least room for the text of a frame, columns: less shows nothing useful. */
const LEAST_WIDTH = 16;

/** Most characters measured on either side of the place: more than a frame shows; a line may have a megabyte. */
const MOST_MEASURED = 1000;

/**
 * Two lines of text: the line with the problem, and carets under the place. A line longer than the width is cut around
 * the place. Of a range of several lines, the first is marked to its end.
 */
function codeFrame({ text, range, width, paint, mark }: CodeFrameOptions): string[] {
  const gutter = `${range.line} | `;
  const room = Math.max(LEAST_WIDTH, width - gutter.length - INDENT.length);
  const start = Math.min(range.column - 1, text.length);
  const end =
    range.endLine > range.line ? text.length : Math.min(Math.max(range.endColumn - 1, start), text.length);
  const parts = cutAround(
    {
      before: printable(text.slice(Math.max(0, start - MOST_MEASURED), start)),
      marked: printable(shown(text.slice(start, Math.min(end, start + MOST_MEASURED)))),
      after: printable(text.slice(end).slice(0, MOST_MEASURED)),
    },
    room,
  );
  const carets = '^'.repeat(Math.max(1, stringWidth(parts.marked)));
  const under = `${' '.repeat(gutter.length - 2)}| `;
  return [
    `${INDENT}${paint.dim(gutter)}${parts.before}${parts.marked}${parts.after}`,
    `${INDENT}${paint.dim(under)}${' '.repeat(stringWidth(parts.before))}${mark(carets)}`,
  ];
}

interface Parts {
  readonly before: string;
  readonly marked: string;
  readonly after: string;
}

function cutAround({ before, marked, after }: Parts, room: number): Parts {
  const [left, middle, right] = [stringWidth(before), stringWidth(marked), stringWidth(after)];
  if (left + middle + right <= room) return { before, marked, after };
  // The text before the place gets a third of the room, or all that the rest of the line leaves.
  const lead = Math.min(left, Math.max(Math.floor(room / 3), room - middle - right));
  const rest = room - lead;
  return {
    before: cut(before, lead, 'start'),
    marked: cut(marked, rest),
    after: cut(after, rest - middle),
  };
}

/** A marked part; if it is one character that cannot be seen, its number. */
function shown(marked: string): string {
  const hidden = marked.length <= 2 ? hiddenCharacters(marked) : [];
  return hidden.length === 1 ? escapeOf(marked) : marked;
}

/** Source text that is safe to print; a tab becomes two columns, so that the carets are under the right characters. */
function printable(text: string): string {
  return visible(text.replaceAll('\t', '  '));
}
