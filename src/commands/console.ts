import { readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { Exit, type ExitCode } from '../base/exit.js';
import type { Diagnostic } from '../language/diagnostic.js';
import { wantsColor } from '../ui/paint.js';
import { visible } from '../ui/visible.js';

/** The parts of the process that commands use. */
export interface Console {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: NodeJS.ProcessEnv;
}

/** An unsuccessful end of a command. */
export interface Failure {
  readonly exit: ExitCode;
  readonly message: string;
  readonly hint?: string;
}

/** Writes a failure to standard error; returns its exit code. */
export function fail({ stderr }: Console, { exit, message, hint }: Failure): ExitCode {
  // Messages may contain file names and answers of servers; the lines themselves are ours.
  const shown = (text: string) => text.split('\n').map(visible).join('\n');
  stderr.write(`shotlist: ${shown(message)}\n${hint === undefined ? '' : `hint: ${shown(hint)}\n`}`);
  return exit;
}

/** A path as people see it: relative to the current folder, with `/`, and safe to print. */
export function shownPath(path: string): string {
  return visible(relative(process.cwd(), path).split(sep).join('/') || '.');
}

/** Columns to fit in; infinite for a file or a pipe. */
export function widthOf(stream: NodeJS.WriteStream): number {
  return stream.isTTY ? stream.columns : Number.POSITIVE_INFINITY;
}

/** True if text on the stream may have colours. */
export function colorOf(stream: NodeJS.WriteStream, { env }: Console): boolean {
  return wantsColor(stream.isTTY === true, env);
}

/** Writes diagnostics for people, each with its place in the text. */
export async function showDiagnostics(
  stream: NodeJS.WriteStream,
  diagnostics: readonly Diagnostic[],
  console: Console,
): Promise<void> {
  // Most lists are right, and measuring text takes longer to load than checking a list.
  const { formatDiagnostics } = await import('../ui/diagnostics.js');
  const sources = readSources(diagnostics);
  const options = { sources, color: colorOf(stream, console), width: widthOf(stream) };
  stream.write(formatDiagnostics(diagnostics, { format: 'pretty', ...options }));
}

/** The exit code of a command that found these diagnostics. */
export function exitOf(diagnostics: readonly Diagnostic[]): ExitCode {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return Exit.done;
  return errors.every(({ code }) => code === 'SL001') ? Exit.missing : Exit.invalid;
}

/** Texts of the files that diagnostics name, by path, without those that cannot be read. */
export function readSources(diagnostics: readonly Diagnostic[]): ReadonlyMap<string, string> {
  const files = new Set(diagnostics.map(({ file }) => file));
  const sources = new Map<string, string>();
  for (const file of files) {
    try {
      // The loader takes a byte order mark for no part of the text.
      sources.set(file, readFileSync(file, 'utf8').replace(/^\ufeff/, ''));
    } catch {
      // Its diagnostic is shown without the line: it may be the one that says why the file cannot be read.
    }
  }
  return sources;
}
