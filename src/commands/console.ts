import { readFileSync } from 'node:fs';
import { Exit, type ExitCode } from '../base/exit.js';
import type { Diagnostic } from '../language/diagnostic.js';
import { wantsColor } from '../ui/paint.js';
import { visible } from '../ui/visible.js';

/** The process as a command sees it. */
export interface Console {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: NodeJS.ProcessEnv;
}

/** A command's end that is not success: what to say, and the exit code. */
export interface Failure {
  readonly exit: ExitCode;
  readonly message: string;
  readonly hint?: string;
}

/** Says why a command cannot go on, and returns its exit code. */
export function fail({ stderr }: Console, { exit, message, hint }: Failure): ExitCode {
  // File names and what servers say come in here; lines of ours end where they end.
  const shown = (text: string) => text.split('\n').map(visible).join('\n');
  stderr.write(`shotlist: ${shown(message)}\n${hint === undefined ? '' : `hint: ${shown(hint)}\n`}`);
  return exit;
}

/** Columns to fit in; text that goes into a file or a pipe is left as long as it is. */
export function widthOf(stream: NodeJS.WriteStream): number {
  return stream.isTTY ? stream.columns : Number.POSITIVE_INFINITY;
}

export function colorOf(stream: NodeJS.WriteStream, { env }: Console): boolean {
  return wantsColor(stream.isTTY === true, env);
}

/** Shows diagnostics for people, each with its place in the text. */
export async function showDiagnostics(
  stream: NodeJS.WriteStream,
  diagnostics: readonly Diagnostic[],
  console: Console,
): Promise<void> {
  // Loaded only when there is something to show: what measures text takes longer to start than a list to check.
  const { formatDiagnostics } = await import('../ui/diagnostics.js');
  const sources = readSources(diagnostics);
  const options = { sources, color: colorOf(stream, console), width: widthOf(stream) };
  stream.write(formatDiagnostics(diagnostics, { format: 'pretty', ...options }));
}

/** The exit code that diagnostics ask for. */
export function exitOf(diagnostics: readonly Diagnostic[]): ExitCode {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return Exit.done;
  return errors.every(({ code }) => code === 'SL001') ? Exit.missing : Exit.invalid;
}

/** Texts of the files that diagnostics name; a file that is no text is shown without its lines. */
export function readSources(diagnostics: readonly Diagnostic[]): ReadonlyMap<string, string> {
  const files = new Set(diagnostics.map(({ file }) => file));
  const sources = new Map<string, string>();
  for (const file of files) {
    try {
      sources.set(file, readFileSync(file, 'utf8'));
    } catch {
      // Its diagnostic is shown without the line: it may be the one that says why the file cannot be read.
    }
  }
  return sources;
}
